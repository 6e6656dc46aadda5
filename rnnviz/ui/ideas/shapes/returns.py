"""The picture of what a Keras layer returns."""

from typing import TYPE_CHECKING

from markupsafe import Markup

from rnnviz.ideas.shapes.settings import LayerSettings
from rnnviz.palette import Theme
from rnnviz.ui.ideas.shapes.cuboid import GAP, Cuboid, arrow, hatch, label, some
from rnnviz.ui.ideas.shapes.grids import (
    COLUMN,
    ROW,
    column_names,
    full_colour,
    output_rows,
    row_sizes,
    step_names,
    take,
)
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.shapes.parts import Returned


@shared(max_entries=100)
def returns_picture(
    settings: LayerSettings,
    sequences: bool,
    state: bool,
    backwards: bool,
    language: str,
    theme: Theme,
    _values: "Returned",
) -> Markup:
    """All states of the layer, those that are not returned hatched, and the shapes returned."""
    steps, rows = some(settings.steps, 10), output_rows(settings)
    depth = len(_values.output) - 1

    def is_absent(row: int, column: int) -> bool:
        step, unit = steps[column], rows[row]
        if step is None or unit is None:
            return False
        return not _values.is_returned[step][unit // settings.hidden]

    cuboid = Cuboid(
        take(_values.output, rows, steps),
        x=14,
        y=62 + depth * 10,
        widths=[GAP if step is None else COLUMN for step in steps],
        heights=row_sizes(rows, ROW),
        theme=theme,
        scale=full_colour(_values.output),
        is_absent=is_absent,
        numbered=frozenset(range(len(steps))),
    )
    names = step_names(settings, steps)
    if backwards and not settings.is_bidirectional:
        names = step_names(settings, [None if t is None else settings.steps - 1 - t for t in steps])
    x = cuboid.right + 50
    titles = ["output", *(["h", "c"][: _state_count(settings)] * settings.ways if state else [])]
    if settings.is_bidirectional and state:
        count = _state_count(settings)
        titles = ["output", *[f"{name} {way}" for way in "→←" for name in "hc"[:count]]]
    lines: list[Markup] = []
    for number, (title, shape) in enumerate(zip(titles, _values.shapes, strict=True)):
        y = 48 + 25 * number
        lines += [
            label(x, y, title, font_weight=700, font_size=15),
            label(x + 74, y, str(shape), font_size=15),
        ]
    height = max(cuboid.y + cuboid.height + 50, 25 * len(titles) + 40)
    return tag(
        "svg",
        hatch(),
        label(14, 20, _("The states of the top layer"), font_weight=700, font_size=16),
        label(14, 39, _("hatched: computed, but not returned"), font_size=13, class_="muted"),
        label(x, 20, _("Returned"), font_weight=700, font_size=16),
        cuboid.draw(),
        column_names(cuboid, names),
        arrow(cuboid.right + 8, cuboid.y + cuboid.height / 2, 26),
        lines,
        width=x + 240,
        height=height,
        role="group",
        tabindex=0,  # A narrow screen scrolls it by the keyboard, too.
        aria_label=_("The states of all time steps, and which of them the layer returns"),
    )


def _state_count(settings: LayerSettings) -> int:
    from rnnviz.cells import CELLS

    return len(CELLS[settings.cell].states)
