"""The picture of a stack of convolutions over a text.

A column is a character, a row a layer; the column before the text stands for the zeros there.
"""

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from rnnviz.palette import Theme
from rnnviz.ui.ideas.convolution.marks import (
    HATCH,
    cell,
    influence_shade,
    signed_shade,
    svg,
    words,
)
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag

if TYPE_CHECKING:
    from rnnviz.ideas.convolution import Window

SIZE, PITCH = 21, 23
LABEL = 50
ROW = 62
MAX_LINES = 160
"""Connections that are drawn one by one; more are drawn as the area that they fill."""


def picture(window: "Window", theme: Theme) -> Markup:
    """Draw the layers from the top down, the characters below, and the way from the cell down."""
    layers, T = window.settings.layers, len(window.text)
    bottom = 6 + layers * ROW
    parts: list[Any] = [_connections(window)]
    for layer in reversed(range(layers)):
        y = 6 + (layers - 1 - layer) * ROW
        parts.append(words(0, y + 16, _("Layer {layer}", layer=layer + 1)))
        parts.append(_layer(window, layer, y, theme))
    parts.append(words(0, bottom + 16, _("Text")))
    parts.append(_text(window, bottom, theme))
    return svg(
        *parts,
        width=_x(T) + 6,
        height=bottom + SIZE + 8,
        label=_(
            "The cell of character {at} in layer {layers} and the {count}"
            " {count:character|characters} that it sees.",
            at=window.at + 1,
            layers=layers,
            count=window.visible,
        ),
    )


def _x(position: int) -> float:
    """Where a column begins; all positions before the text share one."""
    return LABEL + PITCH * (1 + max(position, -1))


def _layer(window: "Window", layer: int, y: float, theme: Theme) -> list[Markup]:
    is_top = layer == window.settings.layers - 1
    visible = {window.at} if is_top else set(window.reads[layer + 1])
    values = window.activations[layer]
    scale = max(values)
    parts = []
    for t, value in enumerate(values):
        here = is_top and t == window.at
        parts.append(
            cell(
                _x(t),
                y,
                SIZE,
                SIZE,
                **signed_shade(value, scale, theme),
                opacity=1 if t in visible or is_top else 0.25,
                class_="here" if here else None,
                data_pick=t if is_top else None,
                data_twin=f"t{t}",
                aria_label=_("Character {t}", t=t + 1) if is_top else None,
                aria_pressed="true" if here else None,
            )
        )
    if not is_top and min(visible) < 0:
        parts.append(_zeros(y))
    return parts


def _text(window: "Window", y: float, theme: Theme) -> list[Markup]:
    scale = max(window.influence) or 1.0
    parts = []
    for t, (character, value) in enumerate(zip(window.text, window.influence, strict=True)):
        parts.append(
            cell(_x(t), y, SIZE, SIZE, **influence_shade(value, scale, theme), data_twin=f"t{t}")
        )
        parts.append(
            words(
                _x(t) + SIZE / 2,
                y + 16,
                "␣" if character.isspace() else character,
                "middle",
                opacity=1 if value else 0.6,
                font_weight=600 if value else None,
                pointer_events="none",
            )
        )
    if min(window.reads[0]) < 0:
        parts.append(_zeros(y))
    return parts


def _zeros(y: float) -> Markup:
    return cell(_x(-1), y, SIZE, SIZE, fill=HATCH)


def _connections(window: "Window") -> list[Markup]:
    """The lines from each cell on the way to the inputs of its kernel, or the area they fill."""
    settings = window.settings
    parts = []
    above: tuple[int, ...] = (window.at,)
    for layer in reversed(range(settings.layers)):
        below, dilation = window.reads[layer], settings.dilations[layer]
        y = 6 + (settings.layers - 1 - layer) * ROW + SIZE
        cells = sorted({max(t, -1) for t in above if t >= 0})
        if not cells:
            break
        if len(cells) * settings.kernel <= MAX_LINES:
            ends = {(t, max(t - j * dilation, -1)) for t in cells for j in range(settings.kernel)}
            path = "".join(
                f"M{_x(top) + SIZE / 2:g} {y:g}L{_x(end) + SIZE / 2:g} {y + ROW - SIZE:g}"
                for top, end in sorted(ends)
            )
            parts.append(tag("path", d=path, stroke="currentcolor", opacity=0.35, fill="none"))
        else:
            corners = (
                f"M{_x(cells[0]):g} {y:g}H{_x(cells[-1]) + SIZE:g}"
                f"L{_x(below[-1]) + SIZE:g} {y + ROW - SIZE:g}H{_x(below[0]):g}Z"
            )
            parts.append(tag("path", d=corners, fill="currentcolor", opacity=0.12))
        above = below
    return parts
