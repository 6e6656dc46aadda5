"""A tensor as a cuboid: time to the right, features downwards, the batch into the depth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from rnnviz.palette import Theme
from rnnviz.ui.ideas.shapes.colours import ink, shade, signed
from rnnviz.ui.picture import tag

DX, DY = 13, 10
"""How far one sequence stands behind the one before it."""

GAP = 20
"""The size of what stands for the rows or columns that are left out."""

HATCH = "url(#shapes-hatch)"

Grid = list[list[list[float | None]]]
"""Values by sequence, row and column; None where rows or columns are left out."""


def some(count: int, limit: int) -> list[int | None]:
    """The indices that are drawn: all, or the first and last ones around a None."""
    if count <= limit:
        return [*range(count)]
    head = limit // 2
    return [*range(head), None, *range(count - (limit - head - 1), count)]


def hatch() -> Markup:
    """What the hatching of "not there" refers to."""
    line = tag("path", d="M0 6L6 0", stroke="currentcolor", stroke_width=0.8, opacity=0.45)
    pattern = tag(
        "pattern", line, id="shapes-hatch", width=6, height=6, patternUnits="userSpaceOnUse"
    )
    return tag("defs", pattern)


def label(x: float, y: float, content: Any, **attributes: Any) -> Markup:
    """A line of text."""
    return tag("text", content, x=x, y=y, **attributes)


def frame(x: float, y: float, width: float, height: float, colour: str) -> Markup:
    """A frame around cells."""
    return tag(
        "rect",
        x=x - 2,
        y=y - 2,
        width=width + 4,
        height=height + 4,
        rx=4,
        fill="none",
        style=f"stroke:{colour}",
        stroke_width=3,
        pointer_events="none",
    )


def arrow(x: float, y: float, length: float) -> Markup:
    """An arrow to the right."""
    path = f"M{x} {y}h{length}m-5 -5l5 5l-5 5"
    return tag("path", d=path, fill="none", stroke="currentcolor", stroke_width=1.6, opacity=0.75)


@dataclass(frozen=True)
class Cuboid:
    """A tensor where it stands.

    Attributes:
        values: by sequence, row and column.
        x, y: the corner of the front face at the top left.
        widths, heights: of the columns and the rows.
        scale: the size of a value in the full colour.
        twin, pick: by sequence, row and column, what `data_twin` and `data_pick` are.
        is_absent: by row and column, what is hatched.
        numbered: the columns whose front values are written.
        here: the front cell (row, column) that is framed.
    """

    values: Grid
    x: float
    y: float
    widths: Sequence[float]
    heights: Sequence[float]
    theme: Theme
    scale: float = 1.0
    twin: Callable[[int, int, int], str | None] = lambda _b, _row, _column: None
    pick: Callable[[int, int], tuple[str, str] | None] = lambda _row, _column: None
    is_absent: Callable[[int, int], bool] = lambda _row, _column: False
    numbered: frozenset[int] = frozenset()
    here: tuple[int, int] | None = None

    @property
    def width(self) -> float:
        """Of the front face."""
        return sum(self.widths)

    @property
    def height(self) -> float:
        """Of the front face."""
        return sum(self.heights)

    @property
    def depth(self) -> int:
        """How many sequences stand behind the first."""
        return len(self.values) - 1

    @property
    def right(self) -> float:
        """Where it ends at the right."""
        return self.x + self.width + self.depth * DX

    def column(self, number: int) -> float:
        """Where a column begins."""
        return self.x + sum(self.widths[:number])

    def row(self, number: int) -> float:
        """Where a row begins."""
        return self.y + sum(self.heights[:number])

    def draw(self) -> list[Markup]:
        """The sequences from the last to the first, each behind the next."""
        parts: list[Markup] = []
        for b in range(self.depth, -1, -1):
            dx, dy = b * DX, -b * DY
            parts.append(
                tag(
                    "rect",
                    x=self.x + dx - 1,
                    y=self.y + dy - 1,
                    width=self.width + 2,
                    height=self.height + 2,
                    rx=2,
                    style="fill:var(--st-background-color)",
                    stroke="currentcolor",
                    stroke_opacity=0.5,
                )
            )
            rows, columns = len(self.heights), len(self.widths)
            for row in range(rows):
                for column in range(columns):
                    # Of what stands behind, only the edges are visible.
                    if b == 0 or row == 0 or column == columns - 1:
                        parts += self._cell(b, row, column, dx, dy)
        return parts

    def _cell(self, b: int, row: int, column: int, dx: float, dy: float) -> list[Markup]:
        value = self.values[b][row][column]
        x, y = self.column(column) + dx, self.row(row) + dy
        width, height = self.widths[column], self.heights[row]
        if value is None:
            middle = row == len(self.heights) // 2 or height == GAP
            if b or not middle:
                return []
            sign = "⋮" if height == GAP and width != GAP else "⋯"
            return [label(x + width / 2, y + height / 2 + 5, sign, text_anchor="middle")]
        is_absent = self.is_absent(row, column)
        pick = self.pick(row, column) if b == 0 else None
        is_here = b == 0 and self.here == (row, column)
        cell = tag(
            "rect",
            x=x,
            y=y,
            width=width - 1,
            height=height - 1,
            rx=1.5,
            fill=HATCH if is_absent else shade(value, self.theme, self.scale),
            class_="here" if is_here else None,
            data_twin=self.twin(b, row, column),
            data_pick=pick[0] if pick else None,
            aria_label=pick[1] if pick else None,
        )
        if b or is_absent or column not in self.numbered:
            return [cell]
        style = f"fill:{ink(value, self.theme, self.scale)}"
        number = label(
            x + width / 2 - 0.5,
            y + height / 2 + 4,
            signed(value),
            text_anchor="middle",
            font_size=12,
            style=style,
            pointer_events="none",
        )
        return [cell, number]
