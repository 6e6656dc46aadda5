"""Home: sentences, a card or a link for every page, and a stage with a trace of a real model."""

from collections.abc import Generator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.lessons import networks
from rnnviz.lessons.settings import LessonSettings
from rnnviz.ui.home import SUGGESTIONS
from rnnviz.ui.language import catalogue
from rnnviz.ui.pages import IDEAS, all_pages
from tests.conftest import reset_server
from tests.payloads import stage_payload

APP = Path(__file__).parents[1] / "app.py"
TITLE = "What does a recurrent network remember?"


@pytest.mark.parametrize("code", ["en", "ko"])
def test_home_has_a_card_for_every_page_and_its_suggestions(code: str) -> None:
    at = AppTest.from_file(APP, default_timeout=60)
    at.query_params["lang"] = code
    at.run()
    assert not at.exception
    assert not at.warning
    translate = (lambda text: text) if code == "en" else catalogue(code).__getitem__
    assert at.title[0].value == translate(TITLE)
    others = all_pages()[1:]
    cards = [f"**{translate(page.card.title)}**" for page in others if page.section != IDEAS]
    ideas = [translate(page.card.title) for page in others if page.section == IDEAS]
    suggestions = [translate(title) for title, _page, _settings in SUGGESTIONS]
    assert [link.value for link in at.get("page_link")] == cards + ideas + suggestions
    assert len(SUGGESTIONS) >= 3


def test_without_a_chosen_language_the_default_applies() -> None:
    at = AppTest.from_file(APP, default_timeout=60).run()
    at.session_state["_settings"].values["frame.lang"] = None
    assert not at.run().exception
    assert at.title[0].value == TITLE


@pytest.mark.parametrize("number", range(len(SUGGESTIONS)))
def test_a_suggestion_opens_its_page_with_its_settings(number: int) -> None:
    title, page, settings = SUGGESTIONS[number]
    at = AppTest.from_file(APP, default_timeout=120).run()
    # A visitor who has been on the page before and left other settings there.
    at.query_params.update({"hidden": "3", "weights": "untrained", "cells": "rnn"})
    at.query_params["set_clip" if "vanishing" in page else "layers"] = "1"
    at.switch_page(page).run()
    at.switch_page("pages/start/home.py").run()
    [link] = [
        link.proto
        for link in at.get("page_link")
        if link.proto.query_string and link.value == title
    ]
    at.query_params.clear()
    at.query_params.update(parse_qsl(link.query_string, keep_blank_values=True))
    at.switch_page(page).run()
    assert not at.exception
    problems = [notice.value for notice in at.warning if notice.icon == ":material/link_off:"]
    assert not problems, "the page accepts every setting"
    values = at.session_state["_settings"].values
    assert {key: values[key] for key in settings} == settings


def test_the_stage_on_home_shows_a_trained_network() -> None:
    at = AppTest.from_file(APP, default_timeout=60).run()
    payload = stage_payload(at)
    assert payload["tokens"] == list("hell")
    assert payload["compact"]
    assert payload["autoplay"]
    [cell] = payload["cells"]
    assert cell["agreement"] < 1e-13
    assert 0 < cell["loss"] < 0.1, "it has learned to spell"


def test_home_and_step_through_share_one_trained_network(monkeypatch: pytest.MonkeyPatch) -> None:
    trained, train = [], networks.trained_weights

    def record(settings: LessonSettings) -> Generator[float, None, bytes]:
        trained.append(settings)
        return train(settings)

    monkeypatch.setattr(networks, "trained_weights", record)
    reset_server()
    at = AppTest.from_file(APP, default_timeout=60).run()
    home = stage_payload(at)
    at.query_params.update({"example": "hello", "cells": "lstm"})
    at.switch_page("pages/learn/step.py").run()
    page = stage_payload(at)
    assert (home["cells"], home["numbers"]) == (page["cells"], page["numbers"])
    assert len(trained) == 1
