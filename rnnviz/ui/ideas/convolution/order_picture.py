"""The picture of two words that move or change places, and of the two answers."""

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from rnnviz.palette import Theme
from rnnviz.ui.ideas.convolution.marks import (
    cell,
    influence_shade,
    signed_shade,
    svg,
    words,
)
from rnnviz.ui.language import _

if TYPE_CHECKING:
    from rnnviz.ideas.convolution import Order

LABEL, PITCH, SIZE = 132, 20, 18
STRIP, STRIP_LEFT = 49, 140
VECTORS = 420
"""The width of a vector."""
STILL = 1e-9
"""A relative change that is only rounding."""


def picture(order: "Order", theme: Theme) -> Markup:
    """Draw the texts, the answers before and after, and the change for each place or gap."""
    parts: list[Any] = [
        _text(order, order.before, _("Before"), 4),
        _text(order, order.after, _("After"), 34),
        _vectors(order.pooled, _("Convolution, pooled"), order.pooled_change, 84, theme),
        _vectors(order.states, _("State of the RNN"), order.state_change, 146, theme),
        _strip(order, 214, theme),
    ]
    label = _(
        "The pooled answer of the convolution changes by {pooled:.1%}, the state of the RNN by"
        " {state:.1%}.",
        pooled=order.pooled_change,
        state=order.state_change,
    )
    width = max(LABEL + PITCH * len(order.before), STRIP_LEFT + STRIP * 13) + 6
    return svg(*parts, width=width, height=314, label=label)


def _text(order: "Order", text: str, label: str, y: float) -> list[Markup]:
    parts = [words(0, y + 14, label)]
    letters = set()
    settings = order.settings
    for word, strength in ((settings.first, 0.12), (settings.second, 0.3)):
        start = text.find(word)
        for t in range(start, start + len(word)):
            letters.add(t)
            fill = {"fill": "currentcolor", "fill_opacity": strength}
            parts.append(cell(LABEL + t * PITCH, y, SIZE, SIZE, **fill))
    for t, character in enumerate(text):
        weight = 600 if t in letters else None
        middle = LABEL + t * PITCH + SIZE / 2
        parts.append(words(middle, y + 14, character, "middle", font_weight=weight))
    return parts


def _vectors(
    pair: tuple[tuple[float, ...], tuple[float, ...]],
    label: str,
    change: float,
    y: float,
    theme: Theme,
) -> list[Markup]:
    """Both vectors, one under the other, so that equal numbers stand over equal ones."""
    parts = [words(0, y + 24, label)]
    scale = max(abs(value) for vector in pair for value in vector)
    width = VECTORS / len(pair[0])
    for row, vector in enumerate(pair):
        for number, value in enumerate(vector):
            parts.append(
                cell(
                    LABEL + number * width,
                    y + 26 * row,
                    width - 2,
                    22,
                    **signed_shade(value, scale, theme),
                    data_twin=f"{label}{number}",
                )
            )
    text = _("changes by {share:.1%}", share=change) if change > STILL else _("unchanged")
    parts.append(words(LABEL + VECTORS + 12, y + 30, text, font_weight=600))
    return parts


def _strip(order: "Order", y: float, theme: Theme) -> list[Markup]:
    """The change of both answers at each place of the words; swapped, for each gap."""
    settings = order.settings
    if settings.swap:
        title, here = _("Change by a swap, by the blanks between the words"), settings.gap
        rows = (order.pooled_by_gap, order.state_by_gap)
    else:
        title, here = _("Change by a move, by the position of the words"), settings.start
        rows = (order.pooled_by_start, order.state_by_start)
    parts = [words(0, y + 10, title, class_="muted")]
    for number in range(len(rows[0])):
        x = STRIP_LEFT + number * STRIP
        parts.append(words(x + STRIP / 2 - 2, y + 30, number, "middle", class_="muted"))
    for row, (label, values) in enumerate(
        zip((_("Convolution, pooled"), _("State of the RNN")), rows, strict=True)
    ):
        top = y + 38 + row * 30
        parts.append(words(0, top + 17, label))
        scale = max(values)
        for number, value in enumerate(values):
            x = STRIP_LEFT + number * STRIP
            text = f"{value:.1%}" if value < 0.1 else f"{value:.0%}"
            is_zero = value < STILL
            parts.append(
                cell(
                    x,
                    top,
                    STRIP - 4,
                    26,
                    **influence_shade(0.0 if is_zero else value, scale, theme),
                    class_="here" if number == here else None,
                    data_pick=number,
                    aria_label=f"{label}, {number}: {text}",
                )
            )
            parts.append(
                words(
                    x + STRIP / 2 - 2,
                    top + 17,
                    "0" if is_zero else text,
                    "middle",
                    pointer_events="none",
                    font_size=12,
                )
            )
    return parts
