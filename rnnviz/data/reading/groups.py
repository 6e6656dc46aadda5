"""Dates that stand only in the first row of each group, as spreadsheets leave merged cells."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.times.names import part_of
from rnnviz.data.reading.times.shapes import shapes_of
from rnnviz.data.reading.times.textual import options_of
from rnnviz.messages import N_, Message

if TYPE_CHECKING:
    import pandas as pd

FILLED = N_(
    "{column}: an empty cell has the value of the cell above it, as in groups of rows; cells "
    "filled: {count}."
)

_EMPTY = 0.4
"""The share of empty cells from which on a column may have its dates only above groups."""
_ALIKE = 0.5
"""The share of groups that must be of the same size, unless another column tells rows apart."""


def fill_groups(
    cells: Mapping[str, "pd.Series[str]"],
) -> tuple[dict[str, "pd.Series[str]"], list[Message]]:
    """The columns with the dates of groups in all of their rows, and what was filled."""
    filled, remarks = dict(cells), []
    divided = any(part_of(name) and (column != "").all() for name, column in cells.items())
    for name, column in cells.items():
        written = (column != "").to_numpy(dtype=bool)
        if written.sum() <= (1 - _EMPTY) * len(written) and _are_groups(
            name, column, written, divided
        ):
            filled[name] = column.where(written).ffill()
            values = {"column": name, "count": int((~written).sum())}
            remarks.append(Message(FILLED, values))
    return filled, remarks


def _are_groups(
    name: str, column: "pd.Series[str]", written: NDArray[np.bool_], divided: bool
) -> bool:
    """Whether the cells of a column are dates above groups of rows, each another one.

    The groups are of one size, or the rows are `divided` by another column, such as an hour.
    """
    places = np.flatnonzero(written)
    if len(places) < 2 or places[0] != 0:
        return False
    heads = column.iloc[places]
    if (heads.to_numpy()[1:] == heads.to_numpy()[:-1]).any():
        return False
    _sizes, counts = np.unique(np.diff(places), return_counts=True)
    if not divided and counts.max() < _ALIKE * counts.sum():
        return False
    if part_of(name) in ("year", "month", "day", "quarter"):
        return True
    options = options_of(shapes_of(heads))
    is_date = bool(options) and options[0].moments.dated and not options[0].has_clock
    return is_date and options[0].fitting == len(places)
