"""The page Step through: true for every cell, both languages, the extremes, and bad input."""

import json
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest

from rnnviz.memory import first_token_probe, opening_tokens, probe_lengths
from rnnviz.names import CELL_NAMES, FIRST_CELLS
from rnnviz.tasks import Intents
from rnnviz.training import Trainer, fit, intent_experiment
from rnnviz.ui import show
from rnnviz.ui.services.numbers import INLINE_BYTES
from rnnviz.ui.step import LONG_SENTENCES, suggestions
from rnnviz.ui.step.table import COLUMNS, table
from tests.payloads import stage_payload, wide
from tests.payloads import words as words_of
from tests.race_page import open_popover
from tests.test_stage import cell_view

PAGE = "pages/learn/step.py"
HOSTILE = "<img src=x onerror=alert(1)> <b>rain</b> 👨‍👩‍👧 שלום"


def page(language: str = "en", **address: str) -> AppTest:
    at = AppTest.from_file("../app.py", default_timeout=120)
    at.context["locale"] = "ko-KR" if language == "ko" else "en-US"
    at.run()
    for name, value in address.items():
        at.query_params[name] = value
    at.switch_page(PAGE).run()
    assert not at.exception
    return at


def chart(at: AppTest) -> dict[str, Any]:
    figure: dict[str, Any] = json.loads(at.get("plotly_chart")[0].proto.spec)
    return figure


def address(at: AppTest) -> dict[str, str]:
    """The address that the page has written."""
    return {
        name: value[0] if isinstance(value, list) else value
        for name, value in at.query_params.items()
    }


def words(at: AppTest) -> str:
    """All warnings and remarks of the page."""
    return " ".join(element.value for element in [*at.warning, *at.caption]).replace("\\", "")


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("example", ["time", "korean", "hello"])
def test_three_trained_cells_answer_the_examples_correctly(language: str, example: str) -> None:
    at = page(language, example=example)
    stage = stage_payload(at)
    assert stage["language"] == language
    sentences = {"time": ["What", "time", "is", "it", "?"], "korean": ["지금", "몇", "시야", "?"]}
    sentence = sentences.get(example, list("hell"))
    assert stage["tokens"] == sentence
    assert not any(stage["unknown"])
    assert [cell["code"] for cell in stage["cells"]] == ["rnn", "lstm", "gru"]
    for cell in stage["cells"]:
        assert cell["loss"] < 0.7  # -log(1/2): the right answer has the majority
        assert cell["agreement"] < 1e-13
        assert not cell["predictions"]["ownAnswer"]
        labels, targets = cell["predictions"]["labels"], cell["predictions"]["targets"]
        if example != "hello":
            assert targets[:-1] == [None] * (len(sentence) - 1)
            assert labels[targets[-1]] == ("the time" if language == "en" else "시각")
        else:
            assert [labels[target] for target in targets] == list("ello")
    assert not at.warning


@pytest.mark.parametrize("cell", CELL_NAMES)
@pytest.mark.parametrize("hidden", [2, 64])
@pytest.mark.parametrize("weights", ["trained", "untrained"])
def test_each_cell_at_both_extremes(cell: str, hidden: int, weights: str) -> None:
    at = page(
        cells=cell, hidden=str(hidden), layers="2", seed="99", weights=weights, example="hello"
    )
    (drawn,) = stage_payload(at)["cells"]
    assert drawn["code"] == cell
    assert [layer["units"] for layer in drawn["layers"]] == [hidden, hidden]
    assert (drawn["loss"] < 0.1) == (weights == "trained")
    assert ("Untrained" in words(at)) == (weights == "untrained")


def test_the_controls_change_the_stage_and_the_address() -> None:
    at = open_popover(page(weights="untrained"), "step.size.open")
    at.slider(key="step.hidden").set_value(5).run()
    assert stage_payload(at)["cells"][0]["layers"][0]["units"] == 5
    assert address(at)["hidden"] == "5"
    at.slider(key="step.layers").set_value(2).run()
    assert len(stage_payload(at)["cells"][0]["layers"]) == 2
    before = stage_payload(at)["id"]
    at.slider(key="step.seed").set_value(7).run()
    assert stage_payload(at)["id"] != before
    assert not at.exception


def test_the_unknown_words_of_an_own_sentence_are_marked() -> None:
    at = page(example="own", text="Will it rain in Zanzibar?")
    assert stage_payload(at)["unknown"] == [False, False, False, False, True, False]
    assert "Zanzibar" in words(at)
    assert "own answer" in words(at)
    assert all(cell["predictions"]["ownAnswer"] for cell in stage_payload(at)["cells"])
    for cell in stage_payload(at)["cells"]:
        assert cell["predictions"]["labels"][cell["predictions"]["targets"][-1]] == "rain"


