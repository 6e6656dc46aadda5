"""Korean is complete: every message has one translation, with the same fields, and only one."""

import json
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from rnnviz.messages import REWORDED, Message, Problem, fill
from rnnviz.tasks import TASKS
from rnnviz.ui import language
from rnnviz.ui.pages import all_pages

ROOT = Path(__file__).parents[1]
CATALOGUES = sorted((ROOT / "assets" / "locale").glob("*/*.po"))
LANGUAGES = [code for code in language.LANGUAGES if code != "en"]


def messages() -> dict[str, str]:
    """Every message of the app and where it occurs first."""
    places: dict[str, str] = {}
    for place, message in _occurrences():
        places.setdefault(message, place)
    return places


def _occurrences() -> Iterator[tuple[str, str]]:
    python = [ROOT / "app.py", *ROOT.glob("rnnviz/**/*.py"), *ROOT.glob("pages/**/*.py")]
    scripts = list(ROOT.glob("assets/**/*.js"))
    for method, paths in (("python", python), ("javascript", scripts)):
        keywords = {"_": None, "N_": None} if method == "python" else {"say": None}
        for path in sorted(paths):
            for line, message, _notes, _context in extract_from_file(method, path, keywords):
                assert isinstance(message, str), f"{path}:{line}: plural forms are not in use"
                yield f"{path.relative_to(ROOT)}:{line}", message
    for page in all_pages():
        yield page.path, page.card.title
        yield page.path, page.card.sentence
    for name, task in TASKS.items():
        yield f"the help of the task {name}", task.help()


def fields(message: str) -> set[str]:
    return {name for _text, name, _spec, _how in string.Formatter().parse(message) if name}


def values(message: str) -> set[str]:
    """Its fields but those that only choose between two forms of a word."""
    return {
        name
        for _text, name, spec, _how in string.Formatter().parse(message)
        if name and "|" not in (spec or "")
    }


def test_there_are_messages_of_every_kind() -> None:
    places = messages()
    assert {Path(place.split(":")[0]).suffix for place in places.values()} >= {".py", ".js"}
    assert all(page.card.sentence in places for page in all_pages())


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_message_is_translated(code: str) -> None:
    catalogue = language.catalogue(code)
    missing = [
        f"{place}: {message!r}" for message, place in messages().items() if message not in catalogue
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_translation_fills_the_same_fields(code: str) -> None:
    wrong = [
        f"{message!r}: {sorted(fields(message))}, {translated!r}: {sorted(fields(translated))}"
        for message, translated in language.catalogue(code).items()
        if not values(message) <= fields(translated) <= fields(message)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_translation_is_left_over(code: str) -> None:
    current = messages()
    stale = [message for message in language.catalogue(code) if message not in current]
    assert not stale, "\n".join(stale)


@pytest.mark.parametrize("code", LANGUAGES)
def test_two_files_never_disagree(code: str) -> None:
    seen: dict[str, tuple[str, str]] = {}
    for path in CATALOGUES:
        if path.parent.name != code:
            continue
        with path.open("rb") as file:
            for message in read_po(file, abort_invalid=True):
                if not message.id:
                    continue
                assert not message.fuzzy, f"{path.name}: {message.id!r} is fuzzy"
                entry = (str(message.string), path.name)
                first = seen.setdefault(str(message.id), entry)
                assert first[0] == entry[0], f"{message.id!r}: {first} and {entry}"


NOUNS = "characters columns directions entries examples layers lines models networks parameters"
NOUNS += " rows runs seconds seeds steps symbols times tokens units words"
COUNTED = re.compile(rf"\{{\w+\}} (?:[a-z]+ )?(?:{'|'.join(NOUNS.split())})\b")
NEVER_ONE = (
    *("more than {limit} lines", "more than {limit} characters", "names {columns} columns"),
    *("longer than {limit} characters", "holds {count} entries", "has {count} characters; allowed"),
    *("{total} tokens. The first", "sequences have {T} steps", "trained for {steps} steps at most"),
    *("has locked the database {file} for {seconds} seconds", "over {reach} of {lag} steps"),
    *("{count} of {rows} rows", "takes {needed} rows", "in {length} steps", "{patience} steps"),
    *("All {steps} steps", "{seconds} seconds of training", "{most} training steps"),
    *("all {count} validation examples", "all {count} test examples"),
    *("{count} of {size} test examples", "{count} of the {size} training examples"),
    *("{count} training examples, learned", "{count} examples that training draws as well"),
    *("examples that training draws as well"),
    *(
        "{count} seeds",
        "with {hidden} units",
        "{U} output symbols",
        "{speed} steps/s",
        "at steps {first}",
    ),
)
"""Phrases whose number is never 1: it is above a limit, or its control starts higher."""


def test_a_number_that_may_be_one_has_a_singular() -> None:
    wrong = [
        f"{place}: {message!r}"
        for message, place in messages().items()
        if COUNTED.search(message) and not any(phrase in message for phrase in NEVER_ONE)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("count", "text"), [(1, "1 row"), (0, "0 rows"), (21, "21 rows")])
def test_words_follow_their_number(count: int, text: str) -> None:
    template = "{count} {count:row|rows}"
    assert fill(template, {"count": count}) == text
    assert fill(template, {"count": str(count)}) == text
    assert language._(template, count=count) == text
    assert language.say(Problem(template, count=count)) == text
    assert language.catalogue("ko")[template].format(count=count) == f"{count} 행"


def test_other_fields_are_filled_as_str_format_does() -> None:
    assert fill("{share:.1%} of {what!r}, {share:>6}", {"share": 0.5, "what": "x"}) == (
        "50.0% of 'x',    0.5"
    )
    with pytest.raises(KeyError):
        fill("{missing:a|b}", {})


def test_without_a_session_everything_is_english() -> None:
    assert language._("Home") == "Home"
    problem = Problem("{name} is {value}.", name="Hidden units", value=3)
    assert language.say(problem) == "Hidden units is 3." == str(problem)


def test_a_script_gets_its_messages() -> None:
    source = """say("Play"); el.textContent = say("Step {step} of {steps}", {step: 1, steps: 2});"""
    assert language.script_messages(source) == ("Play", "Step {step} of {steps}")
    assert language.script_translations(source) == {
        text: text for text in language.script_messages(source)
    }


def test_a_stored_message_is_read_in_the_words_of_this_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cause = Message("It was {error}.", {"error": "killed", "signal": None})
    message = Message("{n} {n:time|times}: {last}", {"n": 3, "last": cause})
    assert language.say(message) == "3 times: It was killed."
    plain = json.loads(json.dumps(message.to_plain()))
    assert Message.from_plain(plain) == message
    monkeypatch.setitem(REWORDED, "It was {error}.", "It ended with {error}.")
    assert str(Message.from_plain(plain)) == "3 times: It ended with killed."


def test_reworded_messages_lead_to_current_messages() -> None:
    assert set(REWORDED.values()) <= set(messages())
    assert not set(REWORDED) & set(messages())
