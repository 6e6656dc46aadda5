"""Numbers as times: seconds since 1970, days of spreadsheets, years, seconds since the start."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.times.names import clock_score, names_elapsed, part_of, words_of

SECOND = 10**9
DAY = 86_400 * SECOND
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Count:
    """A count of `unit` nanoseconds since `origin`, and the numbers that are plausible."""

    unit: int
    origin: str
    least: float
    most: float


COUNTS: Mapping[str, Count] = {
    "epoch-s": Count(SECOND, "1970-01-01", 1e8, 4.1e9),
    "epoch-ms": Count(SECOND // 1000, "1970-01-01", 1e11, 4.1e12),
    "epoch-us": Count(1000, "1970-01-01", 1e14, 4.1e15),
    "epoch-ns": Count(1, "1970-01-01", 1e17, 4.1e18),
    "excel-days": Count(DAY, "1899-12-30", 20_000, 75_000),
    "matlab-days": Count(DAY, "1970-01-01", 693_962, 767_000),
    "julian-days": Count(DAY, "1970-01-01", 2_415_020, 2_490_000),
    "modified-julian-days": Count(DAY, "1858-11-17", 15_000, 90_000),
}
"""The codes of `time_format` for counts; those in days need a column whose name says time."""
_SHIFT = {"matlab-days": -719_529.0, "julian-days": -2_440_587.5}
NUMERIC_CODES = (*COUNTS, "year", "decimal-year", "elapsed")


@dataclass(frozen=True)
class NumericKind:
    """What a column of numbers may be: a code of `time_format`; whether its name says so too."""

    code: str
    by_name: bool


def numeric_kind(
    name: str, values: Floats, is_first: bool, is_time: bool = False
) -> NumericKind | None:
    """The kind of time that a column of numbers holds, by its name and all of its values.

    `is_first` says that it is the first of several columns, `is_time` that the visitor calls it the
    time.
    """
    values = values[np.isfinite(values)]
    if len(values) < 3:
        return None
    steps = np.diff(values)
    rises, falls = bool((steps > 0).all()), bool((steps < 0).all())
    ordered = bool((steps >= 0).all() or (steps <= 0).all())
    even = (rises or falls) and evenness(values) >= 0.9
    whole = bool((values == np.rint(values)).all())
    named = is_time or clock_score(name) > 0
    low, high = float(values.min()), float(values.max())
    words = words_of(name)
    if 1000 <= low < high <= 2999:
        is_year = part_of(name) == "year" or any("year" in word or "jahr" in word for word in words)
        by_one = (is_first or is_time) and bool((np.abs(steps) == 1).all()) and low >= 1500
        if whole and (is_year or by_one):
            return NumericKind("year", is_year)
        by_name = is_year or named or "decimal" in words
        if not whole and ordered and (by_name or (low >= 1500 and evenness(values, 0.02) >= 0.9)):
            return NumericKind("decimal-year", by_name)
    for code, count in COUNTS.items():
        if not count.least <= low < high <= count.most:
            continue
        if code.startswith("epoch"):
            if named or even:
                return NumericKind(code, named)
        elif named and ordered and _names_days(code, words):
            return NumericKind(code, True)
    one_way = float(max((steps > 0).mean(), (steps < 0).mean()))
    if names_elapsed(name) and one_way >= 0.9:
        return NumericKind("elapsed", True)
    if even and rises and is_first:
        return NumericKind("elapsed", False)
    return None


def _names_days(code: str, words: list[str]) -> bool:
    if code == "modified-julian-days":
        return "mjd" in words
    return code != "excel-days" or not names_elapsed(" ".join(words)) or "date" in words


def evenness(values: Floats, tolerance: float = 1e-3) -> float:
    """The share of steps that equal the median step, which is not 0, up to a share of it."""
    steps = np.diff(values)
    middle = float(np.median(steps))
    return float((np.abs(steps - middle) <= tolerance * abs(middle)).mean()) if middle else 0.0


def instants_of(values: Floats, code: str, texts: list[str]) -> NDArray[np.datetime64] | None:
    """(N,) datetime64[ns] for the numbers of a code, NaT for NaN; None where they do not fit.

    `texts` are the same numbers as they were written: of whole ones no digit is lost.
    """
    valid = np.isfinite(values)
    if code == "elapsed" or not valid.any():
        return None
    numbers = np.where(valid, values, values[valid][0])
    if code in ("year", "decimal-year"):
        if numbers.min() < 1678 or numbers.max() > 2261:
            return None
        years = np.floor(numbers).astype(np.int64)
        start, end = _new_year(years), _new_year(years + 1)
        total = start + np.rint((numbers - years) * ((end - start) / SECOND)).astype(int) * SECOND
    else:
        count = COUNTS[code]
        numbers = numbers + _SHIFT.get(code, 0.0)
        if abs(numbers).max() > 9e18 / count.unit:
            return None
        origin = np.datetime64(count.origin, "ns").astype(np.int64)
        if code.startswith("epoch") and all(text.isdecimal() or not text for text in texts):
            whole = np.array([int(text or 0) for text in texts], dtype=np.int64)
            total = whole * count.unit + origin
        else:
            total = _from_floats(numbers, count.unit) + origin
    return np.where(valid, total, np.iinfo(np.int64).min).view("datetime64[ns]")


def _new_year(years: NDArray[np.int64]) -> NDArray[np.int64]:
    return (years - 1970).astype("datetime64[Y]").astype("datetime64[ns]").astype(np.int64)


def _from_floats(numbers: Floats, unit: int) -> NDArray[np.int64]:
    """Nanoseconds for counts of `unit`.

    Days are rounded to seconds, which six digits behind the point name, unless some then coincide;
    seconds to what a float64 resolves, a microsecond.
    """
    units = np.floor(numbers)
    rest = (numbers - units) * unit
    for grain in (SECOND, 10**6) if unit == DAY else (1000,):
        total = units.astype(np.int64) * unit + np.rint(rest / grain).astype(np.int64) * grain
        if len(np.unique(total)) == len(np.unique(numbers)):
            break
    return total
