"""Every weight matrix as a box, in proportion, with its numbers counted."""

from typing import TYPE_CHECKING

from markupsafe import Markup

from rnnviz.ideas.shapes.settings import VOCABULARY
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag

if TYPE_CHECKING:
    from rnnviz.ideas.shapes.layers import Reading, Weight

LONGEST, SHORTEST = 54, 4
"""Sides of a box, in pixels."""


def weight_boxes(reading: "Reading") -> Markup:
    """A row of boxes for each layer; both directions have boxes of the same sizes."""
    settings = reading.settings
    longest = max(max(weight.shape) for weight in reading.weights)
    rows: list[Markup] = []
    if settings.values == "tokens":
        count = VOCABULARY * settings.inputs
        box = _box("embedding", (VOCABULARY, settings.inputs), count, VOCABULARY)
        rows.append(_row(_("Embedding"), [box], f"{count:,}"))
    for layer in range(settings.layers):
        end = f"_l{layer}"
        weights = [weight for weight in reading.weights if weight.name.endswith(end)]
        boxes = [_weight(weight, longest) for weight in weights]
        total = settings.ways * sum(weight.count for weight in weights)
        text = f"{total:,}"
        if settings.is_bidirectional:
            text = _("× 2 directions = {count}", count=text)
        else:
            text = f"= {text}"
        rows.append(_row(_("Layer {layer}", layer=layer + 1), boxes, text))
    return tag("div", rows, role="group", aria_label=_("Weights"))


def _row(title: str, boxes: list[Markup], total: str) -> Markup:
    style = "display:flex;flex-wrap:wrap;gap:0.4rem 1.1rem;align-items:center;margin:0.3rem 0"
    return tag(
        "div",
        tag("b", title, style="min-width:4.5rem"),
        boxes,
        tag("span", total),
        style=style,
    )


def _weight(weight: "Weight", longest: int) -> Markup:
    name = weight.name.partition("_l")[0].replace("weight", "W").replace("bias", "b")
    return _box(name, weight.shape, weight.count, longest)


def _box(name: str, shape: tuple[int, ...], count: int, longest: int) -> Markup:
    height, width = (max(SHORTEST, side / longest * LONGEST) for side in (*shape, 1)[:2])
    box = (
        f"display:inline-block;width:{width:.0f}px;height:{height:.0f}px;border-radius:2px;"
        "background:var(--st-secondary-background-color);border:1px solid currentcolor"
    )
    sizes = " × ".join(f"{side:,}" for side in shape)
    return tag(
        "span",
        tag("span", style=box),
        tag(
            "span",
            f"{name} {sizes}",
            tag("b", f"{count:,}", style="display:block"),
            style="line-height:1.3",
        ),
        style="display:inline-flex;gap:0.4rem;align-items:center",
    )
