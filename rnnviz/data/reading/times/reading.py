"""What was recognised of the times of a table."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.result import Question
from rnnviz.messages import Message


@dataclass(frozen=True, eq=False)
class TimeReading:
    """The times of N rows, in the order of the file; at most one of `instants` and `elapsed`.

    count        N
    names        the columns that hold them; () where none does: the rows are evenly spaced
    instants     (N,) datetime64[ns], NaT where a row holds no time
    elapsed      (N,) float64, NaN where a row holds no time; seconds or another unit
    time_format  the argument of `read_series` that reads the same again
    also         other columns that hold times too, and no measurements
    in_seconds   whether `elapsed` counts seconds, and not an unknown unit
    """

    count: int
    names: tuple[str, ...]
    instants: NDArray[np.datetime64] | None
    elapsed: NDArray[np.float64] | None
    time_format: str
    remarks: tuple[Message, ...] = ()
    questions: tuple[Question, ...] = ()
    also: tuple[str, ...] = ()
    in_seconds: bool = False
