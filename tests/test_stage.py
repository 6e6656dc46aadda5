"""The stage's payload: true numbers, safe JSON, a start that does not send everything again."""

import gc
import gzip
import json
import math
from dataclasses import replace
from typing import Any, is_typeddict

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

import rnnviz
from rnnviz.cells import CELLS as KINDS
from rnnviz.cells import make_layer
from rnnviz.palette import CELLS
from rnnviz.ui.scripts import ASSETS
from rnnviz.ui.services.numbers import INLINE_BYTES, NumberPacker
from rnnviz.ui.stage import (
    MANY_TO_ONE,
    CellView,
    Position,
    payload,
    payload_types,
    stage_content,
)
from tests.payloads import (
    check_fixture,
    fetch,
    float32,
    jsdoc_properties,
    typed_dict_keys,
    wide,
    words,
)

HOSTILE = ["<img src=x onerror=alert(1)>", "<b>", "مرحبا", "😀", "NaN", " "]


def cell_view(
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
        layer = make_layer(KINDS[code], 3, H, num_layers=layers, bidirectional=both)
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


DIGITS = 2.0**-21
"""The largest relative difference of a gradient that is sent: 20 bits of the fraction."""


@pytest.mark.parametrize("code", KINDS)
@pytest.mark.parametrize(("layers", "both"), [(1, False), (2, True)])
def test_every_state_gate_and_gradient_arrives_as_it_was_computed(
    code: str, layers: int, both: bool
) -> None:
    view = cell_view(code, layers=layers, both=both)
    whole = json.loads(json.dumps(payload([view], HOSTILE)))
    (cell,) = whole["cells"]
    assert cell["colour"] == CELLS[code]
    assert view.backward is not None
    assert cell["loss"] == pytest.approx(view.backward.loss)
    for sent, layer, backward in zip(
        cell["layers"], view.trace.layers, view.backward.layers, strict=True
    ):
        values = {**layer.states, **layer.gates}
        assert [row["name"] for row in sent["rows"]] == [*layer.cell.states, *layer.cell.gates]
        for row in sent["rows"]:
            assert np.array_equal(float32(whole, row["values"], 6, 4), values[row["name"]].numpy())
        for name, parts in layer.parts.items():
            for kind, part in zip(("input part", "hidden part"), parts, strict=True):
                assert np.array_equal(float32(whole, sent["parts"][name][kind], 6, 4), part.numpy())
        for row in sent["backward"]["rows"]:
            gradient = wide(whole, row["values"], 6, 4)
            total = sum(wide(whole, term["values"], 6, 4) for term in row["terms"])
            assert np.allclose(total, gradient, rtol=1e-5, atol=1e-5)
            exact = backward.dstates[row["name"]].numpy()
            np.testing.assert_allclose(gradient, exact, rtol=DIGITS, atol=0)
        assert np.array_equal(wide(whole, sent["backward"]["norms"], 6), backward.norms.numpy())
        assert np.isnan(wide(whole, sent["backward"]["factors"], 6)).any()


def test_a_vanishing_gradient_is_not_rounded_to_zero() -> None:
    small = cell_view("rnn", T=60)
    assert small.backward is not None
    [back] = small.backward.layers
    tiny = replace(
        back,
        norms=back.norms * 1e-300,
        weight_steps=back.weight_steps * 1e-300,
        dstates={"h": back.dstates["h"].double() * 1e-300},
        terms={"h": {"next": back.dstates["h"].double() * 1e-300}},
    )
    view = replace(small, backward=replace(small.backward, layers=(tiny,)))
    whole = payload([view], ["x"] * 60)
    sent: Any = whole["cells"][0]["layers"][0]["backward"]
    for name in ("norms", "weightSteps"):
        assert (wide(whole, sent[name], 60)[1:] > 0).all(), name
    [row] = sent["rows"]
    for place in (row["values"], row["terms"][0]["values"]):
        values, exact = wide(whole, place, 60, 4), tiny.dstates["h"].numpy()
        assert np.array_equal(values, exact)
        assert np.abs(values).max() > 0


@pytest.mark.parametrize("code", KINDS)
def test_every_formula_gives_the_number_that_it_explains(code: str) -> None:
    """Fill each formula with what the payload sends and compute it: the visitor may check it."""
    whole = payload([cell_view(code)], HOSTILE)
    (cell,) = whole["cells"]
    (layer,) = cell["layers"]
    rows = {row["name"]: float32(whole, row["values"], 6, 4).astype(float) for row in layer["rows"]}
    tools = {"tanh": np.tanh, "σ": lambda x: 1 / (1 + np.exp(-x))}
    for name, formula in layer["formulas"].items():
        numbers = formula["numbers"].replace("·", "*").replace("−", "-")
        for step in range(1, 6):
            for unit in range(4):
                values = []
                for source in formula["sources"]:
                    if source["kind"].endswith("part"):
                        part = layer["parts"][source["name"]][source["kind"]]
                        values.append(float(float32(whole, part, 6, 4)[step, unit]))
                    else:
                        values.append(float(rows[source["name"]][step - source["lag"], unit]))
                result = eval(numbers.format(*(f"({value!r})" for value in values)), {}, tools)
                assert result == pytest.approx(rows[name][step, unit], abs=1e-5)


@given(st.lists(st.floats(width=64), min_size=1, max_size=20))
def test_a_packed_number_has_the_digits_that_are_displayed(numbers: list[float]) -> None:
    packer = NumberPacker()
    place = packer.wide(numbers)
    sent = wide({"numbers": packer.numbers().inline, "address": ""}, place, len(numbers))
    for number, exact in zip(sent, numbers, strict=True):
        if math.isnan(exact) or exact == 0:
            assert np.array_equal(number, exact, equal_nan=True)
        else:
            assert number == exact or abs(number - exact) <= DIGITS * abs(exact)


def test_many_numbers_are_fetched_once_and_the_same_for_all_visitors() -> None:
    view = cell_view("lstm", T=60, H=30)
    first, again = (stage_content([view], ["x"] * 60, language=code) for code in ("en", "ko"))
    assert first.id != again.id
    assert first.numbers is again.numbers
    assert first.numbers.size > INLINE_BYTES
    sent, inside = first.payload(), first.payload(inline=True)
    assert (sent["numbers"], inside["address"]) == ("", "")
    assert len(json.dumps(sent)) < 20_000
    assert words(sent) == words(inside)


def test_numbers_that_no_lesson_holds_are_forgotten_and_sent_with_the_message() -> None:
    content = stage_content([cell_view("lstm", T=60, H=30)], ["x"] * 60)
    address = "/" + content.payload()["address"]
    status, headers, packed = fetch(address)
    assert (status, headers[b"content-encoding"]) == (200, b"gzip")
    assert b"immutable" in headers[b"cache-control"]
    status, headers, plain = fetch(address, encoding="identity")
    assert b"content-encoding" not in headers
    assert gzip.decompress(packed) == plain
    del content
    gc.collect()
    assert fetch(address)[0] == 404
    assert fetch("/numbers/../app.py")[0] == 404


def test_tokens_and_pseudocode_are_sent_unchanged() -> None:
    sent = payload([cell_view("rnn")], HOSTILE, unknown=[True] * 6, code=MANY_TO_ONE)
    received = json.loads(json.dumps(sent, allow_nan=False))
    assert received["tokens"] == HOSTILE
    assert received["unknown"] == [True] * 6
    assert [line["text"] for line in received["code"]] == [line.text for line in MANY_TO_ONE]


def test_a_view_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="RNN has 6 steps, not 2"):
        payload([cell_view("rnn")], ["a", "b"])


