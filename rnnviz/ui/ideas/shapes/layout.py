"""Where the parts of the first picture stand, and which values they show."""

from typing import TYPE_CHECKING

from rnnviz.palette import Theme
from rnnviz.ui.ideas.shapes.cuboid import DY, some
from rnnviz.ui.ideas.shapes.grids import MOST_STEPS, output_rows, row_sizes, units_drawn

if TYPE_CHECKING:
    from rnnviz.ideas.shapes.layers import Reading


class Layout:
    """What all parts of the picture agree on.

    Attributes:
        units: the hidden units of one direction that are drawn.
        steps: the time steps that are drawn.
        depth: how many sequences stand behind the first.
        top: where the front of output begins.
        half: the height of one direction.
    """

    def __init__(self, reading: "Reading", unit: str, theme: Theme) -> None:
        self.reading, self.unit, self.theme = reading, unit, theme
        self.settings = reading.settings
        self.units = units_drawn(self.settings)
        steps = self.settings.steps
        self.steps = some(steps, MOST_STEPS if steps <= MOST_STEPS else 7)
        # Two states are wide: fewer sequences stand behind the first, so that all fit a projector.
        self.depth = min(len(reading.inputs), 6 - 2 * len(reading.states)) - 1
        self.top = 62 + self.depth * DY
        rows = output_rows(self.settings)
        self.row_size = 32 if len(rows) <= 6 else 26
        self.output_rows = rows
        self.half = sum(row_sizes(self.units, self.row_size))

    @property
    def bottom(self) -> float:
        """Where the states end."""
        ways = self.settings.ways
        return self.top + ways * self.half + (ways - 1) * self.way_gap

    @property
    def way_gap(self) -> float:
        """Between the states of the two directions."""
        return 24 + self.depth * DY
