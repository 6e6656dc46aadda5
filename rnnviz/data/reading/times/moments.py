"""Points in time, read from all rows of a column at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.times.forms import Form
from rnnviz.data.reading.times.shapes import Shapes
from rnnviz.data.reading.times.words import AFTERNOON, MONTHS, ZONES

DAY = 86_400 * 10**9
"""Nanoseconds."""
MINUTE = 60 * 10**9
FARTHEST = 106_000
"""Days before and after 1970: nanoseconds reach from 1678 to 2261."""
FEW = 0.05
"""The share of times beyond that are left out, and do not forbid nanoseconds to all others."""
NO_OFFSET = np.iinfo(np.int32).min
UNKNOWN_ZONE = NO_OFFSET + 1
_AHEAD = 10
"""Years that a table of plans or forecasts may lie in the future."""
_DATE = frozenset("YymdbjGVq")


@dataclass(eq=False)
class Moments:
    """The times of N rows, on the clock that the texts name.

    day      (N,) int64, days since 1970
    nano     (N,) int64, nanoseconds since midnight
    valid    (N,) whether the row holds a time that exists
    offset   (N,) int32, minutes ahead of UTC; NO_OFFSET or UNKNOWN_ZONE where none is known
    zones    the names of zones that are not in the table
    dated    whether there are dates, and not only clock times
    pattern  the pattern of `strptime` of all rows, or "" where they have several
    since    the first of the hundred years that two digits may mean; None without such years
    is_odd   whether that is another than programs take
    """

    day: NDArray[np.int64]
    nano: NDArray[np.int64]
    valid: NDArray[np.bool_]
    offset: NDArray[np.int32]
    zones: tuple[str, ...]
    dated: bool
    pattern: str
    since: int | None = None
    is_odd: bool = False

    @property
    def sort_key(self) -> NDArray[np.float64]:
        """(number of valid rows,) days since 1970 with the part of the day, in file order."""
        return self.day[self.valid] + self.nano[self.valid] / DAY

    def instants(self) -> NDArray[np.datetime64] | None:
        """(N,) datetime64[ns], NaT where a row holds none; None where they do not fit the type."""
        days = self.day[self.valid]
        if len(days) and np.abs(days).max() > FARTHEST:
            return None
        total = np.where(self.valid, self.day * DAY + self.nano, np.iinfo(np.int64).min)
        return total.view("datetime64[ns]")


def read_moments(shapes: Shapes, forms: Sequence[Form | None], since: int | None = None) -> Moments:
    """Read the rows of each shape in its form; rows of a shape without one hold no time.

    `since` is the first of the hundred years that two digits mean, recognised if None.
    """
    count = len(shapes)
    moments = Moments(
        day=np.zeros(count, np.int64),
        nano=np.zeros(count, np.int64),
        valid=np.zeros(count, np.bool_),
        offset=np.full(count, NO_OFFSET, np.int32),
        zones=(),
        dated=False,
        pattern="",
    )
    zones: set[str] = set()
    patterns: set[str] = set()
    usual, likely = _first_years(shapes, forms)
    moments.since = (likely if since is None else since) if likely else None
    moments.is_odd = moments.since != usual
    for form, rows in zip(forms, shapes.rows, strict=True):
        if form is None:
            continue
        fields = {
            name: shapes.number(rows, *place) for name, place in form.digits.items() if name != "f"
        }
        if "y" in fields:
            first = moments.since or 0
            fields["Y"] = first + (fields["y"] - first) % 100
        day, fits_date = _days(fields, form, len(rows))
        nano, fits_clock = _nanoseconds(fields, form, shapes, rows)
        moments.day[rows] = day
        moments.nano[rows] = nano
        moments.valid[rows] = fits_date & fits_clock
        moments.offset[rows] = _offsets(fields, form, zones)
        moments.dated |= bool(_DATE & form.directives)
        patterns.add(form.pattern)
    far = moments.valid & (np.abs(moments.day) > FARTHEST)
    if far.sum() <= FEW * moments.valid.sum():
        # Such as 9999-12-31, which stands for "not yet".
        moments.valid &= ~far
    moments.zones = tuple(sorted(zones))
    moments.pattern = patterns.pop() if len(patterns) == 1 else ""
    return moments


def _days(
    fields: dict[str, NDArray[np.int64]], form: Form, count: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    ones = np.ones(count, dtype=np.int64)
    if "G" in fields:
        week, weekday = fields["V"], fields.get("u", ones)
        start = _week_one(fields["G"])
        weeks = (_week_one(fields["G"] + 1) - start) // 7
        fits = (week >= 1) & (week <= weeks) & (weekday >= 1) & (weekday <= 7)
        return start + 7 * (week - 1) + weekday - 1, fits
    year = fields.get("Y", 1970 * ones)
    if "q" in fields:
        month = 3 * fields["q"] - 2
    else:
        month = fields.get("m", MONTHS.get(form.words.get("b", "").rstrip("."), 1) * ones)
    fits = (month >= 1) & (month <= 12) & (year >= 1)
    month = np.clip(month, 1, 12)
    first = _first_of(year, month)
    if "j" in fields:
        length = _first_of(year + 1, ones) - _first_of(year, ones)
        day = fields["j"]
    else:
        after = month % 12 + 1
        length = _first_of(year + (month == 12), after) - first
        day = fields.get("d", ones)
    return first + day - 1, fits & (day >= 1) & (day <= length)


def _first_of(year: NDArray[np.int64], month: NDArray[np.int64]) -> NDArray[np.int64]:
    months = (year - 1970) * 12 + month - 1
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _week_one(year: NDArray[np.int64]) -> NDArray[np.int64]:
    """The Monday of the ISO week with 4 January, days since 1970 (a Thursday)."""
    fourth = _first_of(year, np.ones_like(year)) + 3
    return fourth - (fourth + 3) % 7


def _first_years(
    shapes: Shapes, forms: Sequence[Form | None]
) -> tuple[int, int] | tuple[None, None]:
    """The first of the hundred years that two digits mean: as usual, and here; None without any.

    It is 1969, as for `strptime`. But a column that goes from before 69 to after, as from 60 to 75,
    begins behind the longest run of years that it leaves out; and what was measured does not all
    lie in the future.
    """
    years = [
        np.unique(shapes.number(rows, *form.digits["y"]))
        for form, rows in zip(forms, shapes.rows, strict=True)
        if form is not None and "y" in form.digits
    ]
    if not years:
        return None, None
    present = np.unique(np.concatenate(years))
    if not ((present < 69).any() and (present >= 69).any()):
        is_future = date.today().year + _AHEAD < present.min() + 2000 < 2069
        return 1969, 1900 if is_future else 1969
    gaps = np.diff(np.concatenate([present, [present[0] + 100]]))
    first = 1900 + int(present[(int(gaps.argmax()) + 1) % len(present)])
    return first, first


def _nanoseconds(
    fields: dict[str, NDArray[np.int64]], form: Form, shapes: Shapes, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    zeros = np.zeros(len(rows), dtype=np.int64)
    hour, minute = fields.get("H", zeros), fields.get("M", zeros)
    second = fields.get("S", zeros)
    fits = (minute <= 59) & (second <= 60)
    half = form.words.get("p", "")
    if half:
        second_half = AFTERNOON.get(half, False)
        fits &= (hour <= 12) | second_half
        hour = np.where(hour > 12, hour, hour % 12 + 12 * second_half)
    nano = ((hour * 60 + minute) * 60 + second) * 10**9
    if "f" in form.digits:
        start, stop = form.digits["f"]
        stop = min(stop, start + 9)
        nano += shapes.number(rows, start, stop) * 10 ** (9 - (stop - start))
    if form.order != "duration":
        return nano, fits & (nano <= DAY)
    for unit, length in (("D", DAY), ("K", 60 * MINUTE), ("N", MINUTE), ("R", 10**9)):
        nano = nano + fields.get(unit, zeros) * length
    return nano, fits


def _offsets(
    fields: dict[str, NDArray[np.int64]], form: Form, zones: set[str]
) -> NDArray[np.int32] | int:
    name = form.words.get("Z", "")
    sign = form.words.get("z", "")
    if sign == "z":
        return 0
    if sign:
        minutes = fields["zh"] * 60 + fields.get("zm", 0 * fields["zh"])
        return (minutes if sign[0] == "+" else -minutes).astype(np.int32)
    if name and name not in ZONES:
        zones.add(name)
        return UNKNOWN_ZONE
    return ZONES[name] if name else NO_OFFSET
