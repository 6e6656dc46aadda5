"""The stage's payload: true numbers, safe JSON, a start that does not send everything again."""

import json
from base64 import b64decode
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

import rnnviz
from rnnviz.palette import CELLS
from rnnviz.ui.stage import MANY_TO_ONE, CellView, Position, payload

HOSTILE = ["<img src=x onerror=alert(1)>", "<b>", "مرحبا", "😀", "NaN", " "]
LAYERS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


def reading(
    code: str,
    T: int = 6,
    H: int = 4,
    layers: int = 1,
    both: bool = False,
    loss: bool = True,
    own: bool = False,
) -> CellView:
    """One untrained cell that reads T random inputs."""
    generator = torch.Generator().manual_seed(7)
    with torch.device("meta"):
        layer = LAYERS[code](3, H, num_layers=layers, bidirectional=both)
    layer.to_empty(device="cpu")
    with torch.no_grad():
        for weight in layer.parameters():
            weight.uniform_(-1, 1, generator=generator)
    x = torch.randn(T, 3, generator=generator)
    trace = rnnviz.trace(layer, x)
    probabilities = torch.softmax(trace.outputs[:, :3], -1)
    return CellView(
        code,
        code.upper(),
        trace,
        rnnviz.backward(layer, x, lambda outputs: outputs[-1].square().sum()) if loss else None,
        ("yes", "no", "maybe"),
        probabilities,
        [None] * (T - 1) + [2],
        own,
    )


def unpacked(sent: Any, *shape: int) -> np.ndarray[Any, np.dtype[Any]]:
    if isinstance(sent, str):
        return np.frombuffer(b64decode(sent), "<f4").reshape(*shape)
    return np.frombuffer(b64decode(sent["float64"]), "<f8").reshape(*shape)


@pytest.mark.parametrize("code", list(LAYERS))
@pytest.mark.parametrize(("layers", "both"), [(1, False), (2, True)])
def test_every_state_gate_and_gradient_arrives_as_it_was_computed(
    code: str, layers: int, both: bool
) -> None:
    given = reading(code, layers=layers, both=both)
    (cell,) = json.loads(json.dumps(payload([given], HOSTILE)))["cells"]
    assert cell["colour"] == CELLS[code]
    assert given.backward is not None
    assert cell["loss"] == pytest.approx(given.backward.loss)
    for sent, walked, back in zip(
        cell["layers"], given.trace.layers, given.backward.layers, strict=True
    ):
        values = {**walked.states, **walked.gates}
        assert [row["name"] for row in sent["rows"]] == [*walked.cell.states, *walked.cell.gates]
        for row in sent["rows"]:
            assert np.array_equal(unpacked(row["values"], 6, 4), values[row["name"]].numpy())
        for name, (said, remembered) in walked.parts.items():
            part = sent["parts"][name]
            assert np.array_equal(unpacked(part["input part"], 6, 4), said.numpy())
            assert np.array_equal(unpacked(part["hidden part"], 6, 4), remembered.numpy())
        for row in sent["backward"]["rows"]:
            total = sum(unpacked(term["values"], 6, 4) for term in row["terms"])
            assert np.allclose(total, unpacked(row["values"], 6, 4), atol=1e-6)
            assert np.array_equal(unpacked(row["values"], 6, 4), back.dstates[row["name"]].numpy())
        assert np.array_equal(unpacked(sent["backward"]["norms"], 6), back.norms.numpy())
        assert np.isnan(unpacked(sent["backward"]["factors"], 6)).any()


def test_what_is_left_of_a_vanishing_gradient_is_sent_and_not_rounded_to_nothing() -> None:
    small = reading("rnn", T=60)
    assert small.backward is not None
    [back] = small.backward.layers
    faint = replace(
        back,
        norms=back.norms * 1e-300,
        weight_steps=back.weight_steps * 1e-300,
        dstates={"h": back.dstates["h"].double() * 1e-300},
        terms={"h": {"next": back.dstates["h"].double() * 1e-300}},
    )
    given = replace(small, backward=replace(small.backward, layers=(faint,)))
    sent = payload([given], ["x"] * 60)["cells"][0]["layers"][0]["backward"]
    for name in ("norms", "weightSteps"):
        assert (unpacked(sent[name], 60)[1:] > 0).all(), name
    [row] = sent["rows"]
    for values in (row["values"], row["terms"][0]["values"]):
        assert np.array_equal(unpacked(values, 60, 4), faint.dstates["h"].numpy())
        assert np.abs(unpacked(values, 60, 4)).max() > 0