def test_the_identity_is_that_of_the_content() -> None:
    tokens = list("abcdef")
    first = payload([cell_view("gru")], tokens)["id"]
    assert payload([cell_view("gru")], tokens, start=Position(3))["id"] == first
    assert payload([cell_view("gru")], [*"abcdeg"])["id"] != first
    assert payload([cell_view("gru", H=5)], tokens)["id"] != first
    assert payload([cell_view("gru")], tokens, language="ko")["id"] != first


@pytest.mark.parametrize("steps", [1, 2, 200])
def test_the_axis_leads_forward_and_then_back(steps: int) -> None:
    positions = [Position.at(index, steps) for index in range(2 * steps)]
    assert [position.index(steps) for position in positions] == list(range(2 * steps))
    assert positions[steps - 1] == Position(steps - 1)
    assert positions[steps] == Position(steps - 1, "backward")
    assert positions[-1] == Position(0, "backward")


def example_view() -> CellView:
    """An LSTM with round numbers in the place of computed ones: the same on every machine."""
    view = cell_view("lstm", T=2, H=2)
    assert view.backward is not None
    [layer], [backward] = view.trace.layers, view.backward.layers

    def numbers(*values: float) -> torch.Tensor:
        return torch.tensor(values, dtype=torch.float64).reshape(2, -1)

    gates = {name: numbers(0.5, 0.25, 0.75, 0.5) for name in layer.gates}
    parts = {name: (numbers(1, 2, 3, 4), numbers(5, 6, 7, 8)) for name in layer.parts}
    gradient, zero = numbers(0.5, -0.25, 1, 2), numbers(0, 0, 0, 0)
    layer = replace(
        layer,
        states={"h": numbers(1, 2, 3, 4), "c": numbers(5, 6, 7, 8)},
        gates=gates | {"forget": numbers(0.1, 0.2, 0.3, 0.4)},
        parts=parts | {"forget": (numbers(10, 20, 30, 40), numbers(50, 60, 70, 80))},
    )
    terms = {"output": numbers(0, 0, 1, 2), "next": numbers(0.5, -0.25, 0, 0)}
    backward = replace(
        backward,
        dstates={"h": gradient, "c": zero},
        terms={"h": terms, "c": {"next": zero, "hidden": zero}},
        norms=torch.tensor([0.1, 1]),
        factors=torch.tensor([0.1, math.nan]),
        weight_steps=torch.tensor([0.5, 1]),
        weight_sum=torch.tensor([1.5, 1]),
    )
    return replace(
        view,
        trace=replace(view.trace, layers=(layer,), agreement=1e-7),
        backward=replace(view.backward, loss=0.5, layers=(backward,), agreement=0.0),
        labels=("x", "y", "z"),
        probabilities=numbers(0.2, 0.5, 0.3, 0.7, 0.1, 0.2),
        targets=[None, 0],
    )


