"""The course of stored runs: curves that are compared, and the gradient over the training.

T time steps of the fixed example.
"""

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TypeGuard

from rnnviz.figures.axes import GREY, LEGEND_MARGIN, MARGIN, Figure, legend_below, straight_line
from rnnviz.figures.translation import Translate, untranslated

DASHES = ("solid", "dash", "dashdot", "longdash", "longdashdot")
"""Those of the runs; none is `DOTTED`, which means a value to beat."""

DOTTED = "dot"

HEIGHT = 420
"""Pixels of a figure of a few runs; each one more makes it higher by its line in the legend."""

SHORT_LEGEND = 3

KEYS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
"""What marks are called beside the axes: their names are too long to stand among the curves."""

KEY_HEIGHT = 16
"""Pixels from one key to the next, so that none covers its neighbour."""

KEY_DISTANCE = 14
"""Pixels from the end of a mark's line to its key."""

LEGEND_TOP = 90
LEGEND_LINE = 19
"""Pixels below the axes on a narrow screen: without the legend, and for each name in it."""

TITLE_WIDTH = 45
"""Characters of an axis title that fit beside the axes."""

KEY_MARGIN = {"r": 40}
"""A margin that keys have room in."""


@dataclass(frozen=True)
class Curve:
    """One run: its name, its colour and its points; a value of None is a gap."""

    name: str
    colour: str
    x: Sequence[float | None]
    y: Sequence[float | None]


@dataclass(frozen=True)
class BaselineLine:
    """A value to beat, with its name (already translated)."""

    title: str
    value: float


def training_curves(
    curves: Sequence[Curve], marks: Sequence[BaselineLine], *, x: str, y: str, logarithmic: bool
) -> Figure:
    """Curves over the training, and the values to beat as lines with keys; `x`, `y` name the axes.

    On a logarithmic axis a value that is not above zero is a gap. `keyed` tells whose key is which.
    """
    traces = []
    for number, curve in enumerate(curves):
        points = [
            (place, value)
            for place, value in zip(curve.x, curve.y, strict=True)
            if place is not None and _drawable(value, logarithmic)
        ]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines" if len(points) > 1 else "markers",
                "name": html.escape(curve.name),
                "x": [place for place, _value in points],
                "y": [value for _place, value in points],
                "line": {
                    "color": curve.colour,
                    "width": 2.5,
                    "dash": DASHES[number % len(DASHES)],
                },
                "marker": {"color": curve.colour, "size": 9},
                "hovertemplate": "%{y:.4g}",
            }
        )
    shown = baseline_keys(marks, logarithmic)
    return {
        "data": traces,
        "layout": {
            "height": HEIGHT + LEGEND_LINE * max(0, len(curves) - SHORT_LEGEND),
            "margin": MARGIN | LEGEND_MARGIN | (KEY_MARGIN if shown else {}),
            "showlegend": True,
            "legend": legend_below(),
            "hovermode": "x unified",
            "shapes": [straight_line("y", mark.value, GREY, DOTTED) for mark in shown.values()],
            "annotations": _keys(shown, curves, logarithmic),
            "xaxis": {"title": {"text": x}, "rangemode": "tozero", "showgrid": False},
            "yaxis": {
                "title": {"text": "<br>".join(wrap(y, TITLE_WIDTH))},
                "type": "log" if logarithmic else "linear",
                "zeroline": False,
            },
        },
    }


def baseline_keys(marks: Sequence[BaselineLine], logarithmic: bool) -> dict[str, BaselineLine]:
    """The marks that have a place on the axis, each by its key."""
    shown = [mark for mark in marks if _drawable(mark.value, logarithmic)]
    return dict(zip(KEYS, shown, strict=False))


