"""The whole series, and one window on it. N rows, T values that are read."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rnnviz.data import mast
from rnnviz.ideas.forecasting.settings import ROWS_AN_HOUR, WindowSettings
from rnnviz.tasks.forecast.window_index import Window as Rows
from rnnviz.tasks.forecast.window_index import WindowIndex, WindowRows, parts, split_runs
from rnnviz.tasks.framework.kinds import Split

Place = Literal["train", "validation", "test", "start", "end", "gap", "border"]
"""The part that uses a window, or why none does."""

BINS = 342
"""Two days each: no wider than a pixel or two of the picture."""


@dataclass(frozen=True)
class Overview:
    """The series as far as a screen can show it. Times are in days from the first row.

    Attributes:
        rows: N.
        days: from the first row to the last.
        bins: for each part of the time that has rows: its middle, least and largest value in °C.
        borders: where validation and test begin.
        gap: the longest time without a row, its begin and its end.
    """

    rows: int
    days: float
    bins: tuple[tuple[float, float, float], ...]
    borders: tuple[float, float]
    gap: tuple[float, float]


@dataclass(frozen=True)
class View:
    """A window whose last value is read on a day of the series. Times in days, values in °C.

    Attributes:
        place: the part that uses it, or why none does.
        date: of the last row that is read.
        read: the values that are read, (time, value), oldest first, as far as there are rows.
        target: what is asked for; None behind the end of the data.
        line: every hour from a little before the window to a little behind the target.
        counts: how many windows of these settings each part has.
        lost: how many would span a gap or a border, and are left out.
    """

    settings: WindowSettings
    at: int
    place: Place
    date: str
    read: tuple[tuple[float, float], ...]
    target: tuple[float, float] | None
    line: tuple[tuple[float, float], ...]
    counts: dict[Split, int]
    lost: int

    @property
    def now(self) -> float:
        """The last value that is read: what persistence answers."""
        return self.read[-1][1]


@lru_cache(maxsize=1)
def series() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The time of every row in days from the first, and the temperature in °C."""
    data = mast()
    assert data.times is not None
    days = (data.times - data.times[0]) / np.timedelta64(1, "s") / 86_400
    return days, data.values[:, data.columns.index(data.target)].astype(np.float64)


def overview() -> Overview:
    """The whole series, plotted before anything is trained."""
    days, values = series()
    numbers = np.minimum((days / days[-1] * BINS).astype(int), BINS - 1)
    bins = []
    for number in np.unique(numbers):
        inside = values[numbers == number]
        middle = (number + 0.5) * days[-1] / BINS
        bins.append((float(middle), float(inside.min()), float(inside.max())))
    split = parts(len(days))
    longest = int(np.diff(days).argmax())
    return Overview(
        len(days),
        float(days[-1]),
        tuple(bins),
        (float(days[split["validation"].start]), float(days[split["test"].start])),
        (float(days[longest]), float(days[longest + 1])),
    )


def window_index(settings: WindowSettings) -> WindowIndex:
    """Where the windows of the training, validation and test part lie."""
    data = mast()
    all_rows = np.ones(len(data), np.bool_)
    rows = WindowRows(split_runs(data), all_rows, all_rows)
    return rows.index(Rows(settings.lookback, settings.step, settings.delay))


def look(settings: WindowSettings, at: int) -> View:
    """The window whose last value is read on day `at` of the series."""
    days, values = series()
    row = int(np.searchsorted(days, at, side="right")) - 1
    index = window_index(settings)
    first, target = row - settings.span, row + settings.delay
    rows = np.arange(first, row + 1, settings.step)
    rows = rows[rows >= 0]
    padding = 0.06 * (settings.span + settings.delay) + ROWS_AN_HOUR
    line = np.arange(max(0, int(first - padding)), min(len(days), int(target + padding)))
    line = line[(row - line) % ROWS_AN_HOUR == 0]
    counts: dict[Split, int] = {split: len(ends) for split, ends in index.ends.items()}
    possible = len(days) - settings.span - settings.delay
    return View(
        settings,
        at,
        _place(first, row, target, at),
        str(np.datetime_as_string(mast_times()[row], unit="D")),
        tuple(zip(days[rows].tolist(), values[rows].tolist(), strict=True)),
        (float(days[target]), float(values[target])) if target < len(days) else None,
        tuple(zip(days[line].tolist(), values[line].tolist(), strict=True)),
        counts,
        possible - sum(counts.values()),
    )


def mast_times() -> NDArray[np.datetime64]:
    """The clock time of every row."""
    times = mast().times
    assert times is not None
    return times


def _place(first: int, row: int, target: int, at: int) -> Place:
    days = series()[0]
    if first < 0:
        return "start"
    if target >= len(days):
        return "end"
    if at - days[row] > 0.1 or not any(
        each.start <= first and target < each.stop for each in mast().segments()
    ):
        return "gap"
    for split, part in parts(len(days)).items():
        if part.start <= first and target < part.stop:
            return split
    return "border"
