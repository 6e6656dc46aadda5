"""What the figures share: logarithmic axes with room for 0 and infinity, lines, labels, colours."""

import math
from collections.abc import Iterable
from typing import Any

from torch import Tensor

Figure = dict[str, Any]
"""A Plotly figure as a plain dictionary: half the work of graph objects."""

GREY = "#7a828c"
"""For what belongs to no cell; readable on both backgrounds."""

MARGIN = {"l": 8, "r": 12, "t": 40, "b": 8}

LEGEND_MARGIN = {"b": 95}


def log_range(series: Iterable[Tensor]) -> tuple[float, float]:
    """Ends of a logarithmic axis for all positive, finite numbers: at least three decades."""
    numbers = [float(x) for values in series for x in values.flatten() if 0 < x < math.inf]
    low, high = min(numbers, default=1.0), max(numbers, default=1.0)
    # Powers of ten, so that a float64 that is almost 0 or infinite cannot leave them when halved.
    floor, ceiling = math.log10(low) - 0.4, math.log10(high) + 0.4
    padding = max(0.0, 3 - (ceiling - floor)) / 2
    return 10 ** max(floor - padding, -323.0), 10 ** min(ceiling + padding, 308.0)


def tick_decades(low: float, high: float) -> int:
    """How many powers of ten lie between two ticks, so that there are at most about ten."""
    gap = (math.log10(high) - math.log10(low)) / 10
    return next((step for step in (1, 2, 5, 10, 20, 50) if step >= gap), 100)


def legend_below() -> Figure:
    """A legend below the figure, whatever its height; it needs `LEGEND_MARGIN`."""
    return {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"}


def clamp(values: Tensor, low: float, high: float) -> list[float]:
    """`values` inside the ends of their axis: 0 at the bottom, infinity at the top."""
    return [min(max(float(value), low), high) for value in values]


def with_gaps(values: Tensor) -> list[float | None]:
    """`values` with gaps where a logarithmic axis cannot show them."""
    return [float(value) if 0 < value < math.inf else None for value in values]


def straight_line(axis: str, value: float, colour: str = GREY, dash: str = "dash") -> Figure:
    """A straight line across the figure, at one value of an axis."""
    other = "y" if axis == "x" else "x"
    return {
        "type": "line",
        "layer": "below",
        f"{axis}0": value,
        f"{axis}1": value,
        f"{other}ref": "paper",
        f"{other}0": 0,
        f"{other}1": 1,
        "line": {"color": colour, "width": 1.5, "dash": dash},
    }


def annotation(text: str, **options: Any) -> Figure:
    """A text without an arrow, over the axes."""
    return {"text": text, "showarrow": False, "font": {"size": 13}} | options


def corner_label(text: str, side: str) -> Figure:
    """A text above the axes, at the left or the right end."""
    x = 0 if side == "left" else 1
    return annotation(text, xref="paper", yref="paper", x=x, y=1, xanchor=side, yanchor="bottom")


def line_label(value: float, text: str, side: str = "left") -> Figure:
    """A text on the horizontal line at `value`, in units of its axis (powers on a log axis)."""
    x = 0.005 if side == "left" else 0.995
    return annotation(text, xref="paper", x=x, y=value, xanchor=side, yanchor="bottom")


def translucent(colour: str, share: float) -> str:
    """#rrggbb -> the same colour, translucent."""
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"
