"""What the settings of a race offer, and what they say of the task, as a visitor meets it."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.model import ModelSpec
from rnnviz.races.contestants import (
    CONTESTANTS,
    MAX_CONTESTANTS,
    contestant_code,
    default_contestants,
    fitting_contestants,
)
from rnnviz.tasks import TASKS

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


@pytest.mark.parametrize(
    ("task", "language", "usual", "glove"),
    [
        ("sentiment", "", "glove-tuned", True),
        ("intents", "en", "one-hot", True),
        ("intents", "ko", "one-hot", False),
    ],
)
def test_the_vectors_of_english_words_are_offered_where_most_words_have_one(
    task: str, language: str, usual: str, glove: bool
) -> None:
    at = opened(task=task, language=language) if language else opened(task=task)
    [offered] = [each for each in at.get("button_group") if each.proto.label == "Input vectors"]
    assert any("GloVe" in option.content for option in offered.proto.options) == glove
    assert offered.value == usual
    given = {"task": task, "language": language, "embedding": "glove"}
    at = opened(**{name: value for name, value in given.items() if value})
    assert bool(at.warning) != glove


def asked(**address: str) -> Any:
    """The models that race by a link with these parameters."""

    def page() -> None:
        import streamlit as st

        from rnnviz.ui import permalink
        from rnnviz.ui.race.settings import settings

        with permalink.sync("side-by-side"):
            st.session_state["asked"] = settings("delayed_recall").experiments

    at = AppTest.from_function(page, default_timeout=60)
    at.query_params.update(address)
    assert not at.run().exception
    return [each.model for each in at.session_state["asked"]]


@pytest.mark.parametrize(("address", "bias"), [({}, 1.0), ({"forget_bias": "2.5"}, 2.5)])
def test_the_forget_bias_is_that_of_the_one_who_asks_for_it(
    address: dict[str, str], bias: float
) -> None:
    models = asked(cells="lstm,lstm_forget,gru", **address)
    assert [each.forget_bias for each in models] == [None, None, bias]


def test_a_model_with_a_forget_bias_is_known_by_it_whatever_it_is() -> None:
    for bias in (-10.0, 0.0, 1.0, 2.5):
        base = ModelSpec(forget_bias=bias)
        assert contestant_code(base) == "lstm_forget"
        for code, each in CONTESTANTS.items():
            spec = each.spec(base)
            assert spec.forget_bias == (bias if code == "lstm_forget" else None)
            assert contestant_code(spec) == code
    assert CONTESTANTS["lstm_forget"].spec(ModelSpec()).forget_bias == 1.0, "as in stored runs"


@pytest.mark.parametrize("name", TASKS)
def test_the_model_of_the_recipe_races_by_custom(name: str) -> None:
    task = TASKS[name]()
    there, racing = fitting_contestants(task), default_contestants(task)
    assert {*racing} <= {*there}
    assert len(racing) <= MAX_CONTESTANTS
    apart = {key for each in CONTESTANTS.values() for key in each.fixed}
    wanted: dict[str, Any] = {key: task.recipe[key] for key in apart & {*task.recipe}}
    models = [there[code].spec(ModelSpec()) for code in racing]
    assert any(all(getattr(each, key) == wanted[key] for key in wanted) for each in models)


def test_both_directions_for_every_cell_and_with_attention() -> None:
    assert {"rnn_both", "lstm_both", "gru_both"} <= {*fitting_contestants(TASKS["surnames"]())}
    assert "rnn_both" not in fitting_contestants(TASKS["hello"]())
    assert default_contestants(TASKS["pronunciation"]()) == ["lstm", "gru", "gru_attention_both"]
    assert default_contestants(TASKS["dates"]()) == ["lstm", "gru", "lstm_attention"]
