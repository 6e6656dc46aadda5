"""The parts that the pictures of the page are made of: states as stripes, arrows, pixels."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from rnnviz.palette import DIVERGING, Theme
from rnnviz.ui.picture import tag

PRIMARY = "var(--st-primary-color)"
PALE = "var(--st-secondary-background-color)"
LINE = "color-mix(in srgb, currentcolor 45%, transparent)"
HATCH = f"repeating-linear-gradient(45deg, {LINE} 0 1px, transparent 1px 6px)"
SIDE = 8


def style(**properties: Any) -> str:
    """An inline style; names with underscores for hyphens."""
    return ";".join(f"{name.replace('_', '-')}:{value}" for name, value in properties.items())


def shade(value: float, theme: Theme) -> str:
    """The colour of a number from -1 to 1 on the scale of all pages."""
    negative, zero, positive = DIVERGING[theme]
    end, share = (positive, value) if value >= 0 else (negative, -value)
    mixed = (
        round(int(zero[k : k + 2], 16) * (1 - share) + int(end[k : k + 2], 16) * share)
        for k in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in mixed)


def stripes(state: Sequence[float], theme: Theme) -> str:
    """A state as a background: one stripe for each of its numbers, the first on top."""
    largest = max(1.0, *(abs(value) for value in state))
    share = 100 / len(state)
    stops = ",".join(
        f"{shade(value / largest, theme)} 0 {(k + 1) * share:.4g}%" for k, value in enumerate(state)
    )
    return f"linear-gradient({stops})"


def tile(
    state: Sequence[float], theme: Theme, *, frame: str = LINE, width: int = 34, thick: int = 1
) -> Markup:
    """A hidden state; one that is all zeros is not there and hatched."""
    background = stripes(state, theme) if any(state) else HATCH
    return tag(
        "div",
        style=style(
            width=f"{width}px",
            height="104px",
            border=f"{thick}px solid {frame}",
            border_radius="6px",
            background=background,
            margin="0 auto",
        ),
    )


def thumbnail(picture: int, pixel: int) -> Markup:
    """A picture of 8 x 8 pixels, `pixel` points each."""
    size = SIDE * pixel
    ink = [
        tag(
            "rect",
            x=k % SIDE * pixel,
            y=k // SIDE * pixel,
            width=pixel,
            height=pixel,
            fill="currentcolor",
        )
        for k in range(SIDE * SIDE)
        if picture >> k & 1
    ]
    frame = tag("rect", width=size, height=size, fill="none", stroke=LINE)
    return tag("svg", frame, ink, width=size, height=size, aria_hidden="true")
