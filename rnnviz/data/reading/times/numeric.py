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


def numeric_kind(name: str, values: Floats, is_first: bool) -> NumericKind | None:
    """The kind of time that a column of numbers holds by its name and all of its values."""
    values = values[np.isfinite(values)]
    if len(values) < 3:
        return None
    steps = np.diff(values)
    rises, falls = bool((steps > 0).all()), bool((steps < 0).all())
    ordered = bool((steps >= 0).all() or (steps <= 0).all())
    even = (rises or falls) and evenness(values) >= 0.9
    whole = bool((values == np.rint(values)).all())
    named = clock_score(name) > 0
    low, high = float(values.min()), float(values.max())
    words = words_of(name)
    if low >= 1000 and high <= 2999:
        by_name = part_of(name) == "year" or any("year" in word or "jahr" in word for word in words)
        if whole and (rises or falls) and (by_name or (is_first and (abs(steps) == 1).all())):
            return NumericKind("year", by_name)
        if not whole and (rises or falls) and (by_name or named or "decimal" in words):
            return NumericKind("decimal-year", True)
    for code, count in COUNTS.items():
        if not (count.least <= low and high <= count.most and low < high):
            continue
        if code.startswith("epoch"):
            if named or even:
                return NumericKind(code, named)
        elif named and ordered and _names_days(code, words):
            return NumericKind(code, True)
    if rises and names_elapsed(name):
        return NumericKind("elapsed", True)
    if even and rises and is_first and not (whole and (steps == 1).all()):
        return NumericKind("elapsed", False)
    return None


def _names_days(code: str, words: list[str]) -> bool:
    if code == "modified-julian-days":
        return "mjd" in words
    return code != "excel-days" or not names_elapsed(" ".join(words)) or "date" in words


def evenness(values: Floats) -> float:
    """The share of steps that equal the median step, up to a thousandth of it."""
    steps = np.diff(values)
    middle = float(np.median(steps))
    return float((np.abs(steps - middle) <= 1e-3 * abs(middle)).mean())


def instants_of(values: Floats, code: str) -> NDArray[np.datetime64] | None:
    """(N,) datetime64[ns] for the numbers of a code, NaT for NaN; None where they do not fit."""
    valid = np.isfinite(values)
    if code == "elapsed" or not valid.any():
        return None
    numbers = np.where(valid, values, values[valid][0])
    if code in ("year", "decimal-year"):
        if numbers.min() < 1678 or numbers.max() > 2261:
            return None
        years = np.floor(numbers).astype(np.int64)
        start = (years - 1970).astype("datetime64[Y]").astype("datetime64[ns]").astype(np.int64)
        end = (years - 1969).astype("datetime64[Y]").astype("datetime64[ns]").astype(np.int64)
        seconds = np.rint((numbers - years) * ((end - start) // SECOND)).astype(np.int64)
        total = start + seconds * SECOND
    else:
        count = COUNTS[code]
        numbers = numbers + _SHIFT.get(code, 0.0)
        if abs(numbers).max() > 9e18 / count.unit:
            return None
        units = np.floor(numbers)
        # Half a millisecond is what a float64 of days resolves; microseconds, of seconds.
        grain = 10**6 if count.unit == DAY else 1000
        rest = np.rint((numbers - units) * (count.unit / grain)).astype(np.int64) * grain
        origin = np.datetime64(count.origin, "ns").astype(np.int64)
        total = units.astype(np.int64) * count.unit + rest + origin
    return np.where(valid, total, np.iinfo(np.int64).min).view("datetime64[ns]")
