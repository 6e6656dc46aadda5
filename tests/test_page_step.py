"""The page Step through: true for every cell, both languages, the extremes, and bad input."""

import json
from base64 import b64decode
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.ui import show
from rnnviz.ui.step import SUGGESTIONS
from rnnviz.ui.step.table import COLUMNS, table
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


def seen(at: AppTest) -> dict[str, Any]:
    """What the stage was given."""
    found: dict[str, Any] = json.loads(at.get("bidi_component")[0].proto.json)
    return found


def chart(at: AppTest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(at.get("plotly_chart")[0].proto.spec)
    return found


def address(at: AppTest) -> dict[str, str]:
    """The address that the page has written."""
    return {
        name: value[0] if isinstance(value, list) else value
        for name, value in at.query_params.items()
    }


def words(at: AppTest) -> str:
    """All that the page says in notices and remarks, as it is read."""
    return " ".join(each.value for each in [*at.warning, *at.caption]).replace("\\", "")


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("example", ["time", "hello"])
def test_the_examples_are_answered_rightly_by_three_trained_cells(
    language: str, example: str
) -> None:
    at = page(language, example=example)
    stage = seen(at)
    assert stage["language"] == language
    assert stage["tokens"] == (
        ["What", "time", "is", "it", "?"] if example == "time" else list("hell")
    )
    assert not any(stage["unknown"])
    assert [cell["code"] for cell in stage["cells"]] == ["rnn", "lstm", "gru"]
    for cell in stage["cells"]:
        assert cell["loss"] < 0.7  # -log(1/2): the right answer has the majority
        assert cell["agreement"] < 1e-13
        assert not cell["predictions"]["own"]
        right = cell["predictions"]["labels"], cell["predictions"]["targets"]
        if example == "time":
            assert right[1][:-1] == [None] * 4
            assert right[0][right[1][-1]] == ("the time" if language == "en" else "시각")
        else:
            assert [right[0][target] for target in right[1]] == list("ello")
    assert not at.warning


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("hidden", [2, 64])
@pytest.mark.parametrize("weights", ["trained", "untrained"])
def test_each_cell_at_both_extremes(cell: str, hidden: int, weights: str) -> None:
    at = page(
        cells=cell, hidden=str(hidden), layers="2", seed="99", weights=weights, example="hello"
    )
    (only,) = seen(at)["cells"]
    assert only["code"] == cell
    assert [layer["units"] for layer in only["layers"]] == [hidden, hidden]
    assert (only["loss"] < 0.1) == (weights == "trained")
    assert ("Untrained" in words(at)) == (weights == "untrained")


def test_the_controls_change_what_is_shown_and_the_address() -> None:
    at = page(weights="untrained")
    at.slider(key="step.hidden").set_value(5).run()
    assert seen(at)["cells"][0]["layers"][0]["units"] == 5
    assert address(at)["hidden"] == "5"
    at.slider(key="step.layers").set_value(2).run()
    assert len(seen(at)["cells"][0]["layers"]) == 2
    before = seen(at)["id"]
    at.slider(key="step.seed").set_value(7).run()
    assert seen(at)["id"] != before
    assert not at.exception


def test_an_own_sentence_is_read_and_its_unknown_words_are_marked() -> None:
    at = page(example="own", text="Will it rain in Zanzibar?")
    assert seen(at)["unknown"] == [False, False, False, False, True, False]
    assert "Zanzibar" in words(at)
    assert "own answer" in words(at)
    assert all(cell["predictions"]["own"] for cell in seen(at)["cells"])
    for cell in seen(at)["cells"]:
        assert cell["predictions"]["labels"][cell["predictions"]["targets"][-1]] == "rain"


def test_an_own_text_by_characters_trains_models_of_its_own() -> None:
    at = page(example="own", unit="character", text="안녕, 안녕!")
    stage = seen(at)
    assert stage["tokens"] == list("안녕, 안녕")
    assert set(stage["cells"][0]["predictions"]["labels"]) == set("안녕, !")
    assert "of 6: RNN 6, LSTM 6, GRU 6" in words(at)


def test_a_vanished_gradient_is_a_small_number_and_not_zero() -> None:
    at = page(example="own", text="no " * 200, weights="untrained", cells="rnn")
    [cell] = seen(at)["cells"]
    back = cell["layers"][0]["backward"]
    norms = np.frombuffer(b64decode(back["norms"]["float64"]), "<f8")
    rows = np.frombuffer(b64decode(back["rows"][0]["values"]["float64"]), "<f8").reshape(200, -1)
    assert 0 < norms[0] < 1e-50
    assert np.allclose(np.linalg.norm(rows * 1e100, axis=1), norms * 1e100)
    assert cell["agreement"] < 1e-13


def test_a_long_text_is_trained_for_fewer_steps_and_that_is_said() -> None:
    at = page(example="own", unit="character", text="ab " * 70, cells="lstm", hidden="2")
    assert "180 steps at most" in words(at)
    at.text_input(key="step.text").set_value("ab").run()
    assert "at most" not in words(at)


def test_the_numbers_of_the_stage_can_be_saved_and_are_put_together_only_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[pd.DataFrame] = []

    def watched(*given: Any) -> pd.DataFrame:
        made.append(table(*given))
        return made[-1]

    monkeypatch.setattr("rnnviz.ui.step.table.table", watched)
    at = page(weights="untrained", layers="2", hidden="3")
    assert not made
    button, *_others = at.get("download_button")
    assert button.proto.label == "Download the numbers of the stage (CSV)"


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_table_of_the_stage_is_tidy_and_holds_every_number(cell: str) -> None:
    given = cell_view(cell, layers=2, both=True)
    back = given.backward
    assert back is not None
    found = table([given], list("abcd=f"))
    assert list(found) == COLUMNS
    assert not found.duplicated(COLUMNS[:-1]).any()

    def values(quantity: str, **where: str) -> Any:
        rows = found[found["quantity"] == quantity]
        for column, value in where.items():
            rows = rows[rows[column] == value]
        return rows["value"].to_numpy()

    for k, layer in enumerate(given.trace.layers):
        place = {
            "layer": str(layer.layer + 1),
            "direction": "reverse" if layer.reverse else "forward",
        }
        for name, state in layer.states.items():
            assert np.array_equal(values(f"state {name}", **place), state.flatten())
            gradient = back.layers[k].dstates[name].flatten()
            assert np.array_equal(values(f"dL/d{name}", **place), gradient)
        for name, gate in layer.gates.items():
            assert np.array_equal(values(f"gate {name}", **place), gate.flatten())
        assert np.array_equal(values("|dL/dh|", **place), back.layers[k].norms)
        factors = values("factor from the step after", **place)
        assert np.array_equal(factors, back.layers[k].factors, equal_nan=True)
    assert given.probabilities is not None
    assert np.array_equal(values("prediction", unit="no"), given.probabilities[:, 1])
    assert values("loss", token="f", layer="") == pytest.approx(back.loss)
    saved = pd.read_csv(BytesIO(show.to_csv(found)), keep_default_na=False)
    assert saved["value"].replace("", "nan").astype(float).equals(found["value"])
    assert list(saved["token"].unique()) == list("abcd=f")


@pytest.mark.parametrize("unit", ["word", "character"])
def test_hostile_text_is_shown_as_itself(unit: str) -> None:
    at = page(example="own", unit=unit, text=HOSTILE, weights="untrained")
    tokens = seen(at)["tokens"]
    assert "👨‍👩‍👧" in tokens
    assert "".join(tokens).startswith("<img")
    assert "<" not in json.dumps(chart(at)["data"])
    assert "&lt;" in json.dumps(chart(at))


@pytest.mark.parametrize(
    ("text", "unit", "says"),
    [
        ("", "word", "The text is empty"),
        ("   ", "character", "The text is empty"),
        ("x", "character", "at least two"),
        ("안", "character", "at least two"),
    ],
)
def test_nothing_to_read_is_said_and_the_page_goes_on(text: str, unit: str, says: str) -> None:
    at = page(example="own", text=text, unit=unit)
    assert says in words(at)
    assert not at.get("bidi_component")
    at.button_group(key="step.example").set_value("hello").run()
    assert seen(at)["tokens"] == list("hell")
    assert not at.warning


@pytest.mark.parametrize("unit", ["word", "character"])
def test_ten_thousand_characters_are_cut_and_the_limits_said(unit: str) -> None:
    at = page(example="own", unit=unit, text="ab " * 3334, weights="untrained", cells="lstm")
    assert len(seen(at)["tokens"]) == (200 if unit == "word" else 199)
    assert "1000" in words(at)
    assert "The first 200 are used" in words(at)


def test_only_unknown_words_are_still_read() -> None:
    at = page(example="own", text="Zanzibar quokka")
    assert seen(at)["unknown"] == [True, True]
    assert "none of these words" in words(at)


def test_a_broken_link_is_said_and_left_out() -> None:
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
    assert len(seen(at)["cells"]) == 3
    assert seen(at)["start"] == {"step": 0, "phase": "forward"}
    assert set(address(at)) == {"weights"}
    assert words(at).count("allowed is") >= 4


def test_a_shared_link_restores_the_place() -> None:
    at = page(example="hello", t="2", backward="1", weights="untrained")
    assert seen(at)["start"] == {"step": 2, "phase": "backward"}
    at = page(example="hello", t="150", weights="untrained")
    assert seen(at)["start"] == {"step": 3, "phase": "forward"}


def test_another_text_begins_at_its_beginning() -> None:
    at = page(t="3", backward="1", weights="untrained")
    at.slider(key="step.hidden").set_value(5).run()
    assert seen(at)["start"] == {"step": 3, "phase": "backward"}
    at.button_group(key="step.example").set_value("hello").run()
    assert seen(at)["start"] == {"step": 0, "phase": "forward"}
    assert "t" not in address(at)


@pytest.mark.parametrize("number", range(len(SUGGESTIONS)))
def test_each_suggestion_sets_the_controls(number: int) -> None:
    at = page(cells="gru", weights="untrained")
    before = seen(at)
    suggestions = [button for button in at.button if (button.key or "").startswith("try.")]
    assert len(suggestions) == len(SUGGESTIONS)
    suggestions[number].click().run()
    assert not at.exception
    after = seen(at)
    assert (after["id"], after["start"]) != (before["id"], before["start"])
    for key, value in SUGGESTIONS[number][1].items():
        param = key.rpartition(".")[2]
        # A default is not written.
        assert address(at).get(param, "default") in (
            "default",
            "1" if value is True else str(value),
        )


@pytest.mark.parametrize(("text", "bars"), [("what time is it", True), ("no " * 30, False)])
def test_what_is_left_of_each_word_adds_up(text: str, bars: bool) -> None:
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
