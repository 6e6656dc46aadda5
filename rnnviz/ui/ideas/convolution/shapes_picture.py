"""The layers of a stack as boxes: as wide as the time that is left, as high as the features."""

import math
from typing import TYPE_CHECKING

from markupsafe import Markup

from rnnviz.ui.language import _
from rnnviz.ui.picture import tag

if TYPE_CHECKING:
    from rnnviz.ideas.convolution import Station

HEIGHT = 84


def picture(rows: "tuple[Station, ...]") -> Markup:
    """Draw the stations in a row that folds on a narrow screen."""
    style = "display:flex;flex-wrap:wrap;gap:10px 18px;align-items:flex-end;padding:4px 0"
    return tag("div", [_station(row) for row in rows], style=style, role="list")


def _station(row: "Station") -> Markup:
    steps, features = (row.shape[0], row.shape[-1]) if len(row.shape) == 2 else (1, row.shape[0])
    if row.name == "Input":
        steps, features = row.shape[0], 1
    width, height = 12 + 8 * math.log2(steps), 10 + 10 * math.log2(features)
    box = tag(
        "rect",
        x=1,
        y=HEIGHT - height - 1,
        width=width,
        height=height,
        rx=3,
        fill="var(--st-primary-color)",
        fill_opacity=0.16,
        stroke="currentcolor",
        stroke_opacity=0.5,
    )
    drawing = tag("svg", box, width=width + 2, height=HEIGHT, aria_hidden="true")
    shape = f"({row.shape[0]},)" if len(row.shape) == 1 else f"({row.shape[0]}, {row.shape[1]})"
    lines = [
        tag("div", row.name, style="font-weight:600"),
        tag("div", shape, style="font-variant-numeric:tabular-nums"),
        tag(
            "div",
            _("{count} weights", count=f"{row.parameters:,}")
            if row.parameters
            else _("no weights"),
            class_="muted",
        ),
    ]
    return tag("div", drawing, lines, role="listitem", style="min-width:92px;font-size:13px")
