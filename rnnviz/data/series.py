"""Measurements over time, as they were taken: a gap stays a gap."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.result import Spacing
from rnnviz.messages import Message

WOBBLE = 0.5
"""How far a step may be from the regular one, as a share of it: clocks jitter, months differ."""


@dataclass(frozen=True, eq=False)
class Series:
    """N rows of C columns, in the order of time, none twice at the same time.

    title       a message to translate
    columns     the C names; `headers` are the same as the file writes them, with their units
    values      (N,C) floating, NaN where nothing was measured
    units       one for each column, "" where unknown
    times       (N,) datetime64; None where no clock time is known
    elapsed     (N,) float64, where rows stand at so many seconds (or other units) of an elapsed
                time; None elsewhere
    spacing     "even": the rows follow each other without a gap, whatever their times
    target      the column to forecast unless another is asked for
    directions  the columns that go round: 359 degrees is next to 1
    remarks     what was decided and left out when a file was read, to be shown beside it
    """

    title: str
    columns: tuple[str, ...]
    values: NDArray[np.float32] | NDArray[np.float64]
    units: tuple[str, ...]
    times: NDArray[np.datetime64] | None
    elapsed: NDArray[np.float64] | None = None
    spacing: Spacing = "clock"
    target: str = ""
    directions: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    remarks: tuple[Message, ...] = ()

    def __post_init__(self) -> None:
        for array in (self.values, self.times, self.elapsed):
            if array is not None:
                array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def step(self) -> np.timedelta64 | None:
        """The usual step by the clock: the median of all (the lower one of two); None without."""
        if self.times is None or len(self) < 2:
            return None
        return np.timedelta64(_median(np.diff(self.times)))

    @property
    def is_regular(self) -> bool:
        """Whether rows without a gap between them lie one step apart by the clock.

        Those of trading days that count as evenly spaced do not: a week has five of them.
        """
        return self.times is not None and (self.spacing == "clock" or len(self._breaks()) == 0)

    def find(self, name: str) -> int | None:
        """The index of the column with this name, or with this header in the file."""
        for names in (self.columns, self.headers):
            if name in names:
                return names.index(name)
        return None

    def segments(self) -> list[slice]:
        """The runs of rows without a gap, in order; together they are all rows.

        Two rows belong to one run when the step between them is the regular one, give or take half
        of it; a window that stays inside a run straddles no gap.
        """
        if not len(self):
            return []
        breaks = [] if self.spacing == "even" else self._breaks()
        return [slice(start, end) for start, end in pairwise([0, *breaks, len(self)])]

    def _breaks(self) -> list[int]:
        """The rows before which a step is not the regular one."""
        places = self.times if self.times is not None else self.elapsed
        if places is None or len(self) < 2:
            return []
        steps = np.diff(places)
        if self.times is not None:
            steps = steps.astype(np.int64)
        regular = _median(steps)
        breaks: list[int] = (
            np.flatnonzero(np.abs(steps - regular) > WOBBLE * regular) + 1
        ).tolist()
        return breaks


def _median(steps: NDArray[Any]) -> Any:
    middle = (len(steps) - 1) // 2
    return np.partition(steps, middle)[middle]
