"""The steps between times: the usual one, in words, gaps, and series that rest at night."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.result import Spacing
from rnnviz.data.reading.times.regularity import months_apart, usual_step
from rnnviz.messages import N_, Message

DAY = 86_400 * 10**9
_UNITS = (
    (7 * DAY, N_("{count} {count:week|weeks}")),
    (DAY, N_("{count} {count:day|days}")),
    (DAY // 24, N_("{count} {count:hour|hours}")),
    (60 * 10**9, N_("{count} {count:minute|minutes}")),
    (10**9, N_("{count} {count:second|seconds}")),
    (10**6, N_("{count} ms")),
    (10**3, N_("{count} µs")),
)
_RARE = 0.05
"""A day of the week with so small a share of the days of the others is one of rest."""


@dataclass(frozen=True)
class Steps:
    """The steps between sorted, distinct times.

    size     the usual one: timedelta64[ns], a float between elapsed times, None of less than two
    text     the same in words
    gaps     how many are longer, by half of it or more
    longest  the longest, in words
    spacing  how far apart the rows are, as far as that can be recognised
    doubt    why that has two readings; None where it has one
    """

    size: np.timedelta64 | float | None
    text: Message
    gaps: int
    longest: Message
    spacing: Spacing
    doubt: Message | None


def steps_of(
    times: NDArray[np.datetime64] | None, elapsed: NDArray[np.float64] | None, in_seconds: bool
) -> Steps:
    """The steps of `times`, or of `elapsed` if that is None, which may count seconds."""
    if times is not None:
        return _between_times(times)
    assert elapsed is not None
    none = Message("")
    if len(elapsed) < 2:
        return Steps(None, none, 0, none, "clock", None)
    steps = np.diff(elapsed)
    usual = float(f"{np.median(steps):.9g}")
    doubt = _irregular() if is_irregular(steps) else None
    gaps = int((steps > 1.5 * usual).sum())
    words = [
        duration(np.timedelta64(round(step * 1e9), "ns"))
        if in_seconds
        else Message(N_("{value} (in the unit of the column)"), {"value": f"{step:.6g}"})
        for step in (usual, float(steps.max()))
    ]
    return Steps(usual, words[0], gaps, words[1], "even" if doubt else "clock", doubt)


def _between_times(times: NDArray[np.datetime64]) -> Steps:
    none = Message("")
    if len(times) < 2:
        return Steps(None, none, 0, none, "clock", None)
    steps = np.diff(times).astype(np.int64)
    months = months_apart(times) if len(times) > 2 else 0
    size, share = usual_step(times.astype(np.int64))
    gaps = int((2 * steps > 3 * size).sum())
    spacing: Spacing = "clock"
    doubt = None
    if months:
        counts = np.diff(times.astype("datetime64[M]")).astype(np.int64)
        gaps = int((counts > months).sum())
        spacing = "clock" if gaps else "even"
    else:
        doubt = closed_times(times, size) if gaps else None
        if doubt is None and is_irregular(steps):
            doubt = _irregular()
            size = size if share > 0.5 else int(np.median(steps))
        spacing = "even" if doubt else "clock"
    usual = np.timedelta64(size, "ns")
    longest = duration(np.timedelta64(int(steps.max()), "ns"))
    return Steps(usual, duration(usual, months), gaps, longest, spacing, doubt)


def _irregular() -> Message:
    return Message(N_("The steps between the times are irregular."))


def duration(step: np.timedelta64, months: int = 0) -> Message:
    """A step in words; `months` if it is one of the calendar, 0 if not."""
    if months and months % 12 == 0:
        return Message(N_("{count} {count:year|years}"), {"count": months // 12})
    if months:
        return Message(N_("{count} {count:month|months}"), {"count": months})
    size = int(step.astype("timedelta64[ns]").astype(np.int64))
    for unit, template in _UNITS:
        if size and size % unit == 0 and size < 1000 * unit:
            return Message(template, {"count": size // unit})
    unit, template = next((pair for pair in _UNITS[1:] if size >= pair[0]), _UNITS[-1])
    return Message(template, {"count": f"{size / unit:.4g}"})


def closed_times(times: NDArray[np.datetime64], step: int) -> Message | None:
    """What the gaps of sorted times have in common: days of the week, or hours of the day."""
    if step > DAY or times[-1] - times[0] < np.timedelta64(9, "D"):
        return None
    days = times.astype("datetime64[D]").astype(np.int64)
    counts = np.bincount((np.unique(days) + 3) % 7, minlength=7)
    closed = int((counts <= _RARE * counts.max()).sum())
    if 1 <= closed <= 4 and times[-1] - times[0] >= np.timedelta64(13, "D"):
        return Message(
            N_("Days of the week without any row: {count} (as at a stock exchange)."),
            {"count": closed},
        )
    steps = np.diff(times).astype(np.int64)
    nights = np.diff(days) > 0
    long = 2 * steps > 3 * step
    rests = int(np.ptp(times.astype(np.int64) % DAY)) + 2 * step <= DAY
    if rests and nights.any() and (long & nights).sum() >= 0.8 * nights.sum():
        return Message(N_("Every day has hours without any row, as at night."))
    return None


def is_irregular(steps: NDArray[np.float64] | NDArray[np.int64]) -> bool:
    """Whether many steps are no multiple of the usual one, not even roughly."""
    parts = np.asarray(steps, dtype=np.float64)
    parts = parts / np.median(parts)
    whole = np.rint(parts)
    return bool(((whole < 1) | (np.abs(parts - whole) > 0.25)).mean() > 0.2)
