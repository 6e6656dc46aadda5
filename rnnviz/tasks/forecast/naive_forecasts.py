"""Forecasts that need no network."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnviz.data import Series
from rnnviz.messages import N_
from rnnviz.tasks.forecast.window_index import WindowIndex
from rnnviz.tasks.forecast.windows import Column

PERSISTENCE = N_("persistence: as it is now")
LAST_DAY = N_("the mean of the last 24 hours")
SAME_HOUR = N_("the last value of the same time of day")
SAME_WEEKDAY = N_("the last value of the same weekday")
SAME_SEASON = N_("the last value of the same time of year")

DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Season:
    """What comes again every `rows` rows, and the name of the forecast that it does."""

    rows: int
    title: str

    @classmethod
    def of(cls, step: np.timedelta64) -> "Season | None":
        """The day of hours, the week of days, the year of weeks, months or quarters."""
        if step < DAY:
            whole = DAY % step == np.timedelta64(0, "ns")
            return cls(int(DAY / step), SAME_HOUR) if whole else None
        days = float(step / DAY)
        if days == 1:
            return cls(7, SAME_WEEKDAY)
        for least, most, rows in ((7, 7, 52), (28, 31, 12), (90, 92, 4)):
            if least <= days <= most:
                return cls(rows, SAME_SEASON)
        return None


def naive_forecasts(
    series: Series, column: Column, windows: WindowIndex, ends: Tensor
) -> dict[str, Tensor]:
    """The scaled forecasts of each method for the `windows` that end in the rows `ends` (B,).

    They use nothing but what the windows read, apart from the mean of a day, which takes all its
    rows. Where a window is shorter than a day, or the time is unknown, there is no mean of one; and
    of directions there is none worth the name.
    """
    forecasts = {PERSISTENCE: column.scaled[ends]}
    step = series.step
    if step is None or not series.is_regular:
        return forecasts
    rows = int(DAY / step)
    if 1 < rows <= windows.span + 1 and not column.is_direction:
        forecasts[LAST_DAY] = _mean_of_last(rows, column.scaled, ends)
    season = Season.of(step)
    if season is not None:
        ago = -windows.ahead % season.rows  # from the last row that is read
        if 0 < ago <= windows.span and ago % windows.step == 0:
            forecasts[season.title] = column.scaled[ends - ago]
    return forecasts


def _mean_of_last(rows: int, scaled: Tensor, ends: Tensor) -> Tensor:
    """The mean of the values that there are among the `rows` rows up to each of `ends`."""
    measured = scaled.isfinite()
    zero = torch.zeros(1, dtype=torch.float64)
    sums = torch.cat([zero, scaled.double().where(measured, zero).cumsum(0)])
    counts = torch.cat([zero, measured.double().cumsum(0)])
    firsts, lasts = ends + 1 - rows, ends + 1
    return ((sums[lasts] - sums[firsts]) / (counts[lasts] - counts[firsts])).float()
