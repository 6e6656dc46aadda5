"""Which values of a tensor are drawn, and what stands beside them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from rnnviz.ideas.shapes.settings import LayerSettings
from rnnviz.ui.ideas.shapes.cuboid import GAP, Cuboid, label, some
from rnnviz.ui.picture import tag

if TYPE_CHECKING:
    from torch import Tensor

ROW, COLUMN = 26, 40
"""The size of a cell with its number."""

MOST_STEPS, MOST_ROWS = 10, 8
"""Columns and rows of a cuboid that are drawn."""


def take(
    values: "Tensor", rows: Sequence[int | None], columns: Sequence[int | None]
) -> list[list[list[float | None]]]:
    """The values (B, columns, rows) that are drawn, by sequence, row and column."""
    plain = values[:, [c or 0 for c in columns]][:, :, [r or 0 for r in rows]].tolist()
    return [
        [
            [
                None if row is None or column is None else sequence[c][r]
                for c, column in enumerate(columns)
            ]
            for r, row in enumerate(rows)
        ]
        for sequence in plain
    ]


FULL_COLOURS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Sizes of a value at which a picture's colours may be full."""


def full_colour(*tensors: "Tensor") -> float:
    """The size of a value that gets the full colour: the first of these that none exceeds."""
    most = max(float(values.abs().max()) for values in tensors)
    return next((size for size in FULL_COLOURS if most <= size), FULL_COLOURS[-1])


def units_drawn(settings: LayerSettings) -> list[int | None]:
    """The hidden units of one direction that are drawn."""
    return some(settings.hidden, MOST_ROWS // settings.ways)


def output_rows(settings: LayerSettings) -> list[int | None]:
    """The same as rows of output, where the backward half follows the forward one."""
    units = units_drawn(settings)
    halves = [
        [None if unit is None else unit + way * settings.hidden for unit in units]
        for way in range(settings.ways)
    ]
    return [row for half in halves for row in half]


def row_sizes(rows: Sequence[int | None], size: float) -> list[float]:
    """The heights of rows, those that stand for others being low."""
    return [GAP if row is None else size for row in rows]


def step_names(settings: LayerSettings, steps: Sequence[int | None]) -> list[str]:
    """What stands under the columns: letters, or the number of the time step."""
    from rnnviz.ideas.shapes.layers import letter

    if settings.values == "letters":
        return ["" if t is None else letter(0, t) for t in steps]
    return ["" if t is None else str(t + 1) for t in steps]


def heading(x: float, y: float, name: str, shape: object, note: str) -> list[Markup]:
    """The name of a tensor, its shape and what it is."""
    title = tag(
        "text",
        tag("tspan", name, font_weight=700, font_size=17),
        tag("tspan", f"  {shape}", font_size=16, dx=4),
        x=x,
        y=y,
    )
    return [title, label(x, y + 19, note, font_size=13, class_="muted")]


def column_names(cuboid: Cuboid, names: Sequence[str]) -> list[Markup]:
    """The names of the columns, under them."""
    y = cuboid.y + cuboid.height + 18
    return [
        label(
            cuboid.column(number) + cuboid.widths[number] / 2,
            y,
            name,
            text_anchor="middle",
            font_weight=600,
            font_size=15 if len(name) < 2 else 12,
        )
        for number, name in enumerate(names)
        if name
    ]
