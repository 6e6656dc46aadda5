"""The picture of a series shows its extremes and its gaps, however long it is."""

import json
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.figures import series
from rnnviz.figures.series import POINTS, visible_rows


@given(
    st.integers(1, 30_000),
    st.lists(st.integers(0, 29_999), max_size=8),
    st.lists(st.tuples(st.integers(0, 29_999), st.integers(1, 9000)), max_size=4),
    st.integers(0, 2**32 - 1),
)
def test_no_spike_is_lost_and_gaps_stay_gaps(
    N: int, spikes: list[int], holes: list[tuple[int, int]], seed: int
) -> None:
    values = np.random.default_rng(seed).normal(size=N)
    spikes = [row for row in {*spikes} if row < N]
    for number, row in enumerate(spikes):
        values[row] = (-1) ** number * (100.0 + number)
    for start, length in holes:
        values[start : start + length] = np.nan
    positions = np.arange(N, dtype=np.float64)
    drawn = visible_rows(positions, values, 1.0)
    rows = [row for row in drawn if row is not None]
    assert len(rows) <= POINTS + 4
    assert rows == sorted({*rows})
    finite = np.isfinite(values)
    assert finite[rows].all()
    if finite.any():
        assert (values[rows].min(), values[rows].max()) == (np.nanmin(values), np.nanmax(values))
        assert (rows[0], rows[-1]) == (np.flatnonzero(finite)[0], np.flatnonzero(finite)[-1])
    width = N / (POINTS / 2)  # of the part of the axis that has two points
    for before, after in pairwise(rows):
        is_gap = None in drawn[drawn.index(before) : drawn.index(after)]
        inside = np.diff(np.flatnonzero(finite[before : after + 1])).max()
        if N <= POINTS:
            assert is_gap == (inside > 1)
            assert after == before + inside, "a short series is drawn whole"
        elif inside > max(2, width):
            assert is_gap
        elif inside == 1:
            assert not is_gap


def test_rows_that_are_not_there_leave_a_gap_unless_they_are_evenly_spaced() -> None:
    days = np.datetime64("2024-01-05", "ns") + np.arange(20) * np.timedelta64(1, "D")
    weekdays = days[np.is_busday(days.astype("datetime64[D]"))]
    values = np.arange(len(weekdays), dtype=np.float64)
    by_clock = series(weekdays, values, step=86400.0, name="<b>price")
    evenly = series(weekdays, values, step=86400.0, even=True)
    weekends = sum(gap > np.timedelta64(1, "D") for gap in np.diff(weekdays))
    assert by_clock["data"][0]["y"].count(None) == weekends == 3
    assert None not in evenly["data"][0]["y"]
    assert by_clock["data"][1]["y"] == [0.0], "a Friday before the first weekend is a dot"
    assert by_clock["data"][0]["x"][0] == "2024-01-05T00:00:00.000"
    assert by_clock["layout"]["yaxis"]["title"]["text"] == "&lt;b&gt;price", "no markup"
    for fig in (by_clock, evenly, series(np.arange(3.0), np.full(3, np.nan), step=1.0)):
        go.Figure(fig)
        json.dumps(fig, allow_nan=False)
