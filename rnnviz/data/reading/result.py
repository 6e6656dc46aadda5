"""What was read of a table of measurements, and what had two readings.

N rows of C columns of numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rnnviz.messages import Message

Role = Literal["time", "number", "index", "text", "empty"]
"""What a column of the file is taken for; only numbers are among `SeriesReading.columns`."""

Spacing = Literal["clock", "even"]
"""Whether rows lie apart as their times say, or evenly, as the days of a stock exchange may."""


@dataclass(frozen=True)
class Choice:
    """One answer to a question: its `label`, and the arguments of `read_series` that choose it."""

    label: Message
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """What has several readings; the first of `choices`, the likeliest, is taken meanwhile."""

    message: Message
    choices: tuple[Choice, ...]


@dataclass(frozen=True, eq=False)
class SeriesReading:
    """The measurements in a visitor's table.

    times       (N,) datetime64[ns], wall clock, sorted, none twice; None where there is no clock
                time: the rows are evenly spaced, or stand at the seconds (or other units) of an
                elapsed time, which is in `elapsed`
    elapsed     (N,) float64, sorted, none twice; None where no column holds one
    step        the usual step from row to row: timedelta64[ns] where there are times, a float where
                time is elapsed, None where neither is known
    columns     name -> (N,) float64 with NaN for missing, in the order of the file; names as in the
                header. Times, indices, texts and empty columns are not among them
    target      the column to forecast unless another is asked for, a name in `columns`
    directions  the columns that go round, 359 degrees next to 1
    spacing     whether gaps between the times count as gaps
    remarks     what was decided and left out, to be shown beside the reading
    questions   what has several readings
    decisions   the arguments with which `read_series` reads the same again: encoding, separator,
                decimal, thousands, header, time, time_format, missing, target, spacing, directions
    roles       every column of the file, in its order, and what it is taken for
    head        the first rows of the file as text, one cell for each of `roles`
    head_rows   of each row of `head` its row in `columns`, None where it was left out
    """

    times: NDArray[np.datetime64] | None
    elapsed: NDArray[np.float64] | None
    step: np.timedelta64 | float | None
    columns: Mapping[str, NDArray[np.float64]]
    target: str
    directions: tuple[str, ...]
    spacing: Spacing
    remarks: tuple[Message, ...]
    questions: tuple[Question, ...]
    decisions: Mapping[str, Any]
    roles: Mapping[str, Role]
    head: tuple[tuple[str, ...], ...]
    head_rows: tuple[int | None, ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    @property
    def nbytes(self) -> int:
        """The memory that its numbers take."""
        arrays = [*self.columns.values(), self.times, self.elapsed]
        return sum(array.nbytes for array in arrays if array is not None)
