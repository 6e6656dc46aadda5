"""The figures show the numbers of the study, also those that have no logarithm."""

import json
import math
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

import plotly.graph_objects as go
import pytest
import torch

from rnnviz import figures
from rnnviz.figures.activations import SLOPES
from rnnviz.figures.axes import clamp, log_range, tick_decades, with_gaps
from rnnviz.figures.numbers import short_number
from rnnviz.figures.translation import untranslated
from rnnviz.gradient_flow import SLOPE_BOUND, FlowResult, FlowSettings, band, measure
from rnnviz.memory import ProbeCurve, probe_lengths
from rnnviz.names import CELL_NAMES

cached_measure = cache(measure)

PLAIN = FlowSettings(length=15, hidden=8, seeds=4)
CASES = {
    "plain": PLAIN,
    "one cell": replace(PLAIN, cells=("gru",)),
    "two steps": replace(PLAIN, length=2),
    "every": replace(PLAIN, loss_at="every"),
    "clipped": replace(PLAIN, clip=0.01),
    "not clipped": replace(PLAIN, clip=100.0),
    "exploding": replace(PLAIN, cells=("rnn",), activation="relu", spectral_radius=3.0, length=200),
    "dead": replace(
        PLAIN, cells=("rnn",), activation="relu", hidden=2, spectral_radius=0.1, seeds=9
    ),
    "underflow": replace(PLAIN, activation="sigmoid", spectral_radius=0.1, length=200, clip=0.01),
}
FIGURES = {
    "norms": figures.gradient_norms,
    "factors": figures.step_factors,
    "activations": figures.activation_derivatives,
    "clipping": figures.clipping,
}


def traces(fig: dict[str, Any], mode: str, name: str) -> list[dict[str, Any]]:
    return [t for t in fig["data"] if t["mode"] == mode and t.get("name") == name]


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("case", CASES)
def test_plotly_accepts_every_figure(name: str, case: str) -> None:
    if name == "clipping" and CASES[case].clip is None:
        case = "clipped"
    fig = FIGURES[name](cached_measure(CASES[case]))
    go.Figure(fig)  # Raises where a property or a value is unknown.
    json.dumps(fig, allow_nan=False)


def test_the_lines_are_the_medians() -> None:
    result = cached_measure(PLAIN)
    fig = figures.gradient_norms(result)
    for cell, flow in result.flows.items():
        (line,) = traces(fig, "lines", cell.upper())
        assert line["y"] == band(flow.norms)[1].tolist()
        assert line["x"] == list(range(1, 16))


def test_unclipped_norms_and_the_last_loss_alone_are_dotted() -> None:
    result = cached_measure(CASES["clipped"])
    fig = figures.gradient_norms(result)
    flow = result.flows["rnn"]
    (after,), (before,) = (
        traces(fig, "lines", "RNN"),
        traces(fig, "lines", "RNN, before clipping"),
    )
    assert after["y"] == band(flow.clipped_norms)[1].tolist()
    assert before["y"] == band(flow.norms)[1].tolist()
    assert after["y"][-1] < before["y"][-1]
    assert "before clipping" in fig["layout"]["xaxis"]["title"]["text"]
    fig = figures.gradient_norms(cached_measure(CASES["every"]))
    (alone,) = traces(fig, "lines", "LSTM, from the last loss alone")
    (everywhere,) = traces(fig, "lines", "LSTM")
    assert alone["y"][0] < everywhere["y"][0]


def test_zero_and_infinity_are_drawn_at_the_ends_of_the_axis() -> None:
    result = cached_measure(replace(PLAIN, cells=("rnn",)))
    flow = result.flows["rnn"]
    norms = flow.norms.clone()
    norms[:, :3], norms[:, 3:5] = 0.0, math.inf
    odd = replace(flow, norms=norms)
    fig = figures.gradient_norms(replace(result, flows=MappingProxyType({"rnn": odd})))
    low, high = (10**end for end in fig["layout"]["yaxis"]["range"])
    zeros, infinite = traces(fig, "markers", "RNN")
    assert (zeros["x"], infinite["x"]) == ([1, 2, 3], [4, 5])
    assert zeros["y"] == pytest.approx([low] * 3)
    assert infinite["y"] == pytest.approx([high] * 2)
    (line,) = traces(fig, "lines", "RNN")
    assert line["y"][:5] == [None] * 5
    assert None not in line["y"][5:]


def test_the_factors_are_those_of_the_study() -> None:
    result = cached_measure(PLAIN)
    fig = figures.step_factors(result)
    for name, values in {
        "actual factor": [flow.median_factor for flow in result.flows.values()],
        "largest possible, |J_t|": [flow.largest_factor for flow in result.flows.values()],
        "bound γ·‖W_hh‖": [result.flows["rnn"].bound],
    }.items():
        marks, entry = traces(fig, "markers+text", name) + traces(fig, "markers", name)
        assert marks["x"] == [float(band(value)[1]) for value in values if value is not None]  # type: ignore[attr-defined]
        assert entry["x"] == [None]