def test_the_fixture_of_the_javascript_tests_is_what_python_sends() -> None:
    whole = payload(
        [example_view()],
        ["a", "<b>"],
        unknown=[False, True],
        code=MANY_TO_ONE,
        prediction_title="Answer",
    )
    check_fixture("stage_payload.json", whole)


def test_python_and_javascript_define_the_same_types() -> None:
    types = [each for each in vars(payload_types).values() if is_typeddict(each)]
    assert jsdoc_properties(ASSETS / "stage" / "payload.js") == typed_dict_keys(*types)


def page() -> None:
    """A page with a stage of its own, as AppTest runs it."""
    import streamlit

    from rnnviz.ui import permalink, stage
    from tests.test_stage import cell_view

    with permalink.sync("stage"):
        text = streamlit.session_state.get("test_text", "abcdef")
        streamlit.session_state["test_position"] = stage.show(
            stage.stage_content([cell_view("lstm")], list(text)),
            key="test.stage",
            address="test.at",
        )


def start_sent(app: AppTest) -> dict[str, Any]:
    (component,) = app.get("bidi_component")
    start: dict[str, Any] = json.loads(component.proto.json)["start"]
    return start


def test_a_link_leads_to_its_step_and_a_hostile_one_to_the_first() -> None:
    app = AppTest.from_function(page)
    app.query_params["at"] = "8"
    app.run()
    assert not app.exception
    assert start_sent(app) == {"step": 3, "phase": "backward"}
    for wrong in ("99", "-1", "<script>", "1e9"):
        app = AppTest.from_function(page)
        app.query_params["at"] = wrong
        app.run()
        assert not app.exception
        assert start_sent(app) == {"step": 0, "phase": "forward"}


def test_a_reported_position_sends_no_new_start() -> None:
    app = AppTest.from_function(page).run()
    app.session_state["test.stage"] = {"position": {"step": 4, "phase": "forward"}}
    app.run()
    assert app.session_state["test_position"] == Position(4)
    assert start_sent(app) == {"step": 0, "phase": "forward"}


def component_page() -> None:
    """The same stage by Streamlit's own function."""
    import streamlit

    from rnnviz.ui.stage import component, stage_content
    from tests.test_stage import cell_view

    content = stage_content([cell_view("lstm")], list("abcdef"))
    register = streamlit.components.v2.component
    sources = {"html": component.HTML, "css": component.CSS, "js": component.SCRIPT}
    register(component.NAME, **sources, isolate_styles=False)(
        key="test.stage",
        data=content.payload(),
        on_position_change=lambda: None,
        on_missing_change=lambda: None,
    )


def test_the_message_is_the_one_that_streamlit_sends() -> None:
    ours, theirs = (
        AppTest.from_function(each).run().get("bidi_component")[0].proto
        for each in (page, component_page)
    )
    assert json.loads(ours.json) == json.loads(theirs.json)
    for message in (ours, theirs):
        message.ClearField("json")
        message.id = message.id.rpartition("-")[2]
    assert ours == theirs


def test_a_browser_that_cannot_fetch_gets_the_numbers_with_the_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rnnviz.ui.services.numbers.INLINE_BYTES", 0)
    app = AppTest.from_function(page).run()
    sent = json.loads(app.get("bidi_component")[0].proto.json)
    assert sent["address"]
    app.session_state["test.stage"] = {"missing": sent["id"]}
    app.run()
    inside = json.loads(app.get("bidi_component")[0].proto.json)
    assert (inside["address"], inside["id"]) == ("", sent["id"])
    assert len(words(inside)) > 1000
    app.session_state["test_text"] = "ghijkl"
    app.run()
    assert json.loads(app.get("bidi_component")[0].proto.json)["address"]


@pytest.mark.parametrize("reported", ["x", {"step": "1"}, {"step": 1, "phase": "sideways"}, {}])
def test_an_invalid_report_is_ignored(reported: Any) -> None:
    app = AppTest.from_function(page).run()
    app.session_state["test.stage"] = {"position": reported}
    app.run()
    assert not app.exception
    assert app.session_state["test_position"] == Position(0)


def test_another_text_begins_at_its_beginning() -> None:
    app = AppTest.from_function(page).run()
    app.session_state["test.stage"] = {"position": {"step": 4, "phase": "forward"}}
    app.run()
    app.session_state["test_text"] = "ghijkl"
    app.run()
    assert start_sent(app) == {"step": 0, "phase": "forward"}
