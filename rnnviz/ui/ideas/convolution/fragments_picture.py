"""The picture of filters: what each looks for, and where it answers in a name."""

from typing import TYPE_CHECKING

from markupsafe import Markup

from rnnviz.palette import Theme
from rnnviz.ui.ideas.convolution.marks import cell, influence_shade, svg, words
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag

if TYPE_CHECKING:
    from rnnviz.ideas.convolution import Fragments

LEFT, PITCH, SIZE, ROW = 190, 20, 18, 34


def picture(net: "Fragments", name: str, theme: Theme) -> Markup:
    """Draw a row for each filter: its language, the name under it, its fragments."""
    from rnnviz.ideas.convolution.fragments import FIRES
    from rnnviz.tasks.classify.surnames import LANGUAGES

    K = len(net.tables)
    right = LEFT + PITCH * max(len(name), 6) + 20
    values = net.values(name) if name else None
    heads = (
        (0, _("Of its names · of all names")),
        (right, _("Pieces it looks for")),
    )
    parts = [words(x, 14, text, class_="muted") for x, text in heads]
    for row, each in enumerate(net.filters):
        y = 32 + row * ROW
        language = tag("tspan", _(LANGUAGES[each.language]), font_weight=600)
        shares = f" {each.share:.0%} · {each.base:.1%}"
        parts.append(tag("text", language, shares, x=0, y=y + 14))
        if values is not None:
            answers = values[:, each.index].tolist()
            end = answers.index(max(answers))
            for t, (letter, value) in enumerate(zip(name, answers, strict=True)):
                fill = influence_shade(value, each.strength, theme)
                parts.append(cell(LEFT + t * PITCH, y, SIZE, SIZE, **fill, data_twin=f"n{t}"))
                parts.append(
                    words(
                        LEFT + t * PITCH + SIZE / 2,
                        y + 14,
                        letter,
                        "middle",
                        pointer_events="none",
                    )
                )
            if max(answers) >= FIRES * each.strength:
                first = max(end - K + 1, 0)
                parts.append(
                    tag(
                        "rect",
                        x=LEFT + first * PITCH - 2,
                        y=y - 2,
                        width=(end - first + 1) * PITCH + 2,
                        height=SIZE + 4,
                        rx=4,
                        fill="none",
                        class_="here",
                        pointer_events="none",
                    )
                )
        parts.append(words(right, y + 14, "   ".join(each.fragments), style="white-space:pre"))
    width = right + 9 * (K + 3) * 5
    label = _(
        "{count} filters with the pieces of names that they look for.", count=len(net.filters)
    )
    return svg(*parts, width=width, height=36 + ROW * len(net.filters), label=label)
