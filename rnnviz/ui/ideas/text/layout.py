"""Where the parts of the conveyor stand."""

from dataclasses import dataclass
from functools import cached_property

from rnnviz.ideas.text import Conveyor
from rnnviz.palette import Theme
from rnnviz.ui.ideas.text import drawing, vector_station
from rnnviz.ui.language import _

TOP, CHIP, ROW, CELL = 10, 30, 36, 31
NUMBERS, TABLE = 86, 128
"""The middle of the line of numbers, and the top of the table."""
LABELS = 84
"""Pixels for the names of the stations."""
MOST_REMARK = 200.0
"""Pixels beside the table for what does not reach it."""
NARROWEST, WIDE_ENOUGH, ROOM = 46, 60, 488
"""Pixels of a column at least; of one that may cut its token; of all columns beside the panel."""


@dataclass(frozen=True)
class Layout:
    """Where everything stands; columns are those of the table."""

    conveyor: Conveyor
    theme: Theme

    @cached_property
    def pitch(self) -> float:
        """The width of a column."""
        names = self.conveyor.names or ("",)
        widest = max(drawing.text_width(name) for name in names) + 18
        largest = max(max(row) for row in self.conveyor.table.rows)
        room = max(WIDE_ENOUGH, ROOM / self.columns)
        return max(NARROWEST, min(widest, room), drawing.text_width(str(largest)) + 14)

    @property
    def columns(self) -> int:
        """How many columns the table has."""
        return self.conveyor.settings.longest

    def left(self, column: int) -> float:
        """The left edge of the boxes of a column."""
        return column * self.pitch + 3

    def middle(self, column: int) -> float:
        """The middle of a column."""
        return column * self.pitch + self.pitch / 2

    @property
    def box_width(self) -> float:
        """The width of the boxes in a column."""
        return self.pitch - 6

    @property
    def table_bottom(self) -> float:
        """Where the table ends."""
        return TABLE + ROW * len(self.conveyor.table.rows)

    @property
    def station(self) -> float:
        """Where the vectors begin."""
        return self.table_bottom + 36

    @property
    def bottom(self) -> float:
        """Where the drawing ends."""
        return self.station + vector_station.height(self.conveyor) + 28

    @property
    def width(self) -> float:
        """Of the drawing: the columns, and the lengths beside them."""
        remarks = [drawing.text_width(line, 13) + 8 for line in self.remarks]
        beside = min(MOST_REMARK, max([0.0, *remarks]))
        return self.columns * self.pitch + max(beside, vector_station.extra_width(self))

    @property
    def remarks(self) -> list[str]:
        """What does not reach the table: tokens that are cut, tokens that are left out."""
        conveyor = self.conveyor
        lines = []
        if conveyor.cut_names:
            lines.append(_("✂ {tokens}", tokens=" ".join(conveyor.cut_names)))
        if not conveyor.settings.unk and conveyor.unknown:
            lines.append(_("left out: {tokens}", tokens=" ".join(conveyor.unknown)))
        return lines
