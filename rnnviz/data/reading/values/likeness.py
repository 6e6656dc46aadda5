"""Whether the rows of a table follow one another, as those of a time series do."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rnnviz.messages import N_, Message

NO_SERIES = N_(
    "This looks like no time series: no column holds times, and no row is more like the next one "
    "than like any other row."
)
SEVERAL_SERIES = N_(
    "This looks like several series in one table: the times repeat, and {column} tells the rows of "
    "one time apart ({examples}). Give a file with one row for each time."
)

_STANDARD_ERRORS = 3.0
_FEWEST_ROWS = 20
_REPEATED = 0.1
"""Which share of rows must repeat a time before several series are suspected."""


def follows_no_order(columns: Iterable[NDArray[np.float64]]) -> bool:
    """Whether no column's neighbouring rows are correlated beyond what chance explains.

    The lag-1 autocorrelation of n independent values has the standard error 1 / sqrt(n); of several
    columns the largest is compared, so the bound grows with their number.
    """
    tests = [z for values in columns if (z := _z_of_neighbours(values)) is not None]
    bound = _STANDARD_ERRORS + 0.5 * np.log10(max(1, len(tests)))
    return bool(tests) and max(tests) < bound


def _z_of_neighbours(values: NDArray[np.float64]) -> float | None:
    """The lag-1 autocorrelation of the ranks in standard errors; None where too little varies."""
    ranks = pd.Series(values).rank().to_numpy()
    deviations = ranks - np.nanmean(ranks) if np.isfinite(ranks).any() else ranks
    pairs = deviations[:-1] * deviations[1:]
    count = int(np.isfinite(pairs).sum())
    variance = float(np.nanmean(deviations**2)) if np.isfinite(deviations).any() else 0.0
    if count < _FEWEST_ROWS or variance == 0:
        return None
    return float(np.nansum(pairs) / count / variance * np.sqrt(count))


def panel_remark(
    instants: NDArray[np.datetime64], labels: Mapping[str, "pd.Series[str]"]
) -> Message | None:
    """What to say where the times repeat, and a column tells the rows of one time apart."""
    known = ~np.isnat(instants)
    times = pd.Series(instants[known])
    if len(times) < 2 or times.duplicated().mean() < _REPEATED:
        return None
    for name, column in labels.items():
        label = column[known].reset_index(drop=True)
        pairs = pd.DataFrame({"time": times, "label": label})
        if 1 < label.nunique() < len(label) / 3 and pairs.duplicated().mean() < 0.01:
            examples = ", ".join(map(str, label.unique()[:3]))
            return Message(SEVERAL_SERIES, {"column": name, "examples": examples})
    return None
