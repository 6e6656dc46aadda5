"""The page "Convolution or recurrence": what its controls change, its findings, its rows."""

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ideas.article_rows import (
    ArticleRow,
    article_rows,
    check_row,
    drawn_texts,
    open_link,
)

ADDRESS = "convolution-or-recurrence"


def page(locale: str = "en-US", **settings: Any) -> AppTest:
    query = "&".join(f"{name}={value}" for name, value in settings.items())
    return open_link(f"{ADDRESS}?{query}", locale)


def finding(at: AppTest) -> str:
    text: str = at.subheader[0].value
    return re.sub(r"\\(.)", r"\1", text)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "A cell sees 9 characters, 1 + (5 − 1) × 2, and nothing of the rest of the text"),
        ({"kernel": 1}, "A kernel of 1 sees one character at a time"),
        ({"kernel": 2, "layers": 4, "doubling": 1}, "A cell sees 16 characters, 1 + (2 − 1) × 15"),
        (
            {"dilation": 8, "layers": 1},
            "spans 33 characters, 1 + (5 − 1) × 8, but reads only 5",
        ),
        ({"text": "cat"}, "A cell spans 9 characters, 1 + (5 − 1) × 2: the whole text of 3"),
        ({"part": "order"}, "Moved by 7 characters, the pooled answer stands still"),
        ({"part": "order", "start": 2}, "Nothing has changed yet"),
        (
            {"part": "order", "start": 2, "swap": 1},
            "and the pooled answer is the same",
        ),
        ({"part": "order", "start": 2, "swap": 1, "gap": 2}, "One window sees both words"),
        ({"part": "order", "pooling": "pieces"}, "Windows side by side say where the words are"),
        ({"part": "stack"}, "Of 500 time steps 95 are left at the end of the stack"),
        ({"part": "stack", "padding": "causal", "pool": 1}, "All 500 time steps are left after 2"),
        ({"part": "fragments"}, "In “Papadopoulos” one filter answers to “oulos”"),
        ({"part": "fragments", "name": "0"}, "None of these filters finds its pattern in “0”"),
    ],
    ids=str,
)
def test_the_finding_follows_the_settings(settings: dict[str, Any], text: str) -> None:
    assert text in finding(page(**settings))


@pytest.mark.parametrize(
    "settings",
    [
        {"kernel": 15, "dilation": 8, "layers": 4, "text": "x" * 60, "at": 59},
        {"kernel": 15, "layers": 4, "doubling": 1, "text": "한글도 글자입니다 <b>&amp;", "at": 0},
        {"part": "order", "first": "abcdef", "second": "ghijkl", "start": 12, "gap": 12},
        {"part": "order", "first": "a a", "second": "<i>", "kernel": 15, "pooling": "average"},
        {
            "part": "stack",
            "steps": 2000,
            "kernel": 15,
            "dilation": 8,
            "layers": 4,
            "padding": "causal",
        },
        {"part": "fragments", "name": "한글 <b>Ünal"},
    ],
    ids=str,
)
def test_the_extremes_are_drawn_in_korean(settings: dict[str, Any]) -> None:
    assert re.search("[가-힣]", finding(page("ko-KR", **settings)))


@pytest.mark.parametrize(
    ("part", "name", "text"),
    [("window", "text", "Type a text"), ("order", "second", "Type two words")],
)
def test_without_a_text_the_page_asks_for_one(part: str, name: str, text: str) -> None:
    at = page(part=part)
    at.text_input(key=f"convolution.{name}").set_value("").run()
    assert text in at.info[0].value
    assert not at.exception


def test_a_stack_that_swallows_the_sequence_is_refused_in_a_sentence() -> None:
    at = page(part="stack", steps=50, kernel=15)
    assert "Layer 2 has 7 steps left, but its window spans 15" in at.warning[0].value
    at.slider(key="convolution.kernel").set_value(3).run()
    assert not at.warning
    assert "Of 50 time steps" in finding(at)


@pytest.mark.parametrize(
    "settings", [{"kernel": "99"}, {"dilation": "x"}, {"part": "no"}, {"at": "-7"}], ids=str
)
def test_a_link_with_a_wrong_value_is_reported(settings: dict[str, str]) -> None:
    at = page(**settings)
    assert at.warning
    assert finding(at)


def test_a_cell_that_is_picked_moves_the_window() -> None:
    texts = {" ".join(drawn_texts(page(at=at))) for at in (3, 20)}
    assert any("The cell of character 4 in layer 2 and the 4 characters" in text for text in texts)
    assert any("The cell of character 21 in layer 2 and the 9 characters" in text for text in texts)


@pytest.mark.parametrize("row", article_rows("convolution"), ids=str)
def test_the_link_of_a_row_shows_its_idea(row: ArticleRow) -> None:
    check_row(row)


def test_the_table_has_the_rows_of_the_page() -> None:
    numbers = [row.number for row in article_rows("convolution")]
    assert numbers == [26, *range(105, 112)]
