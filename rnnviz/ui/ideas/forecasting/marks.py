"""What the pictures of the page are drawn with."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from rnnviz.ui.picture import tag

LINE, READ, ANSWER, NOW = "#7a828c", "#0072B2", "#D55E00", "#009E73"
"""The measurements, what a window reads, what it is asked for, and persistence."""
PARTS = ("#0072B2", "#E69F00", "#009E73")
"""Training, validation, test."""
HATCH = "url(#forecasting-hatch)"


def svg(*parts: Any, width: float, height: float, label: str) -> Markup:
    """A picture that keeps its size."""
    size = {"width": width, "height": height, "font_size": 13}
    style = "flex-shrink:0"
    return tag("svg", *parts, role="group", aria_label=label, style=style, **size)


def hatching() -> Markup:
    """The hatching of what is not there, `HATCH`."""
    line = tag("path", d="M0 6L6 0", stroke="currentcolor", stroke_width=1, opacity=0.5)
    pattern = tag(
        "pattern", line, id="forecasting-hatch", width=6, height=6, patternUnits="userSpaceOnUse"
    )
    return tag("defs", pattern)


def words(x: float, y: float, text: Any, anchor: str = "start", **attributes: Any) -> Markup:
    """A line of text."""
    return tag("text", text, x=x, y=y, text_anchor=anchor, **attributes)


def rule(x1: float, y1: float, x2: float, y2: float, **attributes: Any) -> Markup:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, **({"stroke": "currentcolor"} | attributes))


def curve(points: Sequence[tuple[float, float]], **attributes: Any) -> Markup:
    """A line through points of the picture."""
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return tag("polyline", points=text, fill="none", **attributes)


class Axis:
    """From numbers to places: `low` lies at `start`, `high` at `end`."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high, self.start, self.end = low, high, start, end

    def __call__(self, value: float) -> float:
        """The place of a number."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self, step: int) -> range:
        """The multiples of `step` on the axis."""
        return range(-int(-self.low // step) * step, int(self.high) + 1, step)