def test_an_own_text_by_characters_trains_models_of_its_own() -> None:
    at = page(example="own", unit="character", text="안녕, 안녕!")
    stage = stage_payload(at)
    assert stage["tokens"] == list("안녕, 안녕")
    assert set(stage["cells"][0]["predictions"]["labels"]) == set("안녕, !")
    assert "of 6: RNN 6, LSTM 6, GRU 6" in words(at)


def test_a_vanished_gradient_is_a_small_number_and_not_zero() -> None:
    at = page(example="own", text="no " * 200, weights="untrained", cells="rnn")
    payload = stage_payload(at)
    [cell] = payload["cells"]
    back = cell["layers"][0]["backward"]
    norms = wide(payload, back["norms"], 200)
    rows = wide(payload, back["rows"][0]["values"], 200, -1)
    assert 0 < norms[0] < 1e-50
    assert np.allclose(np.linalg.norm(rows * 1e100, axis=1), norms * 1e100)
    assert cell["agreement"] < 1e-13


def test_what_one_visitor_has_seen_is_there_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network reads anything again, and both browsers fetch the same bytes."""
    settings = {"example": "own", "text": "no " * 60, "weights": "untrained", "hidden": "64"}
    first = stage_payload(page(**settings))
    assert first["address"]

    def fail(*arguments: Any) -> None:
        raise AssertionError("this has been computed for another visitor")

    monkeypatch.setattr("rnnviz.ui.services.computations.evaluate", fail)
    second = page(**settings)
    assert stage_payload(second) == first
    assert len(words_of(first)) > INLINE_BYTES
    # Another language shows the same numbers of the same data.
    korean = stage_payload(page("ko", **settings))
    assert korean["id"] != first["id"]
    assert korean["address"] == first["address"]


def test_a_long_text_is_trained_for_fewer_steps_and_a_remark_names_them() -> None:
    at = page(example="own", unit="character", text="ab " * 70, cells="lstm", hidden="2")
    assert "180 steps at most" in words(at)
    at.text_input(key="step.text").set_value("ab").run()
    assert "at most" not in words(at)


def test_the_table_to_download_is_not_computed_before_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*arguments: Any) -> None:
        raise AssertionError("nobody has pressed the button")

    monkeypatch.setattr("rnnviz.ui.step.table.table", fail)
    at = page(weights="untrained", layers="2", hidden="3")
    button, *_others = at.get("download_button")
    assert button.proto.label == "Download the numbers of this animation (CSV)"


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_table_of_the_stage_holds_every_number(cell: str) -> None:
    view = cell_view(cell, layers=2, both=True)
    assert view.backward is not None
    assert view.probabilities is not None
    frame = table([view], list("abcd=f"))
    assert list(frame) == COLUMNS
    assert not frame.duplicated(COLUMNS[:-1]).any()

    def values(quantity: str, **keys: str) -> Any:
        rows = frame[frame["quantity"] == quantity]
        for column, value in keys.items():
            rows = rows[rows[column] == value]
        return rows["value"].to_numpy()

    for layer, backward in zip(view.trace.layers, view.backward.layers, strict=True):
        keys = {
            "layer": str(layer.layer + 1),
            "direction": "reverse" if layer.reverse else "forward",
        }
        for name, state in layer.states.items():
            assert np.array_equal(values(f"state {name}", **keys), state.flatten())
            assert np.array_equal(values(f"dL/d{name}", **keys), backward.dstates[name].flatten())
        for name, gate in layer.gates.items():
            assert np.array_equal(values(f"gate {name}", **keys), gate.flatten())
        assert np.array_equal(values("|dL/dh|", **keys), backward.norms)
        factors = values("factor from the step after", **keys)
        assert np.array_equal(factors, backward.factors, equal_nan=True)
    assert np.array_equal(values("prediction", unit="no"), view.probabilities[:, 1])
    assert values("loss", token="f", layer="") == pytest.approx(view.backward.loss)
    saved = pd.read_csv(BytesIO(show.to_csv(frame)), keep_default_na=False)
    assert saved["value"].replace("", "nan").astype(float).equals(frame["value"])
    assert list(saved["token"].unique()) == list("abcd=f")


@pytest.mark.parametrize("unit", ["word", "character"])
def test_hostile_text_is_displayed_literally(unit: str) -> None:
    at = page(example="own", unit=unit, text=HOSTILE, weights="untrained")
    tokens = stage_payload(at)["tokens"]
    assert "👨‍👩‍👧" in tokens
    assert "".join(tokens).startswith("<img")
    assert "<" not in json.dumps(chart(at)["data"])
    assert "&lt;" in json.dumps(chart(at))


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("", "word", "The text is empty"),
        ("   ", "character", "The text is empty"),
        ("x", "character", "at least two"),
        ("안", "character", "at least two"),
    ],
)
def test_a_text_that_cannot_be_read_gets_a_message(text: str, unit: str, message: str) -> None:
    at = page(example="own", text=text, unit=unit)
    assert message in words(at)
    assert not at.get("bidi_component")
    at.button_group(key="step.example").set_value("hello").run()
    assert stage_payload(at)["tokens"] == list("hell")
    assert not at.warning


@pytest.mark.parametrize("unit", ["word", "character"])
def test_ten_thousand_characters_are_cut_and_warnings_name_the_limits(unit: str) -> None:
    at = page(example="own", unit=unit, text="ab " * 3334, weights="untrained", cells="lstm")
    assert len(stage_payload(at)["tokens"]) == (200 if unit == "word" else 199)
    assert "1000" in words(at)
    assert "The first 200 are used" in words(at)


@pytest.mark.parametrize(
    ("text", "reader", "warning"),
    [
        ("Zanzibar quokka", "script", "none of these words"),
        ("Zanzibar, quokka?", "script", "none of these words"),
        ("15 Zanzibar!", "script", "none of these words"),
        ("Какая погода?", "script", "learned English requests"),
        ("지금 몇 시야?", "en", "none of these words"),
        ("What time is it?", "ko", "learned Korean requests"),
        ("?", "script", "has no words"),
        ("15 30 ?!", "script", "has no words"),
        ("👍", "script", "has no words"),
        ("Will it rain?", "script", ""),
        ("지금 몇 시야?", "script", ""),
        ("지금 몇 시야?", "ko", ""),
    ],
)
def test_a_text_of_which_nothing_is_known_says_so(text: str, reader: str, warning: str) -> None:
    at = page(example="own", text=text, reader=reader, weights="untrained", cells="rnn")
    messages = " ".join(element.value for element in at.warning)
    assert (warning in messages) if warning else not messages
    assert "read as “unknown”:" not in messages


@pytest.mark.parametrize(
    ("text", "reader", "korean"),
    [
        ("What time is it?", "script", False),
        ("지금 몇 시야?", "script", True),
        ("Seoul 날씨 어때?", "script", True),
        ("Is it 3시 in Seoul?", "script", False),
        ("지금 몇 시야?", "en", False),
        ("What time is it?", "ko", True),
    ],
)
def test_the_intent_model_is_chosen_by_the_script_and_can_be_corrected(
    text: str, reader: str, korean: bool
) -> None:
    at = page(example="own", text=text, reader=reader)
    known = Intents(language="ko" if korean else "en").vocabulary
    stage = stage_payload(at)
    assert stage["unknown"] == [known.is_unknown(token) for token in stage["tokens"]]
    guess = "Read by the Korean" if korean else "Read by the English"
    assert (guess in words(at)) == (reader == "script")
    scripts = "Korean" if text != "What time is it?" and "Is it" not in text else "English"
    options = at.button_group(key="step.reader").options
    assert options == [f"by script: {scripts}", "English", "Korean"]
    at.button_group(key="step.reader").set_value("en" if korean else "ko").run()
    assert stage_payload(at)["id"] != stage["id"]
    assert address(at)["reader"] == ("en" if korean else "ko")


def test_a_korean_sentence_is_understood() -> None:
    at = page("ko", example="own", text="오늘 서울에 비가 올까요?")
    for cell in stage_payload(at)["cells"]:
        labels, targets = cell["predictions"]["labels"], cell["predictions"]["targets"]
        assert labels[targets[-1]] == "비"


def test_wrong_values_in_a_link_are_reported_and_ignored() -> None:
    at = page(
        **{
            "example": "<script>",
            "cells": "transformer",
            "hidden": "1e9",
            "t": "-4",
            "backward": "x",
        },
        weights="untrained",
    )
    assert len(stage_payload(at)["cells"]) == 3
    assert stage_payload(at)["start"] == {"step": 0, "phase": "forward"}
    assert set(address(at)) == {"weights"}
    assert words(at).count("allowed is") >= 4


def test_a_link_restores_the_position() -> None:
    at = page(example="hello", t="2", backward="1", weights="untrained")
    assert stage_payload(at)["start"] == {"step": 2, "phase": "backward"}
    at = page(example="hello", t="150", weights="untrained")
    assert stage_payload(at)["start"] == {"step": 3, "phase": "forward"}


def test_another_text_begins_at_its_beginning() -> None:
    at = open_popover(page(t="3", backward="1", weights="untrained"), "step.size.open")
    at.slider(key="step.hidden").set_value(5).run()
    assert stage_payload(at)["start"] == {"step": 3, "phase": "backward"}
    at.button_group(key="step.example").set_value("hello").run()
    assert stage_payload(at)["start"] == {"step": 0, "phase": "forward"}
    assert "t" not in address(at)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("number", range(len(suggestions("en"))))
def test_each_suggestion_sets_the_controls(number: int, language: str) -> None:
    at = page(language, cells="gru", weights="untrained")
    before = stage_payload(at)
    buttons = [button for button in at.button if (button.key or "").startswith("try.")]
    assert len(buttons) == len(suggestions(language))
    buttons[number].click().run()
    assert not at.exception
    after = stage_payload(at)
    assert (after["id"], after["start"]) != (before["id"], before["start"])
    for key, value in suggestions(language)[number][1].items():
        param = key.rpartition(".")[2]
        # A default is not written.
        assert address(at).get(param, "default") in (
            "default",
            "1" if value is True else str(value),
        )


@pytest.mark.long
@pytest.mark.parametrize(("language", "label"), [("en", "temperature"), ("ko", "sun")])
def test_the_first_word_of_the_long_sentence_decides_and_the_lstm_remembers_it_best(
    language: Any, label: str
) -> None:
    right = {}
    for cell in FIRST_CELLS:
        for seed in range(5, 10):  # the sentences were chosen on the seeds 0 to 4
            experiment = intent_experiment(cell, seed=seed, language=language)
            tokens, ids = experiment.task.encode(LONG_SENTENCES[language])
            assert not any(map(experiment.task.vocabulary.is_unknown, tokens))
            answer = fit(experiment).eval()(torch.tensor([ids]), torch.tensor([len(ids)]))
            target = experiment.task.labels.index(label)
            right[cell, seed] = answer.argmax(-1).item() == target
    correct = {cell: sum(right[cell, seed] for seed in range(5, 10)) for cell in FIRST_CELLS}
    assert correct["lstm"] >= 2
    assert correct["lstm"] >= max(correct["rnn"], correct["gru"])


@pytest.mark.parametrize(("text", "bars"), [("what time is it", True), ("no " * 30, False)])
def test_the_sensitivities_to_all_tokens_add_up(text: str, bars: bool) -> None:
    at = page(example="own", text=text)
    traces = chart(at)["data"]
    assert {trace["type"] for trace in traces} == {"bar" if bars else "scatter"}
    axes = {trace.get("yaxis", "y") for trace in traces}
    groups = [[t for t in traces if t.get("yaxis", "y") == axis] for axis in axes]
    finals = (
        [[trace["y"][-1] for trace in group] for group in groups]
        if bars
        else [trace["y"] for trace in traces]
    )
    assert len(finals) == 3
    for shares in finals:
        assert sum(shares) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("weights", ["trained", "untrained"])
def test_sensitivity_and_memory_stand_side_by_side_and_agree_with_the_core(weights: str) -> None:
    at = page(weights=weights)
    sensitivity, memory = (header.value.replace("\\", "") for header in at.header)
    assert sensitivity.startswith("Sensitivity: ")
    assert memory.startswith("Memory: after 5 tokens a linear probe still names the first one")
    curves = {}
    for cell in FIRST_CELLS:
        experiment = intent_experiment(cell)
        model = fit(experiment) if weights == "trained" else Trainer(experiment).model
        candidates = opening_tokens(experiment.task)
        generator = torch.Generator().manual_seed(0)
        curves[cell] = first_token_probe(model.eval(), probe_lengths(5), candidates, generator)
        assert f"{CELL_NAMES[cell]} {curves[cell].at(5):.0%}" in memory
    assert memory.endswith("guessing names 5%")
    lines = json.loads(at.get("plotly_chart")[1].proto.spec)["data"]
    for cell, line in zip(FIRST_CELLS, lines, strict=False):
        assert line["y"] == pytest.approx(curves[cell].accuracy, abs=2e-3)
    marks = [line for line in lines if line["mode"] == "markers"]
    assert [mark["x"] for mark in marks] == [[5]] * 3
    assert "sensitive and forgetful at once" in words(at)
    assert "selectivity" in words(at)


def test_the_probe_of_a_text_by_characters_names_its_characters() -> None:
    at = page(example="hello", weights="untrained", cells="rnn")
    assert at.header[1].value.endswith("guessing names 25%")
    assert "one text only" in words(at)


@pytest.mark.parametrize("weights", ["trained", "untrained"])
def test_one_character_leaves_nothing_to_probe(weights: str) -> None:
    at = page(example="own", unit="character", text="aaaa", weights=weights, cells="rnn")
    assert len(at.get("plotly_chart")) == 1
    assert "at least two tokens that may come first" in words(at)


def test_a_text_longer_than_the_curve_has_its_place() -> None:
    at = page(example="own", text="no " * 30, weights="untrained", cells="rnn")
    assert "after 30 tokens" in at.header[1].value
    lines = json.loads(at.get("plotly_chart")[1].proto.spec)["data"]
    assert lines[0]["x"][-1] == 30
