"""Dates with the day first beside dates with the month first, in one column.

A spreadsheet that takes the month for the first turns 1.2.2020, the first of February, into a date
of January, and leaves 13.2.2020, which it cannot read, as it was.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.times.forms import Form
from rnnviz.data.reading.times.moments import Moments
from rnnviz.data.reading.times.regularity import is_monotone
from rnnviz.data.reading.times.shapes import Shapes


def mixed_moments(
    best: Moments,
    rivals: Sequence[Moments],
    shapes: Shapes,
    forms: Sequence[Mapping[str, Form]],
    always: bool,
) -> Moments | None:
    """Each date in the order of day and month in which it lies nearest to the one before.

    If the dates do not follow one another so, those with marks of which no date proves the order
    of `best`, the likeliest one, have the other order.

    None unless it is `always` needed or suspected: dates that `best` cannot read are read by one of
    the `rivals`, the dates follow one another only so, or have different marks.
    """
    day, nano, valid = best.day.copy(), best.nano.copy(), best.valid.copy()
    for rival in rivals:
        more = rival.valid & ~valid
        day[more], nano[more] = rival.day[more], rival.nano[more]
        valid |= more
    is_only_rivals = bool((valid & ~best.valid).any())
    doubtful = _doubtful(shapes, forms)
    marks = _marks(shapes, doubtful)
    if is_monotone(best.sort_key) and not (always or is_only_rivals):
        return None
    swapped, can_swap = _swapped(day)
    can_swap &= doubtful & valid & (swapped != day)
    rows = np.flatnonzero(valid)
    both = np.stack([day, np.where(can_swap, swapped, day)])[:, rows] + nano[rows] / 86_400e9
    nearest = np.where(_nearest(both), swapped[rows], day[rows])
    follows = is_monotone(nearest + nano[rows] / 86_400e9)
    several = bool(marks.max() > 0 and can_swap.any())
    # Rows that are out of order may follow one another by chance, but not after a day above 12.
    follows_only_so = follows and bool((doubtful & valid & ~_swapped(day)[1]).any())
    if not (always or is_only_rivals or several or follows_only_so):
        return None
    if follows or not marks.max():
        day[rows] = nearest
    else:
        for mark in range(int(marks.max()) + 1):
            alike = valid & (marks == mark)
            if can_swap[alike & (swapped != day)].all() and not (~doubtful[alike]).any():
                day[alike] = np.where(can_swap[alike], swapped[alike], day[alike])
    return replace(best, day=day, nano=nano, valid=valid, pattern="")


def _doubtful(shapes: Shapes, forms: Sequence[Mapping[str, Form]]) -> NDArray[np.bool_]:
    """(N,) which rows hold day and month in digits."""
    doubtful = np.zeros(len(shapes), np.bool_)
    for rows, options in zip(shapes.rows, forms, strict=True):
        doubtful[rows] = any({"m", "d"} <= set(form.digits) for form in options.values())
    return doubtful


def _marks(shapes: Shapes, doubtful: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(N,) numbers of the marks between day, month and year, from 0; dates of one look alike."""
    marks = np.full(len(shapes), -1)
    kinds: dict[tuple[bool, str], int] = {}
    for shape, rows in zip(shapes.shapes, shapes.rows, strict=True):
        if doubtful[rows].any():
            mark = re.search("[^0]", shape)
            kind = (shape.startswith("0000"), mark[0] if mark else "")
            marks[rows] = kinds.setdefault(kind, len(kinds))
    return marks


def _swapped(day: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Days since 1970 with day and month exchanged, and where that is possible."""
    months = day.astype("datetime64[D]").astype("datetime64[M]")
    place = day - months.astype("datetime64[D]").astype(np.int64)
    years = months.astype("datetime64[Y]")
    month = (months - years.astype("datetime64[M]")).astype(np.int64)
    exchanged = (years.astype("datetime64[M]") + np.minimum(place, 11)).astype("datetime64[D]")
    return exchanged.astype(np.int64) + month, place < 12


def _nearest(both: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(N,) whether the second of the two readings (2, N) is on the shortest way through all rows.

    Of two ways of the same length it is the one with fewer second readings.
    """
    steps = np.abs(both[:, None, 1:] - both[None, :, :-1]).transpose(2, 0, 1).tolist()
    first, second = 0.0, 1e-6
    came_from = []
    for (stay, change), (back, keep) in steps:
        from_first, from_second = first + stay, second + change
        to_first, to_second = first + back, second + keep
        came_from.append((from_second < from_first, to_second <= to_first))
        first = min(from_first, from_second)
        second = min(to_first, to_second) + 1e-6
    chosen = np.zeros(both.shape[1], np.bool_)
    state = bool(second < first)
    for row in range(both.shape[1] - 1, -1, -1):
        chosen[row] = state
        if row:
            state = came_from[row - 1][state]
    return chosen
