"""Measurements over time, as they were taken: a gap stays a gap."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnviz.messages import Problem

WOBBLE = 0.5
"""How far a step may be from the regular one, as a share of it: clocks jitter, months differ."""


@dataclass(frozen=True, eq=False)
class Series:
    """N rows of C columns, in the order of time, none twice at the same time.

    `times` (N,) datetime64[s]; `values` (N,C) float32, all finite; `units` one per column, "" where
    unknown. Where `timed` is False the source had no times: row t then stands at second t.
    `remarks` say what was left out when a file was read, to be shown beside it.
    """

    title: str
    columns: tuple[str, ...]
    times: NDArray[np.datetime64]
    values: NDArray[np.float32]
    units: tuple[str, ...]
    timed: bool = True
    remarks: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        self.times.setflags(write=False)
        self.values.setflags(write=False)

    def __len__(self) -> int:
        return len(self.times)

    @property
    def step(self) -> np.timedelta64:
        """The regular time step: the median of all steps (the lower one of two)."""
        steps = np.diff(self.times)
        return np.timedelta64(np.partition(steps, (len(steps) - 1) // 2)[(len(steps) - 1) // 2])

    def segments(self) -> list[slice]:
        """The runs of rows without a gap, in order; together they are all rows.

        Two rows belong to one run when the step between them is the regular one, give or take half
        of it; a window that stays inside a run straddles no gap.
        """
        if len(self) < 2:
            return [slice(0, len(self))] if len(self) else []
        steps = np.diff(self.times).astype(np.int64)
        regular = int(self.step.astype(np.int64))
        breaks = np.flatnonzero(np.abs(steps - regular) > WOBBLE * regular) + 1
        edges = [0, *breaks.tolist(), len(self)]
        return [slice(start, end) for start, end in pairwise(edges)]
