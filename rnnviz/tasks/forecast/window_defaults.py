"""The window that suits a series: as far back and ahead as its step and its length allow."""

from functools import lru_cache

import numpy as np

from rnnviz.data import Series
from rnnviz.tasks.forecast.window_index import SPLITS, Window, WindowRows, split_runs

USEFUL = 32
"""How many windows a default leaves to each part, or a third of its rows where it is short."""

SHORTER = (1, 0.7, 0.5, 0.3, 0.2, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01)
"""The shares of the usual window that are tried, in this order."""

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0  # seconds
MAX_LOOKBACK = 2_880


@lru_cache(maxsize=4)
def window_defaults(series: Series) -> dict[str, int]:
    """The settings `lookback`, `step` and `delay` that suit a series, in rows.

    Hourly measurements are read for ten days to forecast the next day, monthly ones for two years
    to forecast the next month; both as much shorter as the length and the gaps of the series want.
    """
    window = fitting_window(series) or Window(1, 1, 1)
    return {"lookback": window.lookback, "step": window.step, "delay": window.delay}


def fitting_window(series: Series) -> Window | None:
    """The longest window like the usual one that leaves each part a useful number; None if none."""
    target = (series.find(series.target) or 0) if series.target else 0
    measured = np.isfinite(series.values[:, target])
    rows = WindowRows(split_runs(series), measured, measured)
    usual = _usual_window(series)
    needed = {split: min(USEFUL, sum(map(len, rows.runs[split])) // 3) for split in SPLITS}
    for is_useful in (True, False):
        for window in _shorter(usual):
            index = rows.index(window)
            if index.fits and (
                not is_useful or all(len(index.ends[split]) >= needed[split] for split in SPLITS)
            ):
                return window
    return None


def _shorter(usual: Window) -> list[Window]:
    """`usual` and shorter ones: first it looks back less far, then ahead."""
    windows = {}
    for ahead in SHORTER:
        delay = max(1, round(usual.delay * ahead))
        for back in SHORTER:
            step = min(usual.step, max(1, round(usual.lookback * back) // 10))
            lookback = max(1, round(usual.lookback * back / step)) * step
            if lookback >= delay:
                windows[lookback, step, delay] = Window(lookback, step, delay)
    windows[1, 1, 1] = Window(1, 1, 1)
    return list(windows.values())


def _usual_window(series: Series) -> Window:
    """What the step alone suggests."""
    if series.step is None:
        return _without_clock(len(series))
    seconds = series.step / np.timedelta64(1, "s")
    if seconds < MINUTE:
        return _without_clock(len(series))
    if seconds < 5 * MINUTE:  # a day, every ten minutes, for the next hour
        return _window(DAY, 10 * MINUTE, HOUR, seconds)
    if seconds <= DAY / 2:
        return _window(10 * DAY, HOUR, DAY, seconds)
    if seconds <= 4 * DAY:
        return Window(28, 1, 1)
    if seconds <= 20 * DAY:
        return Window(26, 1, 1)
    if seconds <= 200 * DAY:
        return Window(24, 1, 1)
    return Window(20, 1, 1)


def _window(back: float, every: float, ahead: float, seconds: float) -> Window:
    """A window of these seconds in rows that lie `seconds` apart."""
    step = max(1, round(every / seconds))
    lookback = min(MAX_LOOKBACK, round(back / seconds))
    return Window(lookback // step * step, step, max(1, round(ahead / seconds)))


def _without_clock(N: int) -> Window:
    """A window for rows of which no clock says what a day is."""
    lookback = min(240, max(20, N // 20))
    return Window(lookback, 1, max(1, lookback // 10))
