"""The factor of one step back, beside the largest possible one and its bound."""

import math
from collections.abc import Mapping

from torch import Tensor

from rnnviz.figures.axes import (
    GREY,
    LEGEND_MARGIN,
    MARGIN,
    Figure,
    annotation,
    legend_below,
    straight_line,
    translucent,
)
from rnnviz.figures.numbers import short_number
from rnnviz.figures.translation import Translate, untranslated
from rnnviz.gradient_flow import FlowResult, band
from rnnviz.names import CELL_NAMES
from rnnviz.palette import CELLS

TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


def step_factors(result: FlowResult, _: Translate = untranslated) -> Figure:
    """Per cell: what one step back did to the gradient, the most it could do, and the bound.

    Medians over networks; the broad line is the 10-90 % band of |J_t| over steps and networks.
    """
    flows = result.flows
    actual = {cell: _median(flow.median_factor) for cell, flow in flows.items()}
    largest = {cell: _median(flow.largest_factor) for cell, flow in flows.items()}
    bounds = {c: _median(flow.bound) for c, flow in flows.items() if flow.bound is not None}
    ranges = {}
    for cell, flow in flows.items():
        low, _half, high = band(flow.step_spectral[:, 1:].flatten())
        ranges[cell] = (float(low), float(high))
    numbers = [*actual.values(), *largest.values(), *bounds.values(), 0.5, 2.0]
    inside = [number for number in numbers if 0 < number < math.inf]
    ends = min(inside) / 1.5, max(inside) * 1.5
    rows = [CELL_NAMES[cell] for cell in flows]
    dot = {"symbol": ["circle" if value else "triangle-left" for value in actual.values()]}
    stroke = {"symbol": "line-ns", "size": 26, "line": {"color": GREY, "width": 4}}
    traces = [_range_line(cell, pair, ends) for cell, pair in ranges.items() if pair[1] > 0]
    traces += _marks(_("actual factor"), actual, dot, "top left", ends)
    traces += _marks(
        _("largest possible, |J_t|"), largest, {"symbol": "diamond"}, "bottom left", ends
    )
    if bounds:
        traces += _marks(_("bound γ·‖W_hh‖"), bounds, stroke, "middle right", ends)
    return {
        "data": traces,
        "layout": {
            "height": 150 + 70 * len(rows),
            "margin": MARGIN | LEGEND_MARGIN,
            "legend": legend_below() | {"itemclick": False},
            "shapes": [straight_line("x", 1.0)],
            "annotations": [
                annotation(_("shrinks ←"), **_above(), xanchor="right", xshift=-6),
                annotation(_("→ grows"), **_above(), xanchor="left", xshift=6),
            ],
            "xaxis": {
                "title": {"text": _("factor per step back")},
                "type": "log",
                "range": [math.log10(end) for end in ends],
                "tickvals": list(TICKS),
                "ticktext": [f"{tick:g}" for tick in TICKS],
                "zeroline": False,
            },
            "yaxis": {
                "categoryorder": "array",
                "categoryarray": rows[::-1],
                "range": [-0.6, len(rows) - 0.4],
                "showgrid": False,
            },
        },
    }


def _median(values: Tensor) -> float:
    return float(band(values)[1])


def _above() -> Figure:
    # On a logarithmic axis the position of an annotation is a power of ten: 10⁰ is 1.
    return {"x": 0.0, "yref": "paper", "y": 1, "yanchor": "bottom"}


def _range_line(cell: str, pair: tuple[float, float], ends: tuple[float, float]) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [min(max(end, ends[0]), ends[1]) for end in pair],
        "y": [CELL_NAMES[cell]] * 2,
        "line": {"color": translucent(CELLS[cell], 0.35), "width": 12},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _marks(
    name: str,
    values: Mapping[str, float],
    marker: Figure,
    text_position: str,
    ends: tuple[float, float],
) -> list[Figure]:
    """One kind of mark in every row, its number beside it; 0 is drawn at the left end.

    A second trace without points is its entry in the legend, in no cell's colour.
    """
    marks = {
        "type": "scatter",
        "mode": "markers+text",
        "name": name,
        "x": [min(max(value, ends[0]), ends[1]) for value in values.values()],
        "y": [CELL_NAMES[cell] for cell in values],
        "text": [short_number(value) for value in values.values()],
        "textposition": text_position,
        "cliponaxis": False,
        "marker": {"color": [CELLS[cell] for cell in values], "size": 14} | marker,
        "showlegend": False,
        "hovertemplate": "%{y}: %{text}<extra>" + name + "</extra>",
    }
    symbol = marker["symbol"] if isinstance(marker["symbol"], str) else "circle"
    grey = marker | {"color": GREY, "size": 12, "symbol": symbol}
    entry = {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [None],
        "y": [None],
        "marker": grey,
    }
    return [marks, entry]
