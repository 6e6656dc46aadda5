"""Lines and axes of the figures about learning."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.figures.axes import LEGEND_MARGIN, MARGIN, Figure, legend_below
from rnnviz.ideas.learning.hello import Array
from rnnviz.palette import SERIES

BLUE, ORANGE = SERIES[0], SERIES[5]


def line(x: Sequence[float], y: Sequence[float], name: str, colour: str, **more: Any) -> Figure:
    dash = more.pop("dash", "solid")
    style = {"color": colour, "width": 3, "dash": dash}
    # JSON has neither infinity nor NaN; a logarithmic axis has no zero.
    values = [float(f"{value:.4g}") if math.isfinite(value) else None for value in y]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(x),
        "y": values,
        "line": style,
        "hovertemplate": "%{y:.3g}",
    } | more


def axis(title: str, **more: Any) -> Figure:
    return {"title": {"text": title}, "zeroline": False} | more


def log_axis(title: str, ends: Sequence[float], **more: Any) -> Figure:
    """An axis between two powers of ten, with few powers and no numbers between them."""
    dtick = math.ceil((ends[1] - ends[0]) / 5)
    ticks = {"exponentformat": "power", "dtick": dtick, "tick0": 0}
    return axis(title, type="log", range=list(ends), **ticks, **more)


def layout(height: int, **more: Any) -> Figure:
    shared = {
        "margin": MARGIN | LEGEND_MARGIN | {"t": 24},
        "legend": legend_below(),
        "hovermode": "x unified",
    }
    return shared | {"height": height} | more


def decades(values: Sequence[float]) -> list[float]:
    """The ends of a logarithmic axis, as powers of ten: at least four decades."""
    powers = [math.log10(value) for value in values if not math.isnan(value)] or [0.0]
    middle, half = (min(powers) + max(powers)) / 2, (max(powers) - min(powers)) / 2
    reach = max(2.0, half + 0.5)
    return [round(middle - reach, 2), round(middle + reach, 2)]


def medians(values: Array) -> list[float]:
    """The median over networks (S,T) -> T, without the zeros that a logarithmic axis lacks."""
    return [float(v) if v > 0 else math.nan for v in np.median(values, 0)]
