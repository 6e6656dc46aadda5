"""The page "Kinds of problems": what each kind finds, bad input, the rows of the articles."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.ui.ideas.kinds.controls import KINDS, PICTURES, bits_of, picture_code
from tests.ideas.article_rows import ArticleRow, article_rows, check_row, drawn_texts, open_link
from tests.ideas.kinds_training import trained

ROWS = article_rows("kinds")


@pytest.fixture(autouse=True)
def trained_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnviz.ideas.kinds.networks.train_model", trained)


def open_kind(locale: str = "en-US", **settings: str) -> AppTest:
    query = "&".join(f"{name}={value}" for name, value in settings.items())
    return open_link(f"kinds-of-problems?{query}", locale)


def finding(at: AppTest) -> str:
    return re.sub(r"\\(.)", r"\1", at.subheader[0].value)


def test_the_rows_are_those_of_the_issue() -> None:
    assert [row.number for row in ROWS] == [
        *(3, 4, 5, 6, 17, 25, 38, 41, 43, 95, 103, 114, 118, 120, 130, 135, 136, 140)
    ]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_is_found_where_it_says(row: ArticleRow) -> None:
    check_row(row)


def test_every_kind_has_a_finding_of_its_own() -> None:
    findings = {finding(open_kind(kind=kind)) for kind in KINDS}
    assert len(findings) == len(KINDS)


def test_the_finding_follows_the_controls() -> None:
    at = open_kind()
    whole = finding(at)
    assert "it alone writes “forty-seven”" in whole
    next(t for t in at.toggle if t.key == "kinds.cut").set_value(True)
    cut = finding(at.run())
    next(t for t in at.toggle if t.key == "kinds.attention").set_value(True)
    attention = finding(at.run())
    next(t for t in at.toggle if t.key == "kinds.cut").set_value(False)
    at.text_input[0].set_value("26")
    assert "twenty-six" in finding(at.run())
    assert "same answer" in cut
    assert "still sees the digits" in attention
    assert at.query_params["text"] == "26"


def test_a_picture_of_the_address_is_read() -> None:
    ring, empty = (picture_code(bits_of(PICTURES[name])) for name in ("ring over bar", ""))
    assert "“ring over bar”" in finding(open_kind(kind="one-to-many", picture=ring))
    assert not open_kind(kind="one-to-many", picture=empty).exception
    assert open_kind(kind="one-to-many", picture="x12").warning


def test_a_step_beyond_the_end_is_the_last() -> None:
    at = open_kind(kind="language-model", step="30", temperature="5")
    assert not at.exception
    assert any("← argmax" in text for text in drawn_texts(at))


def test_bad_texts_have_an_answer() -> None:
    assert "at least two" in open_kind(kind="language-model", text="h").warning[0].value
    assert "Type a text" in open_kind(kind="many-to-one", text=" ").info[0].value
    at = open_kind(kind="not-in-step", text="<b>")
    assert any("<b> → UNK" in text or "UNK" in text for text in drawn_texts(at))


def test_korean_reads_korean() -> None:
    at = open_kind("ko-KR", kind="many-to-one", problem="intent")
    assert re.search("[가-힣]", finding(at))
    assert at.text_input[0].value == "오늘 비가 올까요?"
