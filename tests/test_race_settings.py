"""What the settings of a race offer, and what they say of the task, as a visitor meets it."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[1] / "app.py"
PAGE = "pages/train/side_by_side.py"


def opened(**address: str) -> AppTest:
    """The page as a visitor finds it by a link with these parameters."""
    at = AppTest.from_file(APP, default_timeout=60).run()
    for name, value in address.items():
        at.query_params[name] = value
    return at.switch_page(PAGE).run()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_says_which_requests_are_synthetic(language: str) -> None:
    at = opened(task="intents", language=language)
    assert not at.exception
    told = "\n".join(each.value for each in at.caption)
    assert ("**synthetic data**" in told) == (language == "ko")
    assert ("Open Voice OS" in told) == (language == "en"), "whose templates they are"
    assert "a seeded generator fills in" in told, "in both languages"
