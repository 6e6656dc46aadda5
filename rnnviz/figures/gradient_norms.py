"""The gradient at every time step.

S networks, T time steps.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from rnnviz.figures.axes import (
    MARGIN,
    Figure,
    annotation,
    clamp,
    corner_label,
    line_label,
    log_range,
    straight_line,
    tick_decades,
    translucent,
    with_gaps,
)
from rnnviz.figures.numbers import short_number
from rnnviz.figures.translation import Translate, untranslated
from rnnviz.gradient_flow import FlowResult, band
from rnnviz.names import CELL_NAMES
from rnnviz.palette import CELLS

FLOAT32_SMALLEST = 1.1754944e-38
"""Below this a float32 loses digits, and soon becomes 0."""

Band = tuple[Tensor, Tensor, Tensor]


def gradient_norms(result: FlowResult, _: Translate = untranslated) -> Figure:
    """|dL/dh_t| against the time step: median and 10-90 % band over networks, on a log axis.

    Dotted, where there are two sets of curves: before clipping, or from the last loss alone.
    """
    settings, T = result.settings, result.settings.length
    curves = _curves(result, _)
    bands = [values for triple in curves.solid.values() for values in triple]
    low, high = log_range(bands + [middle for _low, middle, _high in curves.dotted.values()])
    traces: list[Figure] = []
    for cell, (bottom, _middle, top) in curves.solid.items():
        traces.append(_area(clamp(bottom, low, high), clamp(top, low, high), CELLS[cell]))
    for cell, (_bottom, middle, _top) in curves.dotted.items():
        traces.append(
            norm_line(middle, f"{CELL_NAMES[cell]}, {curves.meaning}", CELLS[cell], 1.5, "dot")
        )
    for cell, (_bottom, middle, _top) in curves.solid.items():
        traces.append(norm_line(middle, CELL_NAMES[cell], CELLS[cell], 3, "solid"))
        traces += _out_of_range(middle, low, high, cell)
    notes = [
        corner_label(_("← the gradient flows back"), "left"),
        *_names(curves.named, low, high),
    ]
    loss_label = _("a loss at every step") if settings.loss_at == "every" else _("the loss ↓")
    notes.append(corner_label(loss_label, "right"))
    axis = _("time step t")
    if curves.dotted:
        axis = _("time step t (dotted: {meaning})", meaning=curves.meaning)
    # A letter of a name takes 0.034 of the curves' width on a screen of 1280 px.
    name_share = max(0.17, 0.034 * max(len(CELL_NAMES[cell]) for cell in curves.named))
    shapes = []
    if low < FLOAT32_SMALLEST < high:
        shapes.append(straight_line("y", FLOAT32_SMALLEST))
        label = _("below: too small for float32")
        notes.append(line_label(math.log10(FLOAT32_SMALLEST), label, "right"))
    return {
        "data": traces,
        "layout": {
            "height": 490,
            "margin": MARGIN,
            "showlegend": False,
            "hovermode": "x unified",
            "annotations": notes,
            "shapes": shapes,
            "xaxis": {
                "title": {"text": axis},
                "range": [1 - name_share * (T - 1), 1 + 1.02 * (T - 1)],
                "tickvals": _ticks(T),
                "showgrid": False,
                "zeroline": False,
            },
            "yaxis": {
                "title": {"text": _("gradient norm |∂L/∂h_t|")},
                "type": "log",
                "range": [math.log10(low), math.log10(high)],
                "exponentformat": "power",
                "tick0": 0,
                "dtick": tick_decades(low, high),
                "zeroline": False,
            },
        },
    }


@dataclass(frozen=True)
class _Curves:
    """Per cell: the solid band, the dotted one and its meaning, and the one with the name."""

    solid: Mapping[str, Band]
    dotted: Mapping[str, Band]
    meaning: str
    named: Mapping[str, Band]


def _curves(result: FlowResult, _: Translate) -> _Curves:
    flows = result.flows.values()
    norms = {flow.cell: band(flow.norms) for flow in flows}
    if any(bool((flow.scale < 1).any()) for flow in flows):
        clipped = {flow.cell: band(flow.clipped_norms) for flow in flows}
        return _Curves(clipped, norms, _("before clipping"), clipped)
    if result.settings.loss_at == "every":
        # The curves overlap; the cells differ in the gradient of the last loss.
        alone = {flow.cell: band(flow.from_last) for flow in flows}
        return _Curves(norms, alone, _("from the last loss alone"), alone)
    return _Curves(norms, {}, "", norms)


def _area(bottom: list[float], top: list[float], colour: str) -> Figure:
    steps = list(range(1, len(top) + 1))
    return {
        "type": "scatter",
        "mode": "lines",
        "x": steps + steps[::-1],
        "y": top + bottom[::-1],
        "fill": "toself",
        "fillcolor": translucent(colour, 0.2),
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def norm_line(values: Tensor, name: str, colour: str, width: float, dash: str) -> Figure:
    """The gradient's norm at each time step as a line; gaps where it is 0."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(range(1, len(values) + 1)),
        "y": with_gaps(values),
        "customdata": [short_number(float(value)) for value in values],
        "line": {"color": colour, "width": width, "dash": dash},
        "hovertemplate": "%{customdata}",
    }


def _out_of_range(values: Tensor, low: float, high: float, cell: str) -> list[Figure]:
    """Triangles at the end of the axis for the steps at which the median is 0 or infinite."""
    traces = []
    for end, symbol, y in ((0.0, "triangle-down", low), (math.inf, "triangle-up", high)):
        steps = [t + 1 for t, value in enumerate(values.tolist()) if value == end]
        if steps:
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": CELL_NAMES[cell],
                    "x": steps,
                    "y": [y] * len(steps),
                    "marker": {"symbol": symbol, "size": 9, "color": CELLS[cell]},
                    "cliponaxis": False,
                    "hovertemplate": short_number(end),
                }
            )
    return traces


def _names(named: Mapping[str, Band], low: float, high: float) -> list[Figure]:
    """Each cell's name at the left end of its curve; names that would overlap are moved."""
    bottom, top = math.log10(low), math.log10(high)
    distance = 0.065 * (top - bottom)
    ends = {c: math.log10(clamp(middle[:1], low, high)[0]) for c, (_l, middle, _h) in named.items()}
    notes, above = [], -math.inf
    for cell, end in sorted(ends.items(), key=lambda item: item[1]):
        above = max(end, above + distance, bottom + distance / 2)
        font = {"color": CELLS[cell], "size": 13, "weight": 700}
        notes.append(
            annotation(
                CELL_NAMES[cell],
                x=1,
                y=above,
                xanchor="right",
                yanchor="middle",
                xshift=-5,
                font=font,
            )
        )
    # Curves that end together at the top would push the last name out of the picture.
    over = above - (top - distance / 2)
    return [n | {"y": n["y"] - over} for n in notes] if over > 0 else notes


def _ticks(T: int) -> list[int]:
    """The first and the last step, and round ones between them that do not touch these."""
    gap = next(gap for gap in (1, 2, 5, 10, 20, 25, 50) if T / gap <= 10)
    between = range(gap, T, gap)
    return [1, *(t for t in between if t - 1 > gap / 2 and T - t > gap / 2), T]
