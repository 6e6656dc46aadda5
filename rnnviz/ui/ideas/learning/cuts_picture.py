"""The chain of time steps with its gradient, and the scissors in its gaps."""

from markupsafe import Markup

from rnnviz.ideas.learning.truncation import Truncation
from rnnviz.palette import CELLS
from rnnviz.ui.ideas.learning.parts import CACHED
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag
from rnnviz.ui.shared_cache import shared


@shared(max_entries=CACHED)
def chain(length: int, piece: int, loss_at: str, language: str, _result: Truncation) -> Markup:
    """Bars of the gradient at every step, hatched what the scissors cut off; a scissor per gap."""
    width, height = max(14, min(26, 880 // length)), 110
    largest = max(float(_result.full.max()), float(_result.cut.max()))
    parts = []
    for t in range(length):
        x = 8 + t * width
        full, cut = (height * float(norms[t]) / largest for norms in (_result.full, _result.cut))
        parts.append(
            tag(
                "rect",
                *(tag("title", f"t = {t + 1}"),),
                x=x,
                y=height - full + 8,
                width=width - 5,
                height=full,
                fill="none",
                stroke="currentcolor",
                stroke_dasharray="3 2",
                opacity=0.6,
            )
        )
        parts.append(
            tag("rect", x=x, y=height - cut + 8, width=width - 5, height=cut, fill=CELLS["rnn"])
        )
        if t % 5 == 4 or t == 0:
            parts.append(
                tag(
                    "text",
                    t + 1,
                    x=x + width / 2 - 2,
                    y=height + 52,
                    text_anchor="middle",
                    font_size=12,
                )
            )
        if t < length - 1:
            is_cut = (t + 1) % piece == 0
            parts.append(
                tag(
                    "text",
                    "✂" if is_cut else "·",
                    x=x + width - 2,
                    y=height + 32,
                    text_anchor="middle",
                    font_size=14,
                    data_pick=t + 1,
                    aria_label=_("Cut every {count} {count:step|steps}", count=t + 1),
                )
            )
    svg = tag(
        "svg",
        parts,
        width=16 + length * width,
        height=height + 58,
        role="group",
        aria_label=_("The gradient at every time step, and where it is cut"),
    )
    label = _("|∂L/∂h_t|: filled with scissors, dashed without; click a gap to cut there")
    return tag("div", svg, tag("div", label, class_="muted", style="font-size:13px"))
