"""Forecasts that need no network."""

import torch
from torch import Tensor

from rnnviz.data import Series
from rnnviz.messages import N_
from rnnviz.tasks.forecast.windows import DIRECTION, Column

PERSISTENCE = N_("persistence: as it is now")
LAST_DAY = N_("the mean of the last 24 hours")

DAY = 86_400  # seconds


def naive_forecasts(series: Series, column: Column, nows: Tensor, back: int) -> dict[str, Tensor]:
    """What each method says, scaled, for windows that end in the rows `nows` (B,).

    A window goes `back` so many rows, without a gap. Where it is shorter than a day, or the time is
    unknown, there is no mean of one; and of directions there is none worth the name.
    """
    found = {PERSISTENCE: column.scaled[nows]}
    rows = DAY // max(1, int(series.step.astype(int)))
    if series.timed and 1 < rows <= back + 1 and column.unit != DIRECTION:
        sums = torch.cat([torch.zeros(1, dtype=torch.float64), column.scaled.double().cumsum(0)])
        found[LAST_DAY] = ((sums[nows + 1] - sums[nows + 1 - rows]) / rows).float()
    return found
