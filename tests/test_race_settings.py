"""What the settings of a race offer, and what they say about the task."""

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
from tests.race_page import open_page, open_popover, texts


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_says_which_requests_are_synthetic(language: str) -> None:
    at = open_page(task="intents", language=language)
    assert not at.exception
    captions = "\n".join(texts(at.caption))
    assert ("**synthetic data**" in captions) == (language == "ko")
    assert ("Open Voice OS" in captions) == (language == "en"), "whose templates they are"
    assert "a seeded generator fills in" in captions, "in both languages"


@pytest.mark.parametrize(
    ("address", "default", "glove"),
    [
        ({"task": "sentiment"}, "glove-tuned", True),
        ({"task": "intents", "language": "en"}, "one-hot", True),
        ({"task": "intents", "language": "ko"}, "one-hot", False),
    ],
)
def test_the_vectors_of_english_words_are_offered_where_most_words_have_one(
    address: dict[str, str], default: str, glove: bool
) -> None:
    at = open_popover(open_page(**address), "race.model.open")
    [vectors] = [each for each in at.get("button_group") if each.proto.label == "Input vectors"]
    assert any("GloVe" in option.content for option in vectors.proto.options) == glove
    assert vectors.value == default
    assert bool(open_page(**address, embedding="glove").warning) != glove


def race_models(**address: str) -> list[ModelSpec]:
    """The models that race by a link with these parameters."""

    def page() -> None:
        import streamlit as st

        from rnnviz.ui import permalink
        from rnnviz.ui.race.settings import settings

        with permalink.sync("side-by-side"):
            st.session_state["experiments"] = settings("delayed_recall").experiments

    at = AppTest.from_function(page, default_timeout=60)
    at.query_params.update(address)
    assert not at.run().exception
    return [experiment.model for experiment in at.session_state["experiments"]]


@pytest.mark.parametrize(("address", "bias"), [({}, 1.0), ({"forget_bias": "2.5"}, 2.5)])
def test_only_the_lstm_with_a_forget_bias_gets_the_one_that_is_set(
    address: dict[str, str], bias: float
) -> None:
    models = race_models(cells="lstm,lstm_forget,gru", **address)
    assert [model.forget_bias for model in models] == [None, None, bias]


def test_a_model_with_any_forget_bias_is_recognised_by_it() -> None:
    for bias in (-10.0, 0.0, 1.0, 2.5):
        base = ModelSpec(forget_bias=bias)
        assert contestant_code(base) == "lstm_forget"
        for code, each in CONTESTANTS.items():
            spec = each.spec(base)
            assert spec.forget_bias == (bias if code == "lstm_forget" else None)
            assert contestant_code(spec) == code
    assert CONTESTANTS["lstm_forget"].spec(ModelSpec()).forget_bias == 1.0, "as in stored runs"


@pytest.mark.parametrize("name", TASKS)
def test_the_model_of_the_recipe_races_by_default(name: str) -> None:
    task = TASKS[name]()
    fitting, codes = fitting_contestants(task), default_contestants(task)
    assert {*codes} <= {*fitting}
    assert len(codes) <= MAX_CONTESTANTS
    fixed = {key for contestant in CONTESTANTS.values() for key in contestant.fields}
    recipe: dict[str, Any] = {key: task.recipe[key] for key in fixed & {*task.recipe}}
    models = [fitting[code].spec(ModelSpec()) for code in codes]
    assert any(all(getattr(model, key) == recipe[key] for key in recipe) for model in models)
