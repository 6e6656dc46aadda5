"""Curves of stored runs over the training, and the gradient over the training.

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
"""Those of the runs; none is `DOTTED`, which marks a baseline."""

DOTTED = "dot"

HEIGHT = 420
"""Pixels of a figure of a few runs; each further one adds the height of its legend entry."""

SHORT_LEGEND = 3

KEYS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
"""The labels of baselines beside the axes: their names are too long for the plot."""

KEY_HEIGHT = 16
"""Pixels from one key to the next, so that none covers its neighbour."""

KEY_DISTANCE = 14
"""Pixels from the end of a baseline's line to its key."""

LEGEND_TOP = 90
LEGEND_LINE = 19
"""Pixels below the axes on a narrow screen: without the legend, and for each name in it."""

TITLE_WIDTH = 45
"""Characters of an axis title that fit beside the axes."""

KEY_MARGIN = {"r": 40}
"""A margin for the keys."""


@dataclass(frozen=True)
class Curve:
    """One run: its name, its colour and its points; a value of None is a gap."""

    name: str
    colour: str
    x: Sequence[float | None]
    y: Sequence[float | None]


@dataclass(frozen=True)
class BaselineLine:
    """The value of a baseline, with its name (already translated)."""

    title: str
    value: float


def training_curves(
    curves: Sequence[Curve], baselines: Sequence[BaselineLine], *, x: str, y: str, logarithmic: bool
) -> Figure:
    """Curves over the training, and the baselines as lines with keys; `x`, `y` name the axes.

    On a logarithmic axis a value that is not above zero is a gap. `baseline_keys` assigns the keys.
    """
    traces = []
    for number, curve in enumerate(curves):
        points = [
            (x_value, value)
            for x_value, value in zip(curve.x, curve.y, strict=True)
            if x_value is not None and _drawable(value, logarithmic)
        ]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines" if len(points) > 1 else "markers",
                "name": html.escape(curve.name),
                "x": [x_value for x_value, _value in points],
                "y": [value for _x, value in points],
                "line": {
                    "color": curve.colour,
                    "width": 2.5,
                    "dash": DASHES[number % len(DASHES)],
                },
                "marker": {"color": curve.colour, "size": 9},
                "hovertemplate": "%{y:.4g}",
            }
        )
    keyed = baseline_keys(baselines, logarithmic)
    return {
        "data": traces,
        "layout": {
            "height": HEIGHT + LEGEND_LINE * max(0, len(curves) - SHORT_LEGEND),
            "margin": MARGIN | LEGEND_MARGIN | (KEY_MARGIN if keyed else {}),
            "showlegend": True,
            "legend": legend_below(),
            "hovermode": "x unified",
            "shapes": [straight_line("y", line.value, GREY, DOTTED) for line in keyed.values()],
            "annotations": _keys(keyed, curves, logarithmic),
            "xaxis": {"title": {"text": x}, "rangemode": "tozero", "showgrid": False},
            "yaxis": {
                "title": {"text": "<br>".join(wrap(y, TITLE_WIDTH))},
                "type": "log" if logarithmic else "linear",
                "zeroline": False,
            },
        },
    }


def baseline_keys(baselines: Sequence[BaselineLine], logarithmic: bool) -> dict[str, BaselineLine]:
    """The baselines that the axis can show, each by its key."""
    drawable = [line for line in baselines if _drawable(line.value, logarithmic)]
    return dict(zip(KEYS, drawable, strict=False))


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
                    [k / (len(colours) - 1), colour] for k, colour in enumerate(colours)
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
            # Saved steps are closer together at first: here all are equally wide.
            "xaxis": {"title": {"text": _("training step")}, "type": "category", "nticks": 8},
            "yaxis": {"title": {"text": _("time step t")}, "zeroline": False},
        },
    }


def _drawable(value: float | None, logarithmic: bool) -> TypeGuard[float]:
    return value is not None and math.isfinite(value) and (value > 0 or not logarithmic)


def _keys(
    keyed: Mapping[str, BaselineLine], curves: Sequence[Curve], logarithmic: bool
) -> list[Figure]:
    """A key for each baseline, at the end of its line and outside of the axes."""

    def coordinate(value: float) -> float:
        return math.log10(value) if logarithmic else value

    line_coordinates = [coordinate(line.value) for line in keyed.values()]
    drawn = [value for curve in curves for value in curve.y if _drawable(value, logarithmic)]
    coordinates = [*line_coordinates, *map(coordinate, drawn)]
    low, high = min(coordinates, default=0.0), max(coordinates, default=0.0)
    # The smallest height that a screen may leave: with more, no two keys come closer. Plotly keeps
    # a twentieth of the axis free at both ends.
    available = (
        HEIGHT - MARGIN["t"] - LEGEND_TOP - LEGEND_LINE * min(len(curves), SHORT_LEGEND)
    ) / 1.1
    pixels = available / (high - low or 1)
    preferred = [pixels * (line - low) for line in line_coordinates]
    return [
        {
            "text": key,
            "xref": "paper",
            "x": 1,
            "y": y,
            # The arrow, without a head, is the stroke that leads from the line to its key.
            "showarrow": True,
            "arrowhead": 0,
            "arrowwidth": 1,
            "arrowcolor": GREY,
            "ax": KEY_DISTANCE,
            "ay": line - key_height,
            "xanchor": "left",
            "yanchor": "middle",
            "borderpad": 0,
            "font": {"size": 14},
        }
        for key, y, line, key_height in zip(
            keyed, line_coordinates, preferred, spread_keys(preferred, available), strict=True
        )
    ]


def spread_keys(preferred: Sequence[float], top: float) -> list[float]:
    """Heights in pixels for keys, as close to `preferred` as they can be without overlapping.

    From the bottom up; keys that this would push above `top` move down again.
    """
    order = sorted(range(len(preferred)), key=lambda number: preferred[number])
    heights = [0.0] * len(preferred)
    last = -math.inf
    for number in order:
        last = heights[number] = max(preferred[number], last + KEY_HEIGHT)
    for number in reversed(order):
        heights[number] = min(heights[number], top)
        top = heights[number] - KEY_HEIGHT
    return heights
