"""The page "Forecasting": what its controls change, its findings, the guesses, its rows."""

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.ideas.forecasting.guesses import questions
from rnnviz.ideas.forecasting.settings import WindowSettings
from tests.ideas.article_rows import (
    ArticleRow,
    article_rows,
    check_row,
    drawn_texts,
    open_link,
)
from tests.ideas.idea_page import finding

FOUR_DAYS = {"days": 4, "every": 24}
"""Four values: networks that read them are trained in a moment."""


def page(locale: str = "en-US", **settings: Any) -> AppTest:
    query = "&".join(f"{name}={value}" for name, value in settings.items())
    return open_link(f"forecasting?{query}", locale)


def guesses(*degrees: float) -> dict[str, Any]:
    text = "4.24.24~" + "".join(f"{round(each)}c" for each in degrees)
    return {"part": "guesses", **FOUR_DAYS, "guesses": text}


def answers(count: int) -> list[float]:
    return [each.target for each in questions(WindowSettings(4, 24, 24), 1)[:count]]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "240 values of 10 days in, one out: 24 hours later it is 4.9 °C, and “as it is now”"),
        ({"at": 130}, "This window spans the 20 days without data"),
        ({"at": 353}, "This window spans the border of two parts"),
        ({"at": 0}, "The window begins before the data"),
        ({"at": 683}, "The answer lies behind the end of the data"),
        ({"part": "guesses"} | FOUR_DAYS, "and that one needs no training"),
        (guesses(*[40] * 10), "Persistence beats you: off by"),
        (guesses(*answers(10)), "You beat persistence: off by 0."),
        (guesses(*answers(1)), "on 1 window, persistence by"),
        ({"part": "order"} | FOUR_DAYS, "Order is worth 0."),
        ({"part": "order", "days": 1, "every": 24}, "Order is worth nothing clear here"),
        ({"part": "order", "leaky": 1} | FOUR_DAYS, "a leak without a clear gain"),
        ({"part": "fit", "recurrent": 0} | FOUR_DAYS, "It overfits: from epoch"),
        ({"part": "fit"} | FOUR_DAYS, "It hardly overfits within 30 epochs"),
    ],
    ids=str,
)
def test_the_finding_follows_the_settings(settings: dict[str, Any], text: str) -> None:
    assert text in finding(page(**settings))


@pytest.mark.parametrize(
    "settings",
    [
        {"days": 20, "every": 1, "ahead": 168, "at": 0},
        {"days": 1, "every": 24, "ahead": 1, "at": 683},
        pytest.param(
            {"days": 1, "every": 24, "ahead": 168, "part": "guesses", "round": 999},
            marks=pytest.mark.long,
        ),
        pytest.param(
            {"days": 1, "every": 24, "ahead": 168, "part": "fit", "layers": 2},
            marks=pytest.mark.long,
        ),
    ],
    ids=str,
)
def test_the_extremes_are_drawn_in_korean(settings: dict[str, Any]) -> None:
    assert re.search("[가-힣]", finding(page("ko-KR", **settings)))


def test_a_guess_leads_to_the_next_window_until_ten_are_made() -> None:
    first, *_more = questions(WindowSettings(4, 24, 24), 1)
    text = " ".join(drawn_texts(page(part="guesses", **FOUR_DAYS)))
    assert f"now, {first.date}: {first.now:.1f} °C" in text
    assert f"Guess {first.choices[0]} °C" in text
    assert "Error on your" not in text
    text = " ".join(drawn_texts(page(**guesses(7))))
    assert "Window 2 of 10" in text
    assert f"7 → {first.target:.1f} °C off by {abs(7 - first.target):.1f}" in text
    assert "Error on your 1 window" in text
    at = page(**guesses(*[7] * 10))
    assert "All ten windows are guessed" in " ".join(drawn_texts(at))
    at.button(key="forecasting.new").click().run()
    assert "Window 1 of 10" in " ".join(drawn_texts(at))
    assert at.query_params["round"] == "2"


def test_guesses_on_other_windows_count_no_longer() -> None:
    at = page(**guesses(7) | {"guesses": "10.1.24~7c"})
    assert not at.warning
    assert "Window 1 of 10" in " ".join(drawn_texts(at))


def test_all_methods_stand_in_one_table() -> None:
    text = " ".join(drawn_texts(page(part="guesses", **FOUR_DAYS)))
    for method in (
        "linear regression",
        "persistence: as it is now",
        "the mean of the last 24 hours",
        "dense network",
        "1D convolution",
        "GRU",
    ):
        assert re.search(rf"{method} \d\.\d\d °C", text), method


@pytest.mark.parametrize(
    "settings",
    [{"days": "99"}, {"every": "x"}, {"at": "-7"}],
    ids=str,
)
def test_a_link_with_a_wrong_value_is_reported(settings: dict[str, str]) -> None:
    at = page(**settings)
    assert at.warning
    assert finding(at)


def test_wrong_guesses_are_reported() -> None:
    at = page(part="guesses", **FOUR_DAYS, guesses="<b>warm")
    assert "The guesses are" in at.warning[0].value
    assert "Window 1 of 10" in " ".join(drawn_texts(at))


@pytest.mark.parametrize("row", article_rows("forecasting"), ids=str)
def test_the_link_of_a_row_shows_its_idea(row: ArticleRow) -> None:
    check_row(row)
