"""The picture of the unrolled layer: the same weights at every time step."""

from functools import partial
from typing import TYPE_CHECKING

from markupsafe import Markup

from rnnviz.ideas.shapes.settings import LayerSettings
from rnnviz.palette import Theme
from rnnviz.ui.ideas.shapes.cuboid import GAP, Cuboid, arrow, hatch, label, some
from rnnviz.ui.ideas.shapes.grids import (
    COLUMN,
    column_names,
    full_colour,
    row_sizes,
    step_names,
    take,
)
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    pass


def _twin(name: str, _b: int, row: int, column: int) -> str:
    return f"{name}{row}-{column}"


@shared(max_entries=100)
def weights_picture(settings: LayerSettings, language: str, theme: Theme) -> Markup:
    """The same matrices once for each time step, with the input and the state of the step."""
    from rnnviz.ideas.shapes.layers import build

    network = build(settings, is_plain=True)
    steps = some(settings.steps, 6)
    inputs, units = some(settings.inputs, 4), some(settings.hidden, 3)
    weights = dict(network.layer.named_parameters())
    # A gated cell has these for each gate, one below the other; the first gate stands for all.
    input_matrix = weights["weight_ih_l0"][: settings.hidden].T[None]
    state_matrix = weights["weight_hh_l0"][: settings.hidden].T[None]
    states = network.layer(network.inputs[:1])[0]
    bound = settings.hidden**-0.5
    parts: list[Markup] = []
    cell = 15
    columns = [cell if i is not None else GAP for i in units]
    width = sum(cell if i is not None else GAP for i in [*inputs, *units]) + 8
    stride = max(width, 40) + 46
    x = 20.0
    states_y, box_y = 30, 30 + sum(row_sizes(units, 22)) + 40
    inputs_y = box_y + sum(columns) + 62
    for column, step in enumerate(steps):
        if step is None:
            parts.append(label(x + 12, box_y + 26, "⋯", font_size=20))
            x += 46
            continue
        middle = x + width / 2
        for name, matrix, rows, start in (
            ("i", input_matrix, inputs, x),
            ("h", state_matrix, units, x + width - sum(columns)),
        ):
            sizes = [GAP if i is None else cell for i in rows]
            block = Cuboid(
                take(matrix, units, rows),
                x=start,
                y=box_y,
                widths=sizes,
                heights=row_sizes(units, cell),
                theme=theme,
                scale=bound,
                twin=partial(_twin, name),
            )
            parts += block.draw()
        style = "fill:none"
        parts.append(
            tag(
                "rect",
                x=x - 6,
                y=box_y - 8,
                width=width + 12,
                height=sum(row_sizes(units, cell)) + 16,
                rx=6,
                style=style,
                stroke="currentcolor",
                stroke_opacity=0.35,
            )
        )
        for values, rows, y, size in (
            (states, units, states_y, 22),
            (network.inputs[:1], inputs, inputs_y, 14),
        ):
            vector = Cuboid(
                take(values, rows, [step]),
                x=middle - 20,
                y=y,
                widths=[COLUMN],
                heights=row_sizes(rows, size),
                theme=theme,
                scale=full_colour(values),
                numbered=frozenset({0}) if y == states_y else frozenset(),
            )
            parts += vector.draw()
            if y == inputs_y:
                parts += column_names(vector, step_names(settings, [step]))
        up = f"M{middle} {inputs_y - 6}v-24m-4 5l4 -5l4 5M{middle} {box_y - 12}v-20m-4 5l4 -5l4 5"
        parts.append(tag("path", d=up, fill="none", stroke="currentcolor", stroke_width=1.5))
        if column + 1 < len(steps):
            parts.append(arrow(x + width + 9, box_y + sum(columns) / 2, 26))
        x += stride
    bottom = inputs_y + sum(row_sizes(inputs, 14))
    return tag(
        "svg",
        hatch(),
        label(14, 16, "h_t", font_weight=700, font_size=14),
        parts,
        width=x + 10,
        height=bottom + 30,
        role="group",
        tabindex=0,  # A narrow screen scrolls it by the keyboard, too.
        aria_label=_("The unrolled layer: the same weights at every time step"),
    )
