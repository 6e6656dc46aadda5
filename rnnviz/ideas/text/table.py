"""Rows of unlike length in one table of whole numbers: cut, padded, with their lengths and mask."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.text.vectoriser import Side

PADDING = 0
"""The number that fills: that of MASK, where the dictionary has it."""


@dataclass(frozen=True)
class Table:
    """B sequences in T columns.

    Attributes:
        rows: (B,T), padded with 0.
        lengths: (B,) how many numbers of each row are its own.
        first: (B,) the column of the first of them.
        start: (B,) how many numbers were cut off at the front.
        cut: (B,) how many were cut off, at either end.
    """

    rows: tuple[tuple[int, ...], ...]
    lengths: tuple[int, ...]
    first: tuple[int, ...]
    start: tuple[int, ...]
    cut: tuple[int, ...]

    def is_padding(self, row: int, column: int) -> bool:
        """Whether the place holds no token: what the mask says, from the lengths alone."""
        return not 0 <= column - self.first[row] < self.lengths[row]

    @property
    def n_padding(self) -> int:
        """How many places of the table hold no token."""
        return sum(len(row) for row in self.rows) - sum(self.lengths)

    def mask(self) -> NDArray[np.bool_]:
        """(B,T), True where a token stands."""
        columns = np.arange(len(self.rows[0]))
        first, lengths = np.array(self.first)[:, None], np.array(self.lengths)[:, None]
        return np.asarray((columns >= first) & (columns < first + lengths))


def table_of(
    sequences: Sequence[Sequence[int]], longest: int, padding: Side, cutting: Side
) -> Table:
    """`sequences` as rows of `longest` numbers: longer ones cut, shorter ones filled, on a side."""
    rows, lengths, first, start, cut = [], [], [], [], []
    for sequence in sequences:
        excess = max(0, len(sequence) - longest)
        begin = excess if cutting == "before" else 0
        row_numbers = list(sequence[begin : begin + longest])
        fill = [PADDING] * (longest - len(row_numbers))
        rows.append(tuple(fill + row_numbers if padding == "before" else row_numbers + fill))
        lengths.append(len(row_numbers))
        first.append(len(fill) if padding == "before" else 0)
        start.append(begin)
        cut.append(excess)
    return Table(tuple(rows), tuple(lengths), tuple(first), tuple(start), tuple(cut))
