"""The page "Text into numbers": the conveyor shows the arrays, every control reaches it."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.ideas.text import TextSettings
from rnnviz.settings import Choice, Range, rules
from rnnviz.ui.ideas.text.controls import SUGGESTIONS
from tests.ideas.article_rows import ArticleRow, article_rows, check_row, drawn_texts, open_link

PAGE = "text-into-numbers"
ROWS = article_rows("text")
RULES = rules(TextSettings)


def finding(at: AppTest) -> str:
    return re.sub(r"\\(.)", r"\1", at.subheader[0].value)


def picture(at: AppTest) -> str:
    html: str = at.get("bidi_component")[0].proto.bytes.decode()
    return html


def columns(at: AppTest) -> list[str]:
    """What the columns of the picture are called: "film: number 18"."""
    return re.findall(r'data-pick="\d+" aria-label="([^"]*)"', picture(at))


def test_the_rows_of_the_issue_are_all_there() -> None:
    numbers = [27, 31, 32, 33, 35, 36, 37, 40, 67, 68, 69, 70, *range(72, 77), 78, 79, 80, 83, 89]
    assert [row.number for row in ROWS] == [*numbers, 131, 141, 142, 143]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_of_the_articles_is_shown(row: ArticleRow) -> None:
    check_row(row)


def test_typing_and_moving_controls_changes_the_finding() -> None:
    at = open_link(PAGE)
    assert "“zoetrope” is not among the 2,000 tokens" in finding(at)
    assert columns(at)[1:3] == ["zoetrope: number 1", "film: number 18"]
    at.text_input(key="text.text").set_value("the film was good").run()
    assert "has a number for each token" in finding(at)
    at.slider(key="text.longest").set_value(3).run()
    assert "“good” is cut off" in finding(at)
    at.segmented_control(key="text.cutting").set_value("before").run()
    assert "“the” is cut off" in finding(at)
    assert columns(at)[0] == "film: number 18"
    at.segmented_control(key="text.vectors").set_value("bag").run()
    assert "very same bag" in finding(at)


def test_a_picked_word_shows_its_row() -> None:
    at = open_link(f"{PAGE}?picked=5")
    assert "“good” is number 53" in picture(at)
    assert "difference: 0" in picture(at)
    at = open_link(f"{PAGE}?picked=7")
    assert "“good” is number 53" in picture(at), "padding cannot be picked: the last token is"


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if isinstance(rule, Choice)])
def test_every_choice_reaches_the_page(name: str) -> None:
    rule = RULES[name]
    assert isinstance(rule, Choice)
    kind = {"weighting": "&vectors=bag", "reader": "&origin=training"}.get(name, "")
    pages = set()
    for code in rule.options:
        at = open_link(f"{PAGE}?text=a very very good film&longest=3&{name}={code}{kind}")
        pages.add("".join(drawn_texts(at)))
    assert len(pages) == len(rule.options)


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if isinstance(rule, Range)])
def test_the_ends_of_every_slider(name: str) -> None:
    rule = RULES[name]
    assert isinstance(rule, Range)
    kind = {"buckets": "&vectors=hashing", "step": "&origin=training"}.get(name, "")
    findings = {finding(open_link(f"{PAGE}?{name}={end}{kind}")) for end in (rule.low, rule.high)}
    assert len(findings) == 2 or name == "top_k"


@pytest.mark.long
@pytest.mark.parametrize("number", range(len(SUGGESTIONS)))
def test_a_suggestion_shows_what_it_promises(number: int) -> None:
    promise, changes = SUGGESTIONS[number]
    at = open_link(f"{PAGE}?longest=5&vectors=hashing")
    (button,) = [button for button in at.button if button.label == promise]
    button.click().run()
    assert not at.exception
    expected = {
        0: "“zoetrope” is not among",
        1: "has 11 numbers here",
        2: "has a number for each token",
        3: "cut off",
        4: "has 4 numbers here",
        5: "keep some of the order",
        6: "begin to part",
    }[number]
    assert expected in finding(at)
    assert at.text_input(key="text.text").value == changes.get("text", TextSettings().text)


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_an_empty_or_hostile_text_is_answered(locale: str) -> None:
    at = open_link(PAGE, locale)
    at.text_input(key="text.text").set_value("   ").run()
    assert not at.exception
    (warning,) = at.warning
    assert ("empty" in warning.value) == (locale == "en-US")
    at.text_input(key="text.text").set_value("<img src=x> $x$ **b**").run()
    assert not at.exception
    assert "<img" not in picture(at)
    assert "&lt;" in picture(at)


@pytest.mark.parametrize(
    "address",
    ["longest=1e9&top_k=nan", "vectors=<b>&unit=bytes", "mask=perhaps&picked=-3&n=9"],
)
def test_wrong_values_in_a_link_are_reported_and_ignored(address: str) -> None:
    at = open_link(f"{PAGE}?{address}")
    (warning,) = at.warning
    assert warning.value.count("\n- ") == address.count("=")
    assert "“zoetrope” is not among" in finding(at)


def test_the_program_opens_with_the_numbers_of_the_page() -> None:
    at = open_link(PAGE)
    at.session_state["text.listings"] = True
    at.run()
    assert [tab.label for tab in at.tabs] == ["PyTorch", "Keras", "NumPy"]
    codes = "\n".join(code.value for code in at.code)
    assert "[3, 1, 18, 93, 27, 53]" in codes


def test_a_word_without_a_vector_is_named() -> None:
    at = open_link(f"{PAGE}?part=analogy&sum=zzzz - man %2B woman")
    assert "“zzzz”" in re.sub(r"\\(.)", r"\1", at.warning[0].value)
    at.text_input(key="text.sum").set_value("paris - france + italy").run()
    assert "≈ rome" in at.header[0].value
    at.text_input(key="text.sum").set_value("paris").run()
    assert "three words" in at.warning[0].value
    at = open_link(f"{PAGE}?picked=1")
    assert "“zoetrope”" in at.warning[0].value
