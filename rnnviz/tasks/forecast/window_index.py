"""Where the windows of a series lie. N rows, B windows of T rows, I numbers read at each step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.data import Series
from rnnviz.tasks.framework.kinds import Split

SPLITS: tuple[Split, ...] = ("train", "validation", "test")

SHARES = {"train": 0.5, "validation": 0.25}
"""As in the Keras chapter on the weather at Jena (Chollet, "Deep Learning with Python"); the test
part is what is left."""

MIN_WINDOWS = 5
"""How many windows a part must have: fewer neither teach nor judge anything."""

Runs = Mapping[Split, tuple[range, ...]]
"""Per split its rows, where no gap is between."""


def parts(N: int) -> dict[Split, range]:
    """The rows of each split, in the order of time."""
    first = int(N * SHARES["train"])
    second = first + int(N * SHARES["validation"])
    return {"train": range(first), "validation": range(first, second), "test": range(second, N)}


def split_runs(series: Series) -> Runs:
    """The rows of each split, cut where the series has a gap in time."""
    segments = series.segments()
    by_split: dict[Split, tuple[range, ...]] = {}
    for split, part in parts(len(series)).items():
        rows = [range(max(s.start, part.start), min(s.stop, part.stop)) for s in segments]
        by_split[split] = tuple(run for run in rows if run)
    return by_split


@dataclass(frozen=True)
class Window:
    """How far a window looks back, every how many rows it reads, how far it looks ahead."""

    lookback: int
    step: int
    delay: int

    @property
    def steps(self) -> int:
        """T, how many rows it reads."""
        return -(-self.lookback // self.step)


@dataclass(frozen=True, eq=False)
class WindowRows:
    """The rows that windows are made of.

    `readable` (N,): every column that is read has a value; `answered` (N,): the target has one.
    """

    runs: Runs
    readable: NDArray[np.bool_]
    answered: NDArray[np.bool_]

    def longest(self, split: Split) -> int:
        """The rows of the longest part of `split` without a gap in time."""
        return max(map(len, self.runs[split]), default=0)

    def index(self, window: Window) -> "WindowIndex":
        """The windows over no gap in time, no border of two splits, and no missing value."""
        T, step, ahead = window.steps, window.step, window.delay
        complete = _complete(self.readable, T, step)
        ends = {}
        for split in SPLITS:
            rows = _rows_with(self.runs[split], (T - 1) * step, ahead)
            if not complete.all():
                rows = rows[complete[rows]]
            if not self.answered.all():
                rows = rows[self.answered[rows + ahead]]
            ends[split] = torch.from_numpy(rows)
        return WindowIndex(T, step, ahead, ends)


def _rows_with(runs: tuple[range, ...], back: int, ahead: int) -> NDArray[np.int64]:
    """The rows with `back` rows before and `ahead` rows after them in one of the `runs`."""
    rows = [
        np.arange(run.start + back, run.stop - ahead) for run in runs if len(run) > back + ahead
    ]
    return np.concatenate(rows) if rows else np.arange(0)


def _complete(readable: NDArray[np.bool_], T: int, step: int) -> NDArray[np.bool_]:
    """(N,) whether the T rows up to each, every `step`th, are readable."""
    if readable.all():
        return readable
    # In columns of every `step`th row, a window is T rows of one column.
    padded = np.zeros(-(-len(readable) // step) * step, np.int32)
    padded[: len(readable)] = ~readable
    missing = padded.reshape(-1, step).cumsum(axis=0)
    missing[T:] -= missing[:-T].copy()
    complete: NDArray[np.bool_] = missing.reshape(-1)[: len(readable)] == 0
    return complete


@dataclass(frozen=True, eq=False)
class WindowIndex:
    """All windows of some measurements: T rows, every `step`th, and an answer `ahead` of the last.

    `ends`: for every window of a split the last row that is read.
    """

    T: int
    step: int
    ahead: int
    ends: Mapping[Split, Tensor]

    @property
    def span(self) -> int:
        """The rows from the first that is read to the last."""
        return (self.T - 1) * self.step

    @property
    def fits(self) -> bool:
        """Whether every split has windows enough."""
        return all(len(ends) >= MIN_WINDOWS for ends in self.ends.values())

    def answers(self, values: NDArray[np.floating[Any]], split: Split) -> NDArray[Any]:
        """What the windows of `split` ask for; `values` (N,) of the column asked for."""
        answers: NDArray[Any] = values[self.ends[split].numpy() + self.ahead]
        return answers

    def windows(self, inputs: Tensor, ends: Tensor) -> Tensor:
        """What is read, (B,T,I), in the windows that end in the rows `ends`; `inputs` (N,I)."""
        # Every window as a view of the same numbers: what is not asked for is never copied.
        rows, width = inputs.shape
        shape = (rows - self.span, self.T, width)
        windows = inputs.as_strided(shape, (width, self.step * width, 1))
        return windows[ends - self.span]
