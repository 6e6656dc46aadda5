"""The course of stored runs: curves that are compared, and the gradient over the training.

T time steps of the fixed example.
"""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

from rnnviz.figures.axes import FOOT, GREY, MARGIN, Figure, below, note, rule
from rnnviz.figures.words import Translate, english

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


@dataclass(frozen=True)
class Curve:
    """One run: its name, its colour and its points; a value of None is a gap."""

    name: str
    colour: str
    x: Sequence[float | None]
    y: Sequence[float | None]


@dataclass(frozen=True)
class Mark:
    """A value to beat, with its name (already translated)."""

    title: str
    value: float


def course(
    curves: Sequence[Curve], marks: Sequence[Mark], *, x: str, y: str, logarithmic: bool
) -> Figure:
    """Curves over the training, and the values to beat as labelled lines; `x`, `y` name the axes.

    On a logarithmic axis a value that is not above zero is a gap.
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
    shown = [mark for mark in marks if _drawable(mark.value, logarithmic)]
    return {
        "data": traces,
        "layout": {
            "height": 420,
            "margin": MARGIN | FOOT,
            "showlegend": True,
            "legend": below(),
            "hovermode": "x unified",
            "shapes": [rule("y", mark.value, GREY, "dot") for mark in shown],
            "annotations": [_named(mark, logarithmic) for mark in shown],
            "xaxis": {"title": {"text": x}, "rangemode": "tozero", "showgrid": False},
            "yaxis": {
                "title": {"text": y},
                "type": "log" if logarithmic else "linear",
                "zeroline": False,
            },
        },
    }


def gradient_course(
    steps: Sequence[int],
    norms: Sequence[Sequence[float | None]],
    colours: Sequence[str],
    _: Translate = english,
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


def _drawable(value: float | None, logarithmic: bool) -> bool:
    return value is not None and math.isfinite(value) and (value > 0 or not logarithmic)


def _named(mark: Mark, logarithmic: bool) -> Figure:
    return note(
        html.escape(mark.title),
        xref="paper",
        x=0.995,
        y=math.log10(mark.value) if logarithmic else mark.value,
        xanchor="right",
        yanchor="bottom",
        font={"size": 11},
    )
