"""Home: two sentences, a door to every other page, and a stage with a trace of a real model."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.model import SequenceModel
from rnnviz.training import Experiment
from rnnviz.ui.home import SUGGESTIONS
from rnnviz.ui.language import catalogue
from rnnviz.ui.pages import all_pages
from rnnviz.ui.step.model_cache import trained_model

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
    doors = [f"**{told(entry.card.title)}**" for entry in all_pages()[1:]]
    assert shown == doors + [told(promise) for promise, _page, _settings in SUGGESTIONS]
    assert len(SUGGESTIONS) >= 3


def test_a_language_that_is_none_is_the_visitors_own() -> None:
    at = AppTest.from_file(APP, default_timeout=60).run()
    at.session_state["_settings"].values["frame.lang"] = None
    assert not at.run().exception
    assert at.title[0].value == TITLE


@pytest.mark.parametrize("number", range(len(SUGGESTIONS)))
def test_what_home_suggests_opens_a_page_with_these_settings(number: int) -> None:
    _promise, page, settings = SUGGESTIONS[number]
    at = AppTest.from_file(APP, default_timeout=120).run()
    # Somebody who has been there before and has left other settings behind.
    at.query_params.update({"hidden": "3", "weights": "untrained", "cells": "rnn"})
    at.query_params["set_clip" if "vanishing" in page else "layers"] = "1"
    at.switch_page(page).run()
    at.switch_page("pages/start/home.py").run()
    [link] = [
        link.proto
        for link in at.get("page_link")
        if link.proto.query_string and link.value == _promise
    ]
    at.query_params.clear()
    at.query_params.update(parse_qsl(link.query_string, keep_blank_values=True))
    at.switch_page(page).run()
    assert not at.exception
    refused = [notice.value for notice in at.warning if notice.icon == ":material/link_off:"]
    assert not refused, "the page understands every setting"
    kept = at.session_state["_settings"].values
    assert {key: kept[key] for key in settings} == settings


def test_the_stage_on_home_shows_what_a_network_computed() -> None:
    at = AppTest.from_file(APP, default_timeout=60).run()
    [stage] = at.get("bidi_component")
    sent = json.loads(stage.proto.json)
    assert sent["tokens"] == list("hell")
    assert sent["compact"]
    assert sent["autoplay"]
    [cell] = sent["cells"]
    assert cell["agreement"] < 1e-13
    assert 0 < cell["loss"] < 0.1, "it has learnt to spell"


def test_home_shows_the_very_network_of_step_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """One shelf for both: learnt once, without denormals, and the lesson that the page reads."""
    shelved = []

    def watched(experiment: Experiment, progress: Callable[[float], None]) -> SequenceModel:
        shelved.append(experiment)
        return trained_model(experiment, progress)

    # By name: the package has a function of the module's name.
    monkeypatch.setattr(sys.modules["rnnviz.ui.step.lesson"], "trained_model", watched)
    at = AppTest.from_file(APP, default_timeout=60).run()
    [home] = json.loads(at.get("bidi_component")[0].proto.json)["cells"]
    at.query_params.update({"example": "hello", "cells": "lstm"})
    at.switch_page("pages/learn/step.py").run()
    [page] = json.loads(at.get("bidi_component")[0].proto.json)["cells"]
    assert home == page
    assert len(shelved) == 2
    assert shelved[0] == shelved[1]