@pytest.mark.parametrize("code", SLOPES)
def test_the_curves_are_derivatives_and_keep_their_bounds(code: str) -> None:
    apply = {
        "tanh": math.tanh,
        "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
        "relu": lambda x: max(x, 0),
    }
    xs = [k / 10 + 0.05 for k in range(-50, 50)]
    for x in xs:
        by_difference = (apply[code](x + 1e-6) - apply[code](x - 1e-6)) / 2e-6
        assert SLOPES[code](x) == pytest.approx(by_difference, abs=1e-6)
    steepest = max(SLOPES[code](x) for x in [0.0, *xs])
    assert steepest == pytest.approx(SLOPE_BOUND[code])


def test_the_dots_of_clipping_are_the_norms_before_and_after() -> None:
    result = cached_measure(replace(PLAIN, cells=("lstm",), clip=0.01))
    (pair,) = traces(figures.clipping(result), "lines+markers+text", None)
    assert pair["x"] == [pytest.approx(float(band(result.flows["lstm"].total)[1])), 0.01]


def test_a_logarithmic_axis_has_a_range_for_any_numbers() -> None:
    for values in ([], [0.0], [math.inf, 0.0], [1.0], [5e-324, 1e308], [1e-9, 1.0]):
        numbers = torch.tensor(values, dtype=torch.float64)
        low, high = log_range([numbers])
        assert 0 < low < high < math.inf
        assert math.log10(high / low if low > 1e-300 else 1e10) >= 2.9
        assert all(low <= value <= high for value in clamp(numbers, low, high))
        assert 3 <= (math.log10(high) - math.log10(low)) / tick_decades(low, high) + 1 <= 11
    assert with_gaps(torch.tensor([0.0, 2.0, math.inf, math.nan])) == [None, 2.0, None, None]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1.0"),
        (0.84, "0.84"),
        (0.0579, "0.058"),
        (42.4, "42"),
        (349.0, "350"),
        (9949.0, "9,900"),
        (9960.0, "1.0×10⁴"),
        (0.0099, "9.9×10⁻³"),
        (1.68e-6, "1.7×10⁻⁶"),
        (-2.5e12, "−2.5×10¹²"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "–"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert short_number(value) == text


def test_words_come_from_the_translator() -> None:
    messages: list[str] = []

    def shout(message: str, **values: object) -> str:
        messages.append(message)
        return untranslated(message, **values).upper()

    result: FlowResult = cached_measure(replace(PLAIN, clip=1.0))
    for draw in FIGURES.values():
        draw(result, shout)
    fig = figures.step_factors(result, shout)
    assert fig["layout"]["xaxis"]["title"]["text"] == "FACTOR PER STEP BACK"
    assert len(set(messages)) > 10


@pytest.mark.parametrize("cell", CELL_NAMES)
def test_the_name_of_a_curve_fits_between_the_axis_and_its_end(cell: str) -> None:
    result = cached_measure(replace(PLAIN, cells=(cell,)))
    start, stop = figures.gradient_norms(result)["layout"]["xaxis"]["range"]
    plot_width, letter_width = 560, 7.5  # pixels, at 1280 px; bold letters of 13 px
    room = plot_width * (1 - start) / (stop - start)
    assert letter_width * len(CELL_NAMES[cell]) < room


def test_the_curves_of_the_probe_have_a_mark_for_the_text_and_one_entry_for_the_control() -> None:
    lengths = probe_lengths(35)
    falling = tuple(1 / length for length in lengths)
    curve = ProbeCurve(lengths, falling, (0.25,) * len(lengths), (4, 5, 6, 7), ())
    fig = figures.probe_curves({"rnn": curve, "lstm": curve}, 35, {"rnn": True, "lstm": False})
    go.Figure(fig)
    json.dumps(fig, allow_nan=False)
    (line,) = traces(fig, "lines", "RNN")
    assert (line["x"], line["y"]) == (list(lengths), list(falling))
    controls = traces(fig, "lines", "control: shuffled labels")
    assert [control["showlegend"] for control in controls] == [True, False]
    marks = [trace for trace in fig["data"] if trace["mode"] == "markers"]
    assert [(mark["x"], mark["y"]) for mark in marks] == [([35], [1 / 35])] * 2
    assert [mark["marker"]["symbol"] for mark in marks] == ["circle", "x-thin"]
    assert fig["layout"]["shapes"][0]["y0"] == curve.chance
