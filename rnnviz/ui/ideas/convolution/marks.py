"""What the pictures of the page are drawn with: labels, hatching, shades."""

from typing import Any

from markupsafe import Markup

from rnnviz.palette import DIVERGING, SEQUENTIAL, Theme
from rnnviz.ui.picture import tag

HATCH = "url(#convolution-hatch)"
FONT = 13
"""The size of letters in pictures, in pixels."""


def svg(*parts: Any, width: float, height: float, label: str) -> Markup:
    """A picture with the hatching that its parts may refer to."""
    line = tag("path", d="M0 6L6 0", stroke="currentcolor", stroke_width=1, opacity=0.5)
    pattern = tag(
        "pattern", line, id="convolution-hatch", width=6, height=6, patternUnits="userSpaceOnUse"
    )
    return tag(
        "svg",
        tag("defs", pattern),
        *parts,
        width=width,
        height=height,
        role="group",
        aria_label=label,
        font_size=FONT,
    )


def words(x: float, y: float, text: Any, anchor: str = "start", **attributes: Any) -> Markup:
    """A line of text."""
    return tag("text", text, x=x, y=y, text_anchor=anchor, **attributes)


def signed_shade(value: float, scale: float, theme: Theme) -> dict[str, Any]:
    """The fill of a number: red above zero, blue below, as strong as its share of `scale`."""
    negative, _zero, positive = DIVERGING[theme]
    strength = min(1.0, abs(value) / scale) if scale else 0.0
    return {"fill": positive if value > 0 else negative, "fill_opacity": round(strength, 2)}


def influence_shade(value: float, scale: float, theme: Theme) -> dict[str, Any]:
    """The fill of an influence: purple, as strong as its share of `scale`."""
    strength = 0.15 + 0.6 * min(1.0, value / scale) if value > 0 else 0.0
    return {"fill": SEQUENTIAL[theme][2], "fill_opacity": round(strength, 2)}


def cell(x: float, y: float, width: float, height: float, **attributes: Any) -> Markup:
    """A cell with a thin edge."""
    edge = {"stroke": "currentcolor", "stroke_opacity": 0.35} | attributes
    if attributes.get("class_") == "here":
        edge["stroke_opacity"] = 1
    return tag("rect", x=x, y=y, width=width, height=height, rx=3, **edge)