def gradient_history(
    steps: Sequence[int],
    norms: Sequence[Sequence[float | None]],
    colours: Sequence[str],
    _: Translate = untranslated,
) -> Figure:
    """|dL/dh_t| at each time step (T up) over the training (steps across), coloured on a log scale.

    `norms`: T numbers for each of `steps`; one that is 0 or not finite is a gap.
    """
    powers = [
        [
            math.log10(value) if value is not None and _drawable(value, True) else None
            for value in row
        ]
        for row in norms
    ]
    known = [value for row in powers for value in row if value is not None]
    low, high = (math.floor(min(known)), math.ceil(max(known))) if known else (-1, 0)
    high = max(high, low + 1)
    gap = max(1, round((high - low) / 6))
    ticks = list(range(low, high + 1, gap))
    return {
        "data": [
            {
                "type": "heatmap",
                "x": [str(step) for step in steps],
                "y": list(range(1, 1 + max(map(len, powers), default=0))),
                "z": [list(row) for row in zip(*powers, strict=True)],
                "zmin": low,
                "zmax": high,
                "colorscale": [
                    [place / (len(colours) - 1), colour] for place, colour in enumerate(colours)
                ],
                "colorbar": {
                    "tickvals": ticks,
                    "ticktext": [f"10<sup>{tick}</sup>" for tick in ticks],
                    "thickness": 12,
                },
                "hovertemplate": "%{x} · t = %{y}: 10^%{z:.2f}<extra></extra>",
            }
        ],
        "layout": {
            "height": 360,
            "margin": MARGIN,
            # Kept weights are closer together at first: each has the same room here.
            "xaxis": {"title": {"text": _("training step")}, "type": "category", "nticks": 8},
            "yaxis": {"title": {"text": _("time step t")}, "zeroline": False},
        },
    }


def _drawable(value: float | None, logarithmic: bool) -> TypeGuard[float]:
    return value is not None and math.isfinite(value) and (value > 0 or not logarithmic)


def _keys(
    shown: Mapping[str, BaselineLine], curves: Sequence[Curve], logarithmic: bool
) -> list[Figure]:
    """A key for each mark, at the end of its line and beyond the axes, where no curve comes."""

    def place(value: float) -> float:
        return math.log10(value) if logarithmic else value

    places = [place(mark.value) for mark in shown.values()]
    drawn = [each for curve in curves for each in curve.y if _drawable(each, logarithmic)]
    everything = [*places, *map(place, drawn)]
    low, high = min(everything, default=0.0), max(everything, default=0.0)
    # The least that a screen may leave, as with more room no two keys come closer. Plotly keeps a
    # twentieth of the axis free at both ends.
    room = (HEIGHT - MARGIN["t"] - LEGEND_TOP - LEGEND_LINE * min(len(curves), SHORT_LEGEND)) / 1.1
    pixels = room / (high - low or 1)
    wanted = [pixels * (each - low) for each in places]
    return [
        {
            "text": key,
            "xref": "paper",
            "x": 1,
            "y": where,
            # The arrow, without a head, is the stroke that leads from the line to its key.
            "showarrow": True,
            "arrowhead": 0,
            "arrowwidth": 1,
            "arrowcolor": GREY,
            "ax": KEY_DISTANCE,
            "ay": wish - height,
            "xanchor": "left",
            "yanchor": "middle",
            "borderpad": 0,
            "font": {"size": 14},
        }
        for key, where, wish, height in zip(
            shown, places, wanted, spread_keys(wanted, room), strict=True
        )
    ]


def spread_keys(wanted: Sequence[float], top: float) -> list[float]:
    """Heights in pixels for keys that want to stand at `wanted`: none over another.

    From the bottom up; what that would push above `top` goes below it again.
    """
    order = sorted(range(len(wanted)), key=lambda number: wanted[number])
    found = [0.0] * len(wanted)
    last = -math.inf
    for number in order:
        last = found[number] = max(wanted[number], last + KEY_HEIGHT)
    for number in reversed(order):
        found[number] = min(found[number], top)
        top = found[number] - KEY_HEIGHT
    return found
