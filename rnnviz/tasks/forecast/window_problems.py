"""What is wrong where windows are too few, what would fit, and what missing values cost."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnviz.messages import N_, Message, Problem
from rnnviz.tasks.forecast.window_defaults import fitting_window
from rnnviz.tasks.forecast.window_index import MIN_WINDOWS, SPLITS, Window, WindowRows
from rnnviz.tasks.forecast.windows import Measurements

TOO_FEW_WINDOWS = N_(
    "Too few windows: there are {train} for training, {validation} for validation and {test} for "
    "testing; needed are at least {least} of each. To look back {lookback} and ahead {delay} takes "
    "{needed} rows without a gap; the longest such parts have {longest_train}, "
    "{longest_validation} and {longest_test}. {advice}"
)
SHORTER_BOTH = N_(
    "What fits: to look back at most {lookback}, or as far back as now, but ahead at most {delay}."
)
SHORTER_BACK = N_("What fits: to look back at most {lookback}.")
SHORTER_AHEAD = N_("What fits: to look ahead at most {delay}.")
FITTING_WINDOW = N_(
    "What fits, for example: to look back {lookback}, every {step}, and ahead {delay}."
)
NOTHING_FITS = N_("No window fits, however short: there are too few rows, or too many gaps.")
COSTLY = "{cost} {advice}"

COST = N_("Windows left out because a value is missing: {count} of {total}. By column: {columns}.")
SPARSE = N_(
    "Not read along with the other columns, because more than half of the values are missing: "
    "{columns}."
)

MOST_COLUMNS = 5
"""How many columns a sentence names."""


def too_few_windows(
    data: Measurements, columns: Sequence[int], target: int, window: Window
) -> Problem:
    """Why `window`, which reads `columns`, does not fit, and what does."""
    rows = data.rows(columns, target)
    index = rows.index(window)
    advice = _advice(data, rows, window)
    costs = missing_cost(data, columns, target, window)
    return Problem(
        TOO_FEW_WINDOWS,
        **{split: len(index.ends[split]) for split in SPLITS},
        **{f"longest_{split}": rows.longest(split) for split in SPLITS},
        least=MIN_WINDOWS,
        lookback=window.lookback,
        delay=window.delay,
        needed=index.span + window.delay + 1,
        advice=Message(COSTLY, {"cost": costs, "advice": advice}) if costs else advice,
    )


def _advice(data: Measurements, rows: WindowRows, window: Window) -> Message:
    lookback = _largest(
        lambda back: rows.index(replace(window, lookback=back)).fits, window.lookback
    )
    delay = _largest(lambda ahead: rows.index(replace(window, delay=ahead)).fits, window.delay)
    values = {"lookback": lookback, "delay": delay}
    if lookback and delay:
        return Message(SHORTER_BOTH, values)
    if lookback or delay:
        return Message(SHORTER_BACK if lookback else SHORTER_AHEAD, values)
    other = fitting_window(data.series)
    if other is None or not rows.index(other).fits:
        return Message(NOTHING_FITS)
    return Message(FITTING_WINDOW, vars(other))


def _largest(fits: Callable[[int], bool], most: int) -> int:
    """The largest number up to `most` that fits, where larger ones fit less; 0 if none does."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def missing_cost(
    data: Measurements, columns: Sequence[int], target: int, window: Window
) -> Message | None:
    """How many windows are left out because a value is missing, and how many by each column."""
    if not any(data.missing[index] for index in {*columns, target}):
        return None
    everywhere = np.ones(len(data.series), bool)

    def count(readable: NDArray[np.bool_], answered: NDArray[np.bool_]) -> int:
        rows = WindowRows(data.runs, readable, answered)
        index = rows.index(window)
        return sum(map(len, index.ends.values()))

    total = count(everywhere, everywhere)
    rows = data.rows(columns, target)
    lost = total - count(rows.readable, rows.answered)
    if not lost:
        return None
    by_column = {
        index: total
        - count(
            data.measured[:, index],
            data.measured[:, index] if index == target else everywhere,
        )
        for index in columns
    }
    worst = sorted((index for index in columns if by_column[index]), key=lambda i: -by_column[i])
    names = [f"{data.series.columns[index]} ({by_column[index]})" for index in worst]
    more = ["…"] if len(names) > MOST_COLUMNS else []
    columns_text = ", ".join([*names[:MOST_COLUMNS], *more])
    return Message(COST, {"count": lost, "total": total, "columns": columns_text})


def sparse_columns(data: Measurements, columns: Sequence[int]) -> Message | None:
    """Which of the series' columns are not among the `columns` that are read together."""
    left_out = [name for index, name in enumerate(data.series.columns) if index not in columns]
    return Message(SPARSE, {"columns": ", ".join(left_out)}) if left_out else None
