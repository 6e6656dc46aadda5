"""What the drawings of the page are made of: colours, boxes, stripes, hatching."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from unicodedata import east_asian_width

from markupsafe import Markup

from rnnviz.palette import DIVERGING, Theme
from rnnviz.ui.picture import tag

BORDER = "var(--st-border-color)"
PRIMARY = "var(--st-primary-color)"
SOFT = "color-mix(in srgb, var(--st-primary-color) 9%, transparent)"
HATCH = "url(#text-hatch)"
FONT = 14

AMBER: dict[Theme, tuple[str, str, str]] = {
    "light": ("#fdf1d6", "#b86e00", "#7a4a00"),
    "dark": ("#453410", "#d99a2b", "#ffd88a"),
}
"""For what is unknown or collides: fill, border, text."""


def colour(value: float, largest: float, theme: Theme) -> str:
    """The colour of a number between -`largest` and `largest`."""
    share = max(-1.0, min(1.0, value / largest)) if largest else 0.0
    return _mixed(round(share * 60), theme)


@cache
def _mixed(sixtieths: int, theme: Theme) -> str:
    low, zero, high = DIVERGING[theme]
    end, share = (high if sixtieths > 0 else low), abs(sixtieths) / 60
    mixed = (
        round(int(zero[k : k + 2], 16) * (1 - share) + int(end[k : k + 2], 16) * share)
        for k in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in mixed)


def hatching() -> Markup:
    """The pattern of what is not there, to be defined once in a picture."""
    line = tag("path", d="M0 8L8 0", stroke="currentcolor", stroke_width=0.8, opacity=0.45)
    pattern = tag(
        "pattern", line, id="text-hatch", width=8, height=8, patternUnits="userSpaceOnUse"
    )
    return tag("defs", pattern)


def box(x: float, y: float, width: float, height: float, **attributes: Any) -> Markup:
    """A box with round corners."""
    values = {"fill": "none", "stroke": BORDER, "rx": 5} | attributes
    return tag("rect", x=x, y=y, width=width, height=height, **values)


def words(x: float, y: float, text: str, **attributes: Any) -> Markup:
    """A text whose middle is at (x, y)."""
    values = {"text_anchor": "middle", "dominant_baseline": "central", "font_size": FONT}
    values |= {"pointer_events": "none"}  # What is under it is lit up and picked.
    return tag("text", text, x=x, y=y, **(values | attributes))


def arrow(x: float, top: float, bottom: float) -> Markup:
    """An arrow downwards."""
    path = f"M{x:g} {top:g}V{bottom:g}m-4 -6l4 6l4 -6"
    return tag("path", d=path, fill="none", stroke="currentcolor", opacity=0.55)


def stripes(
    x: float,
    y: float,
    width: float,
    height: float,
    values: Sequence[float],
    largest: float,
    theme: Theme,
) -> list[Markup]:
    """The numbers of a vector as coloured stripes, the first at the top."""
    each = height / len(values)
    return [
        tag(
            "path",
            d=f"M{x:g} {y + place * each + each / 2:.5g}h{width:g}",
            stroke=colour(float(value), largest, theme),
            stroke_width=f"{each + 0.3:.3g}",
        )
        for place, value in enumerate(values)
    ]


def bar(
    values: Sequence[float], largest: float, theme: Theme, *, width: int = 150, framed: bool = False
) -> Markup:
    """The numbers of a vector as a row of coloured pieces, for a line of text."""
    each = width / len(values)
    pieces = [
        tag(
            "path",
            d=f"M{2 + place * each + each / 2:.5g} 2v16",
            stroke=colour(float(value), largest, theme),
            stroke_width=f"{each + 0.3:.3g}",
        )
        for place, value in enumerate(values)
    ]
    frame = box(
        2, 2, width, 16, rx=2, class_="here" if framed else None, opacity=None if framed else 0.6
    )
    return tag("svg", pieces, frame, width=width + 4, height=20, aria_hidden="true")


def text_width(text: str, font: float = FONT) -> float:
    """About how wide `text` is in a picture; a Korean letter takes twice the place."""
    return font * sum(1.0 if east_asian_width(each) in "WF" else 0.53 for each in text)


def shorten(text: str, width: float, font: float = FONT) -> str:
    """`text`, or as much of it as fits, with an ellipsis; a blank is shown as such."""
    text = "␣" if text == " " else text
    if text_width(text, font) <= width:
        return text
    while text and text_width(text, font) > width - font * 0.8:
        text = text[:-1]
    return f"{text}…"