@pytest.mark.parametrize("code", list(LAYERS))
def test_every_formula_gives_the_number_that_it_explains(code: str) -> None:
    """Fill each formula with what the payload sends and compute it: the visitor may check it."""
    (cell,) = payload([reading(code)], HOSTILE)["cells"]
    (layer,) = cell["layers"]
    rows = {row["name"]: unpacked(row["values"], 6, 4).astype(float) for row in layer["rows"]}
    tools = {"tanh": np.tanh, "σ": lambda x: 1 / (1 + np.exp(-x))}
    for name, formula in layer["formulas"].items():
        numbers = formula["numbers"].replace("·", "*").replace("−", "-")
        for step in range(1, 6):
            for unit in range(4):
                values = []
                for source in formula["sources"]:
                    if source["kind"].endswith("part"):
                        part = layer["parts"][source["name"]][source["kind"]]
                        values.append(float(unpacked(part, 6, 4)[step, unit]))
                    else:
                        values.append(float(rows[source["name"]][step - source["lag"], unit]))
                found = eval(numbers.format(*(f"({value!r})" for value in values)), {}, tools)
                assert found == pytest.approx(rows[name][step, unit], abs=1e-5)


def test_what_a_visitor_typed_travels_unchanged() -> None:
    sent = payload([reading("rnn")], HOSTILE, unknown=[True] * 6, code=MANY_TO_ONE)
    read = json.loads(json.dumps(sent, allow_nan=False))
    assert read["tokens"] == HOSTILE
    assert read["unknown"] == [True] * 6
    assert [line["text"] for line in read["code"]] == [line.text for line in MANY_TO_ONE]


def test_a_reading_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="RNN has 6 steps, not 2"):
        payload([reading("rnn")], ["a", "b"])


def test_the_identity_is_that_of_the_content() -> None:
    tokens = list("abcdef")
    first = payload([reading("gru")], tokens)["id"]
    assert payload([reading("gru")], tokens, start=Position(3))["id"] == first
    assert payload([reading("gru")], [*"abcdeg"])["id"] != first
    assert payload([reading("gru", H=5)], tokens)["id"] != first
    assert payload([reading("gru")], tokens, language="ko")["id"] != first


@pytest.mark.parametrize("steps", [1, 2, 200])
def test_the_axis_leads_forward_and_then_back(steps: int) -> None:
    walk = [Position.at(index, steps) for index in range(2 * steps)]
    assert [place.index(steps) for place in walk] == list(range(2 * steps))
    assert walk[steps - 1] == Position(steps - 1)
    assert walk[steps] == Position(steps - 1, "backward")
    assert walk[-1] == Position(0, "backward")


def page() -> None:
    """A page with a stage of its own, as AppTest runs it."""
    import streamlit as st

    from rnnviz.ui import permalink, stage
    from tests.test_stage import reading

    with permalink.sync("stage"):
        text = st.session_state.get("test_text", "abcdef")
        st.session_state["test_place"] = stage.show(
            [reading("lstm")], list(text), key="test.stage", address="test.at", code=()
        )


def started(app: AppTest) -> dict[str, Any]:
    (component,) = app.get("bidi_component")
    start: dict[str, Any] = json.loads(component.proto.json)["start"]
    return start


def test_a_link_leads_to_its_step_and_a_hostile_one_to_the_first() -> None:
    app = AppTest.from_function(page)
    app.query_params["at"] = "8"
    app.run()
    assert not app.exception
    assert started(app) == {"step": 3, "phase": "backward"}
    for wrong in ("99", "-1", "<script>", "1e9"):
        app = AppTest.from_function(page)
        app.query_params["at"] = wrong
        app.run()
        assert not app.exception
        assert started(app) == {"step": 0, "phase": "forward"}


def test_a_reported_step_is_kept_and_sends_nothing_again() -> None:
    app = AppTest.from_function(page).run()
    app.session_state["test.stage"] = {"position": {"step": 4, "phase": "forward"}}
    app.run()
    assert app.session_state["test_place"] == Position(4)
    assert started(app) == {"step": 0, "phase": "forward"}


@pytest.mark.parametrize("told", ["x", {"step": "1"}, {"step": 1, "phase": "sideways"}, {}])
def test_a_nonsensical_report_is_ignored(told: Any) -> None:
    app = AppTest.from_function(page).run()
    app.session_state["test.stage"] = {"position": told}
    app.run()
    assert not app.exception
    assert app.session_state["test_place"] == Position(0)


def test_another_text_begins_at_its_beginning() -> None:
    app = AppTest.from_function(page).run()
    app.session_state["test.stage"] = {"position": {"step": 4, "phase": "forward"}}
    app.run()
    app.session_state["test_text"] = "ghijkl"
    app.run()
    assert started(app) == {"step": 0, "phase": "forward"}
