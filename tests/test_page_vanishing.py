"""The page "Vanishing gradients": every control reaches the figures, every promise is kept."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.figures.numbers import short_number
from rnnviz.gradient_flow import CellFlow, FlowResult, FlowSettings, band, measure, study
from rnnviz.messages import Problem
from rnnviz.settings import Choice, Range, rules
from rnnviz.ui.controls import slider_stops
from rnnviz.ui.vanishing import tables
from rnnviz.ui.vanishing.controls import OPTIONAL_STARTS, SUGGESTIONS, control_values
from tests.conftest import reset_server

ROOT = Path(__file__).parents[1]
PAGE = "pages/learn/vanishing.py"
RULES = rules(FlowSettings)
RANGES = {name: rule for name, rule in RULES.items() if isinstance(rule, Range)}


def page(locale: str = "en-US", **address: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.context["locale"] = locale
    at.run()
    at.switch_page(PAGE)
    for name, value in address.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def figure(at: AppTest, number: int = 0) -> dict[str, Any]:
    return json.loads(at.get("plotly_chart")[number].proto.spec)


def line(at: AppTest, name: str = "RNN") -> list[float]:
    (trace,) = [t for t in figure(at)["data"] if t["mode"] == "lines" and t.get("name") == name]
    return [value or 0.0 for value in trace["y"]]


def titles(at: AppTest) -> list[str]:
    """The findings over the figures, without the escapes that keep Markdown from reading them."""
    return [re.sub(r"\\(.)", r"\1", header.value) for header in at.header]


def medians(result: FlowResult, cell: str) -> list[float]:
    flow = result.flows[cell]
    clipped = bool((flow.scale < 1).any())
    values: list[float] = band(flow.clipped_norms if clipped else flow.norms)[1].tolist()
    return values


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_with_the_defaults_the_gradient_vanishes_in_all_three_cells(locale: str) -> None:
    at = page(locale)
    result = measure(FlowSettings())
    for cell, flow in result.flows.items():
        assert line(at, cell.upper()) == pytest.approx(medians(result, cell))
        share = short_number(float(band(flow.remaining)[1]))
        finding = f"{share} ({cell.upper()})" if locale == "en-US" else f"{cell.upper()} {share}배"
        assert finding in titles(at)[0]
    assert ("vanishes" if locale == "en-US" else "소실") in titles(at)[0]
    assert len(at.get("plotly_chart")) == 3
    korean = [
        bool(re.search("[가-힣]", text)) for text in (*titles(at), *(b.label for b in at.button))
    ]
    assert all(korean) if locale == "ko-KR" else not any(korean)


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_one_cell_alone(cell: str, locale: str) -> None:
    at = page(locale, cells=cell)
    drawn = {t["name"] for t in figure(at)["data"] if t.get("name")}
    assert drawn == {cell.upper()}
    bound = [t for t in figure(at, 1)["data"] if "W_hh" in t.get("name", "")]
    assert bool(bound) == (cell == "rnn")


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("name", RANGES)
def test_the_ends_of_every_slider(name: str, end: str) -> None:
    value = getattr(RANGES[name], end)
    at = page(cells="rnn")
    if name in OPTIONAL_STARTS:
        at.toggle(key=f"vanishing.set_{name}").set_value(True).run()
    sliding = bool(slider_stops(RANGES[name], getattr(FlowSettings(), name) or 1.0))
    slider = at.select_slider if sliding else at.slider
    slider(key=f"vanishing.{name}").set_value(value).run()
    assert not at.exception
    expected = measure(FlowSettings(cells=("rnn",), **{name: value}))
    assert line(at) == pytest.approx(medians(expected, "rnn"))
    assert len(at.get("plotly_chart")) == (4 if name == "clip" else 3)


@pytest.mark.parametrize("name", [n for n, rule in RULES.items() if isinstance(rule, Choice)])
def test_every_choice_reaches_the_figures(name: str) -> None:
    rule = RULES[name]
    assert isinstance(rule, Choice)
    curves = set()
    for code in rule.options:
        at = page(cells="rnn", **{name: code})
        expected = measure(FlowSettings(cells=("rnn",), **{name: code}))
        assert line(at) == pytest.approx(medians(expected, "rnn"))
        curves.add(tuple(line(at)))
    assert len(curves) == len(rule.options)


def test_the_forget_bias_decides_how_much_gradient_the_lstm_preserves() -> None:
    at = page(cells="lstm")
    remaining = [line(at, "LSTM")[0]]
    at.toggle(key="vanishing.set_forget_bias").set_value(True).run()
    for bias in (1.0, 3.0):
        at.slider(key="vanishing.forget_bias").set_value(bias).run()
        remaining.append(line(at, "LSTM")[0])
    assert remaining[0] < 1e-3 < remaining[1] < 1e-2 < remaining[2]
    assert "shrinks" in titles(at)[0]
    captions = " ".join(each.value for each in at.caption)
    assert "the first step back costs most" in captions
    assert "would be left" not in captions, "after the first step next to nothing is lost"


@pytest.mark.parametrize("number", range(len(SUGGESTIONS)))
def test_a_suggestion_sets_the_controls(number: int) -> None:
    promise, changes = SUGGESTIONS[number]
    at = page(length="7", seeds="3", loss_at="every", set_clip="1")
    (button,) = [b for b in at.button if b.label == promise]
    button.click().run()
    assert not at.exception
    settings = FlowSettings(**changes)
    for key, value in control_values(settings).items():
        if key in at.session_state:  # The slider of a switched-off setting is not drawn.
            assert at.session_state[key] == value, key
    result = measure(settings)
    for cell in settings.cells:
        assert line(at, cell.upper()) == pytest.approx(medians(result, cell))


def measure_suggestion(promise: str) -> FlowResult:
    (changes,) = [changes for other, changes in SUGGESTIONS if other == promise]
    return measure(FlowSettings(**changes))


def test_each_suggestion_shows_what_it_promises() -> None:
    default = measure_suggestion("PyTorch's default LSTM forgets too").flows["lstm"]
    assert default.outcome == "vanishes"
    assert (default.remaining < 1e-3).all()

    biased = measure_suggestion("Forget bias 3: the LSTM's gradient no longer vanishes").flows
    assert {cell: flow.outcome for cell, flow in biased.items()} == {
        "rnn": "vanishes",
        "lstm": "shrinks",
        "gru": "vanishes",
    }

    sigmoid = measure_suggestion("Sigmoid: a slope of at most 0.25").flows["rnn"]
    assert sigmoid.slope is not None
    assert float(sigmoid.slope.max()) <= 0.25
    assert sigmoid.outcome == "vanishes"

    exploding = measure_suggestion("ReLU, spectral radius 2: explode, then clip")
    relu = exploding.flows["rnn"]
    assert relu.outcome == "explodes"
    assert exploding.settings.clip is not None
    assert float(band(relu.total * relu.scale)[1]) == pytest.approx(exploding.settings.clip)

    for flow in measure_suggestion("A loss at every step hides the vanishing").flows.values():
        assert flow.outcome == "vanishes"
        assert float((flow.norms.log10().amax(1) - flow.norms.log10().amin(1)).max()) < 0.5

    for flow in measure_suggestion("200 steps: too small for float32").flows.values():
        assert float(band(flow.norms)[1].min()) < 1e-38


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_one_step_back_is_no_survival(locale: str) -> None:
    """What is left after one step of 0.12 to 0.50 is said to shrink, and where that leads."""
    at = page(locale, length="2")
    word, other = ("shrinks", "survives") if locale == "en-US" else ("감소", "유지")
    assert word in titles(at)[0]
    assert other not in titles(at)[0]
    flows = measure(FlowSettings(length=2)).flows
    for cell, flow in flows.items():
        steps = math.floor(math.log(0.01) / math.log(float(band(flow.remaining)[1]))) + 1
        assert flow.steps_to_limit == steps
        name = cell.upper()
        sentence = f"{steps} ({name})" if locale == "en-US" else f"{name} {steps}시점"
        assert any(sentence in re.sub(r"\\(.)", r"\1", each.value) for each in at.caption)


@pytest.mark.parametrize("length", ["2", "200"])
def test_the_gradient_of_h_and_that_of_the_whole_state_are_two_things(length: str) -> None:
    """Their factors differ in the LSTM, so that each sentence names the one it is about."""
    at = page("en-US", length=length, cells="lstm", set_forget_bias="1", forget_bias="5")
    flow = measure(FlowSettings(cells=("lstm",), length=int(length), forget_bias=5.0)).flows["lstm"]
    whole, alone = (
        short_number(float(band(each)[1])) for each in (flow.median_factor, flow.mean_factor)
    )
    assert whole != alone
    assert f"multiplies the gradient of the whole state by {whole} (LSTM)" in titles(at)[1]
    captions = [re.sub(r"\\(.)", r"\1", each.value) for each in at.caption]
    assert any(f"a step back multiplies it by {alone} (LSTM)" in each for each in captions)


def test_different_fates_stand_in_one_headline() -> None:
    at = page(length="50", set_forget_bias="1", forget_bias="3")
    assert "vanishes in RNN, GRU, shrinks in LSTM" in titles(at)[0]


def test_with_a_loss_at_every_step_the_last_one_alone_is_dotted() -> None:
    at = page(loss_at="every")
    result = measure(FlowSettings(loss_at="every"))
    expected = band(result.flows["gru"].from_last)[1].tolist()
    assert line(at, "GRU, from the last loss alone") == pytest.approx(expected)
    assert titles(at)[0].startswith("Every step has its own loss")


def test_clipping_shows_before_and_after() -> None:
    at = page(set_clip="1", clip="0.01", cells="rnn")
    assert line(at)[-1] < line(at, "RNN, before clipping")[-1]
    scale = band(measure(FlowSettings(cells=("rnn",), clip=0.01)).flows["rnn"].scale)[1]
    factor = short_number(float(scale))
    assert titles(at)[1] == f"Clipping at 0.01 multiplies the whole gradient by {factor} (RNN)"
    at = page(set_clip="1", clip="100")
    assert titles(at)[1] == "Clipping at 100 changes nothing: no gradient is longer"


def test_another_clip_language_or_earlier_setting_measures_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reset_server()
    measured: list[FlowSettings] = []
    measure_cell = study._measure

    def count(name: str, settings: FlowSettings) -> CellFlow:
        measured.append(settings)
        return measure_cell(name, settings)

    monkeypatch.setattr(study, "_measure", count)
    at = page(cells="rnn")
    at.slider(key="vanishing.length").set_value(30).run()
    assert [each.length for each in measured] == [20, 30]
    at.slider(key="vanishing.length").set_value(20).run()
    at.toggle(key="vanishing.set_clip").set_value(True).run()
    at.select_slider(key="vanishing.clip").set_value(0.1).run()
    page("ko-KR", cells="rnn", set_clip="1", clip="0.1")
    assert len(measured) == 2
    clipped = measure(FlowSettings(cells=("rnn",), clip=0.1))
    assert line(at) == pytest.approx(medians(clipped, "rnn"))
    assert titles(at)[1].startswith("Clipping at 0.1 multiplies")


def test_a_study_that_cannot_be_computed_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    reset_server()

    def fail(name: str, settings: FlowSettings) -> CellFlow:
        raise Problem("no memory for {name}", name=name)

    monkeypatch.setattr(study, "_measure", fail)
    at = page(cells="rnn")
    assert "no memory for rnn" in at.warning[0].value
    assert at.slider(key="vanishing.length"), "another setting can be chosen"
    reset_server()


def test_dead_relus_and_underflow_are_explained() -> None:
    at = page(cells="rnn", activation="relu", hidden="2")
    assert any("every path through the ReLUs is off" in caption.value for caption in at.caption)
    small = {"activation": "sigmoid", "length": "200", "set_spectral_radius": "1"}
    at = page(cells="rnn", spectral_radius="0.1", **small)
    assert any("smaller than any float64" in caption.value for caption in at.caption)
    assert "multiplied by 0" in titles(at)[0]


def test_a_link_restores_everything() -> None:
    at = page(cells="lstm", length="35", set_forget_bias="1", forget_bias="2.5", hidden="10")
    expected = measure(FlowSettings(cells=("lstm",), length=35, forget_bias=2.5, hidden=10))
    assert line(at, "LSTM") == pytest.approx(medians(expected, "lstm"))


@pytest.mark.parametrize(
    "address",
    [
        {"length": "1e9"},
        {"length": "nan"},
        {"cells": "rnn,<img src=x onerror=alert(1)>"},
        {"activation": "__import__('os')"},
        {"set_clip": "perhaps"},
        {"hidden": "-3"},
    ],
    ids=str,
)
def test_wrong_values_in_a_link_are_reported_and_ignored(address: dict[str, str]) -> None:
    at = page(**address)
    assert at.warning
    assert line(at) == pytest.approx(medians(measure(FlowSettings()), "rnn"))


def test_the_table_satisfies_the_bounds_of_the_caption() -> None:
    """No factor of the whole state passes |J_t|; that of h alone has its own column, and may."""
    study = FlowSettings(cells=("lstm",), hidden=2, forget_bias=6.0, spectral_radius=0.5)
    at = page(cells="lstm", hidden="2", set_forget_bias="1", forget_bias="6")
    captions = [re.sub(r"\\(.)", r"\1", caption.value) for caption in at.caption]
    assert any("never by more than the spectral norm |J_t|" in caption for caption in captions)
    table = tables.factors(measure(study))
    for kind in ("low", "median", "high"):
        assert (table[f"factor_{kind}"] <= table[f"largest_{kind}"] * (1 + 1e-5)).all()
    assert (table["factor_of_h_high"] > table["largest_high"]).any()
