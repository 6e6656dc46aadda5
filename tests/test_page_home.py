"""Home: two sentences, a door to every other page, and a stage with a trace of a real model."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.ui.language import catalogue
from rnnviz.ui.pages import all_pages

APP = Path(__file__).parents[1] / "app.py"
TITLE = "What does a recurrent network remember?"


@pytest.mark.parametrize("code", ["en", "ko"])
def test_home_says_what_this_is_and_opens_every_door(code: str) -> None:
    at = AppTest.from_file(APP, default_timeout=60)
    at.query_params["lang"] = code
    at.run()
    assert not at.exception
    assert not at.warning
    told = (lambda text: text) if code == "en" else catalogue(code).__getitem__
    assert at.title[0].value == told(TITLE)
    shown = [door.value for door in at.get("page_link")]
    assert shown == [f"**{told(entry.card.title)}**" for entry in all_pages()[1:]]


def test_the_stage_on_home_shows_what_a_network_computed() -> None:
    at = AppTest.from_file(APP, default_timeout=60).run()
    [stage] = at.get("bidi_component")
    sent = json.loads(stage.proto.json)
    assert sent["tokens"] == list("hell")
    assert sent["compact"]
    assert sent["autoplay"]
    [cell] = sent["cells"]
    assert cell["agreement"] < 1e-6
    assert 0 < cell["loss"] < 0.1, "it has learnt to spell"
