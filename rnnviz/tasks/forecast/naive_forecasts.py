"""Forecasts that need no network."""

import torch
from torch import Tensor

from rnnviz.data import Series
from rnnviz.messages import N_
from rnnviz.tasks.forecast.windows import DIRECTION, Column

PERSISTENCE = N_("persistence: as it is now")
LAST_DAY = N_("the mean of the last 24 hours")

DAY = 86_400  # seconds


def naive_forecasts(series: Series, column: Column, ends: Tensor, span: int) -> dict[str, Tensor]:
    """The scaled forecasts of each method for windows that end in the rows `ends` (B,).

    A window reaches `span` rows back, without a gap. Where it is shorter than a day, or the time is
    unknown, there is no mean of one; and of directions there is none worth the name.
    """
    forecasts = {PERSISTENCE: column.scaled[ends]}
    rows = DAY // max(1, int(series.step.astype(int)))
    if series.timed and 1 < rows <= span + 1 and column.unit != DIRECTION:
        sums = torch.cat([torch.zeros(1, dtype=torch.float64), column.scaled.double().cumsum(0)])
        forecasts[LAST_DAY] = ((sums[ends + 1] - sums[ends + 1 - rows]) / rows).float()
    return forecasts
