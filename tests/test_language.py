"""Korean is complete: every message has one translation, with the same fields, and only one."""

import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from rnnviz.messages import Problem
from rnnviz.tasks import TASKS
from rnnviz.ui import language
from rnnviz.ui.pages import all_pages

ROOT = Path(__file__).parents[1]
CATALOGUES = sorted((ROOT / "assets" / "locale").glob("*/*.po"))
LANGUAGES = [code for code in language.LANGUAGES if code != "en"]


def messages() -> dict[str, str]:
    """Every message of the app and where it was found first."""
    found: dict[str, str] = {}
    for place, message in _everywhere():
        found.setdefault(message, place)
    return found


def _everywhere() -> Iterator[tuple[str, str]]:
    python = [ROOT / "app.py", *ROOT.glob("rnnviz/**/*.py"), *ROOT.glob("pages/**/*.py")]
    scripts = list(ROOT.glob("assets/**/*.js"))
    for method, paths in (("python", python), ("javascript", scripts)):
        keywords = {"_": None, "N_": None} if method == "python" else {"say": None}
        for path in sorted(paths):
            for line, message, _notes, _context in extract_from_file(method, path, keywords):
                assert isinstance(message, str), f"{path}:{line}: plural forms are not in use"
                yield f"{path.relative_to(ROOT)}:{line}", message
    for entry in all_pages():
        yield entry.path, entry.card.title
        yield entry.path, entry.card.sentence
    for name, task in TASKS.items():
        yield f"the help of the task {name}", task.help()


def fields(message: str) -> set[str]:
    return {name for _text, name, _spec, _how in string.Formatter().parse(message) if name}


def test_there_are_messages_of_every_kind() -> None:
    found = messages()
    assert {Path(place.split(":")[0]).suffix for place in found.values()} >= {".py", ".js"}
    assert all(entry.card.sentence in found for entry in all_pages())


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_message_is_translated(code: str) -> None:
    known = language.catalogue(code)
    missing = [
        f"{place}: {message!r}" for message, place in messages().items() if message not in known
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_translation_fills_the_same_fields(code: str) -> None:
    wrong = [
        f"{message!r}: {sorted(fields(message))}, {translated!r}: {sorted(fields(translated))}"
        for message, translated in language.catalogue(code).items()
        if fields(message) != fields(translated)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_translation_is_left_over(code: str) -> None:
    found = messages()
    stale = [message for message in language.catalogue(code) if message not in found]
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
                told = (str(message.string), path.name)
                before = seen.setdefault(str(message.id), told)
                assert before[0] == told[0], f"{message.id!r}: {before} and {told}"


def test_without_a_session_everything_is_english() -> None:
    assert language._("Home") == "Home"
    problem = Problem("{name} is {value}.", name="Hidden units", value=3)
    assert language.say(problem) == "Hidden units is 3." == str(problem)


def test_a_script_gets_its_texts() -> None:
    source = """say("Play"); el.textContent = say("Step {step} of {steps}", {step: 1, steps: 2});"""
    assert language.spoken(source) == ("Play", "Step {step} of {steps}")
    assert language.for_script(source) == {text: text for text in language.spoken(source)}
