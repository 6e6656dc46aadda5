"""The last states h_n and c_n, and the lines to their place in output."""

from typing import TYPE_CHECKING

from markupsafe import Markup

from rnnviz.ui.ideas.shapes.colours import WAYS
from rnnviz.ui.ideas.shapes.cuboid import DX, Cuboid, frame, label
from rnnviz.ui.ideas.shapes.grids import (
    full_colour,
    heading,
    row_sizes,
    take,
)
from rnnviz.ui.ideas.shapes.layout import Layout
from rnnviz.ui.ideas.shapes.pairs import WAYS as WAY_CODES
from rnnviz.ui.ideas.shapes.pairs import pair_of
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag

if TYPE_CHECKING:
    from torch import Tensor


TOP, LOWER = 42, 15
"""Widths of the columns of the top layer, whose numbers are written, and of those below it."""


def draw_state(
    layout: Layout, number: int, x: float, outputs: Cuboid
) -> tuple[list[Markup], float]:
    """One of h_n and c_n: a column for each layer and direction, and where they end."""
    settings, state = layout.settings, layout.reading.states[number]
    name = ("h_n", "c_n")[number]
    is_tied = number == 0
    note = _("the last step only") if is_tied else _("cell state, not in output")
    parts = heading(x, 18, name, layout.reading.shapes[name], note)
    stride = layout.depth * DX + 8
    top_x = x + (settings.layers - 1) * (LOWER + stride)
    scale = full_colour(layout.reading.output, state) if is_tied else full_colour(state)
    ys = [layout.top + way * (layout.half + layout.way_gap) for way in range(settings.ways)]
    if is_tied:
        parts += [_tie(layout, way, outputs, top_x, y) for way, y in enumerate(ys)]
    for layer in range(settings.layers):
        is_top = layer == settings.layers - 1
        start, width = x + layer * (LOWER + stride), TOP if is_top else LOWER
        for way, y in enumerate(ys):
            block = _block(
                layout, state[layer, way], start, y, width, way, is_top and is_tied, scale
            )
            parts += block.draw()
            if is_top and is_tied:
                parts.append(frame(start, y, width - 1, layout.half - 1, WAYS[way]))
                parts += _way_names(layout, start, y, way)
        if settings.layers > 1:
            title = _("layer {layer}", layer=layer + 1) if is_top else str(layer + 1)
            y = layout.bottom + (36 if len(layout.reading.states) > 1 else 18)
            parts.append(label(start + width / 2, y, title, text_anchor="middle", font_size=12))
    return parts, max(top_x + TOP + stride, x + 112)


def _block(
    layout: Layout,
    state: "Tensor",
    x: float,
    y: float,
    width: float,
    way: int,
    is_tied: bool,
    scale: float,
) -> Cuboid:
    """The last states (B, H) of one layer and direction."""
    way_code = WAY_CODES[way]

    def pick(row: int, _column: int) -> tuple[str, str] | None:
        unit = layout.units[row]
        if not is_tied or unit is None:
            return None
        return f"{way_code}{unit}", pair_of(layout.reading, way, unit)

    def twin(b: int, row: int, _column: int) -> str | None:
        unit = layout.units[row]
        return f"{way}-{b}-{unit}" if is_tied and unit is not None else None

    picked = [f"{way_code}{unit}" for unit in layout.units]
    here = (picked.index(layout.unit), 0) if is_tied and layout.unit in picked else None
    return Cuboid(
        take(state[: layout.depth + 1, None], layout.units, [0]),
        x=x,
        y=y,
        widths=[width],
        heights=row_sizes(layout.units, layout.row_size),
        theme=layout.theme,
        scale=scale,
        twin=twin,
        pick=pick,
        numbered=frozenset({0}) if width > 20 else frozenset(),
        here=here,
    )


def _tie(layout: Layout, way: int, outputs: Cuboid, x: float, y: float) -> Markup:
    """The line from a place in output to its place in h_n."""
    end = y + layout.half / 2
    if way == 0 or len(layout.steps) == 1:
        start_x = outputs.x + outputs.width + 2
        start_y = outputs.y + way * layout.half + layout.half / 2
        path = f"M{start_x} {start_y}C{start_x + 60} {start_y} {x - 50} {end} {x - 3} {end}"
    else:
        start_x = outputs.x + outputs.widths[0] / 2
        start_y = outputs.y + outputs.height + 24
        low = max(start_y, layout.bottom) + 26
        path = f"M{start_x} {start_y}C{start_x} {low} {x - 90} {low + 10} {x - 3} {end}"
    return tag(
        "path",
        d=path,
        fill="none",
        style=f"stroke:{WAYS[way]}",
        stroke_width=2.2,
        pointer_events="none",
    )


def _way_names(layout: Layout, x: float, y: float, way: int) -> list[Markup]:
    """What a direction is called, and which of its steps is in h_n."""
    name, step = [(_("forward"), _("last step")), (_("backward"), _("first step"))][way]
    style = f"fill:{WAYS[way]}"
    if len(layout.reading.states) > 1:  # There is no room beside it.
        both = f"{name}: {step}"
        return [label(x, y + layout.half + 17, both, font_weight=600, font_size=13, style=style)]
    x, y = x + TOP + layout.depth * DX + 14, y + layout.half / 2
    return [
        label(x, y, name, font_weight=700, font_size=15, style=style),
        label(x, y + 18, step, font_size=14),
    ]
