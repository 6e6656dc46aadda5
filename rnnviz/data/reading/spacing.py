"""Steps in words, and series that rest at night, at weekends or at any time."""

import numpy as np
from numpy.typing import NDArray

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


def duration(step: "np.timedelta64 | float", months: int) -> Message:
    """A step in words; `months` if it is one of the calendar, 0 if not."""
    if months and months % 12 == 0:
        return Message(N_("{count} {count:year|years}"), {"count": months // 12})
    if months:
        return Message(N_("{count} {count:month|months}"), {"count": months})
    if not isinstance(step, np.timedelta64):
        return Message(N_("{value} (in the unit of the column)"), {"value": f"{float(step):.6g}"})
    size = int(step.astype("timedelta64[ns]").astype(np.int64))
    for unit, template in _UNITS:
        if size and size % unit == 0:
            return Message(template, {"count": size // unit})
    unit, template = next((pair for pair in _UNITS[1:] if size >= pair[0]), _UNITS[-1])
    return Message(template, {"count": f"{size / unit:.4g}"})


def closed_times(times: NDArray[np.datetime64], step: int) -> Message | None:
    """What the gaps of sorted times have in common: days of the week, or hours of the day."""
    if step > DAY or times[-1] - times[0] < np.timedelta64(9, "D"):
        return None
    days = times.astype("datetime64[D]").astype(np.int64)
    weekdays = np.unique((days + 3) % 7)
    if 3 <= len(weekdays) <= 6 and times[-1] - times[0] >= np.timedelta64(13, "D"):
        return Message(
            N_("Days of the week without any row: {count} (as at a stock exchange)."),
            {"count": 7 - len(weekdays)},
        )
    clock = times.astype(np.int64) % DAY
    steps = np.diff(times.astype(np.int64))
    gaps = 2 * steps > 3 * step
    nights = np.diff(days) > 0
    rests = int(np.ptp(clock)) + 2 * step <= DAY
    if rests and nights.sum() and (gaps & nights).sum() >= 0.8 * nights.sum():
        return Message(N_("Every day has hours without any row, as at night."))
    return None


def is_irregular(steps: NDArray[np.float64] | NDArray[np.int64]) -> bool:
    """Whether many steps are no multiple of the usual one, not even roughly."""
    parts = np.asarray(steps, dtype=np.float64)
    parts = parts / np.median(parts)
    whole = np.rint(parts)
    return bool(((whole < 1) | (np.abs(parts - whole) > 0.25)).mean() > 0.2)
