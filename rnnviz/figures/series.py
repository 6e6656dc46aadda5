"""A series of measurements over time, as far as a screen can show it.

N rows.
"""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.axes import Figure

POINTS = 2000
"""About how many points are drawn; of a longer series the extremes of every small part."""

WOBBLE = 1.5
"""How many usual steps two rows may lie apart without a gap between them."""

COLOUR = "#0072B2"


def visible_rows(
    positions: NDArray[np.float64], values: NDArray[np.float64], step: float, points: int = POINTS
) -> list[int | None]:
    """The rows to be drawn, about `points` at most, with None where the line has a gap.

    `positions` (N,) sorted, `step` the usual one between them; `values` (N,) with NaN for missing.
    Of many rows those with the smallest and the largest value of each of `points / 2` equal parts
    of the axis, so that no spike is lost. A gap is a distance of more than `WOBBLE` steps, and of
    at least half a part, because a narrower one is no wider than the line.
    """
    rows = np.flatnonzero(np.isfinite(values))
    if not len(rows):
        return []
    present = positions[rows]
    part = 0.0
    places = np.arange(len(rows))
    if len(rows) > points and present[-1] > present[0]:
        part = (present[-1] - present[0]) / (points // 2)
        numbers = np.floor((present - present[0]) / part).astype(np.int64)
        starts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(rows)]
        extremes = {0, len(rows) - 1}
        for start, stop in pairwise(starts):
            inside = values[rows[start:stop]]
            extremes |= {start + int(inside.argmin()), start + int(inside.argmax())}
        places = np.array(sorted(extremes))
    is_gap = np.diff(present) > max(WOBBLE * step, part / 2)
    gaps_before = np.concatenate([[0], np.cumsum(is_gap)])[places]
    visible: list[int | None] = []
    for place, has_gap in zip(places, np.diff(gaps_before, prepend=0) > 0, strict=True):
        visible += [None, int(rows[place])] if has_gap else [int(rows[place])]
    return visible


def series(
    x: NDArray[np.datetime64] | NDArray[np.float64],
    values: NDArray[np.float64],
    *,
    step: float,
    even: bool = False,
    name: str = "",
    x_title: str = "",
) -> Figure:
    """One column over its times (N,), with a gap where rows or values are missing.

    `step`: the usual one, in seconds where `x` has times, else in units of `x`. With `even` the
    rows are evenly spaced whatever their times, so only missing values leave a gap.
    """
    is_time = np.issubdtype(x.dtype, np.datetime64)
    labels: Sequence[str] | Sequence[float]
    if is_time:
        times = x.astype("datetime64[ns]")
        positions = times.astype(np.int64) / 1e9
        labels = np.datetime_as_string(times, unit="ms").tolist()
    else:
        positions = x.astype(np.float64)
        labels = positions.tolist()
    if even:
        positions, step = np.arange(len(x), dtype=np.float64), 1.0
    rows = visible_rows(positions, values, step)
    drawn = [None if row is None else labels[row] for row in rows]
    numbers = [None if row is None else float(values[row]) for row in rows]
    edges = [None, *numbers, None]
    # A line cannot show a value between two gaps.
    lonely = [
        place
        for place, number in enumerate(numbers)
        if number is not None and edges[place] is None and edges[place + 2] is None
    ]
    common = {"type": "scatter", "hovertemplate": "%{x}<br>%{y}<extra></extra>"}
    return {
        "data": [
            common
            | {"mode": "lines", "x": drawn, "y": numbers, "line": {"color": COLOUR, "width": 1.25}},
            common
            | {
                "mode": "markers",
                "x": [drawn[place] for place in lonely],
                "y": [numbers[place] for place in lonely],
                "marker": {"color": COLOUR, "size": 4},
            },
        ],
        "layout": {
            "height": 260,
            "margin": {"l": 8, "r": 12, "t": 12, "b": 8},
            "showlegend": False,
            "xaxis": {"title": {"text": escape(x_title)}, "showgrid": False}
            | ({"type": "date"} if is_time else {}),
            "yaxis": {"title": {"text": escape(name)}},
        },
    }
