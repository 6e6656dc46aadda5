"""The box between input and output."""

from typing import TYPE_CHECKING

from markupsafe import Markup

from rnnviz.names import CELL_NAMES
from rnnviz.ui.ideas.shapes.colours import BACKWARD, FORWARD
from rnnviz.ui.ideas.shapes.cuboid import label
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag

if TYPE_CHECKING:
    from rnnviz.ideas.shapes.layers import Reading

BOX = 104
"""Its width."""


def layer_box(reading: "Reading", x: float, middle: float) -> Markup:
    """The layer: its cell, its directions, how many weights it has."""
    settings = reading.settings
    y = middle - 66
    centre = x + BOX / 2
    arrows = [
        tag(
            "path",
            d=f"M{centre - 34} {y + 62}h68m-6 -6l6 6l-6 6",
            fill="none",
            style=f"stroke:{FORWARD}",
            stroke_width=2.5,
        )
    ]
    if settings.is_bidirectional:
        arrows.append(
            tag(
                "path",
                d=f"M{centre + 34} {y + 84}h-68m6 -6l-6 6l6 6",
                fill="none",
                style=f"stroke:{BACKWARD}",
                stroke_width=2.5,
            )
        )
    layers = _("{count} {count:layer|layers}", count=settings.layers)
    weights = _("{count} weights", count=f"{reading.count:,}")
    style = "fill:var(--st-secondary-background-color)"
    return tag(
        "g",
        tag(
            "rect",
            x=x,
            y=y,
            width=BOX,
            height=132,
            rx=9,
            style=style,
            stroke="currentcolor",
            stroke_opacity=0.3,
        ),
        label(
            centre,
            y + 26,
            CELL_NAMES[settings.cell],
            text_anchor="middle",
            font_weight=700,
            font_size=17,
        ),
        label(centre, y + 44, layers, text_anchor="middle", font_size=13, class_="muted"),
        arrows,
        label(centre, y + 117, weights, text_anchor="middle", font_size=13),
    )
