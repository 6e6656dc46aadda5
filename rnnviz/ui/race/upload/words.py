"""The decisions of a reading in words."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading import SeriesReading
from rnnviz.messages import N_
from rnnviz.ui.language import _

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": N_("UTF-8 with a mark (BOM)"),
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32": "UTF-32",
    "cp949": N_("CP949 (Korean Windows, EUC-KR)"),
    "cp1252": N_("CP1252 (Western Windows)"),
    "cp1250": N_("CP1250 (Central European Windows)"),
    "cp1251": N_("CP1251 (Cyrillic Windows)"),
    "shift_jis": N_("Shift JIS (Japanese)"),
    "gb18030": N_("GB 18030 (Chinese)"),
}

SEPARATORS = {
    ",": N_("comma ,"),
    ";": N_("semicolon ;"),
    "\t": N_("tab"),
    "|": N_("vertical bar |"),
    " ": N_("blanks"),
}

DECIMALS = {".": N_("point: 1.5"), ",": N_("comma: 1,5")}

THOUSANDS = {
    "": N_("none: 1000"),
    ",": N_("comma: 1,000"),
    ".": N_("point: 1.000"),
    " ": N_("blank: 1 000"),
    "'": N_("apostrophe: 1'000"),
}

SPACINGS = {"clock": N_("by the clock"), "even": N_("evenly spaced")}

ROLES = {
    "time": N_("time"),
    "number": N_("number"),
    "index": N_("row numbers"),
    "text": N_("text"),
    "empty": N_("empty"),
}

DAY = 86_400
UNITS: tuple[tuple[float, str, str], ...] = (
    (7 * DAY, N_("weekly"), N_("every {count} weeks")),
    (DAY, N_("daily"), N_("every {count} days")),
    (3600, N_("hourly"), N_("every {count} hours")),
    (60, N_("every minute"), N_("every {count} minutes")),
    (1, N_("every second"), N_("every {count} {count:second|seconds}")),
)
"""Seconds, and how often one row or a few of them come."""

MONTHS: tuple[tuple[int, str, str], ...] = (
    (12, N_("yearly"), N_("every {count} years")),
    (1, N_("monthly"), N_("every {count} months")),
)

WITH_TIMES = N_("{rows} {rows:row|rows}, {step}, {first} to {last}; {target} is forecast.")
WITHOUT_TIMES = N_(
    "{rows} {rows:row|rows} without times, taken as evenly spaced; {target} is forecast."
)
ELAPSED = N_(
    "{rows} {rows:row|rows} over an elapsed time from {first} to {last}, one every {step}; "
    "{target} is forecast."
)
IRREGULAR = N_("at irregular times")
EVENLY = N_("taken as evenly spaced")


def conclusion(reading: SeriesReading, target: str) -> str:
    """What was understood of the file, in one sentence."""
    rows = len(reading)
    if reading.times is not None:
        first, last = time_texts(reading.times[[0, -1]], reading.times)
        step = _(EVENLY) if reading.spacing == "even" else step_text(reading.times, reading.step)
        return _(WITH_TIMES, rows=rows, step=step, first=first, last=last, target=target)
    if reading.elapsed is not None:
        first, last = (number_text(value) for value in reading.elapsed[[0, -1]])
        step = number_text(reading.step) if isinstance(reading.step, int | float) else "?"
        return _(ELAPSED, rows=rows, step=step, first=first, last=last, target=target)
    return _(WITHOUT_TIMES, rows=rows, target=target)


def number_text(value: float) -> str:
    """A number as it was read: all its digits, none more."""
    return "–" if np.isnan(value) else f"{value:.12g}"


def time_texts(times: NDArray[np.datetime64], among: NDArray[np.datetime64]) -> list[str]:
    """`times` as far as those `among` which they stand are exact: days, minutes, seconds."""
    nanoseconds = among.astype("datetime64[ns]").astype(np.int64)
    exact: tuple[tuple[Literal["D", "m", "s"], int], ...] = (("D", DAY), ("m", 60), ("s", 1))
    units = [unit for unit, length in exact if not (nanoseconds % (length * 10**9)).any()]
    texts = np.datetime_as_string(times, unit=units[0] if units else "ms")
    return [str(text).replace("T", " ") for text in texts]


def step_text(times: NDArray[np.datetime64], step: object) -> str:
    """How often a row comes, by the calendar where months are equal and days are not."""
    if len(times) > 2:
        months = np.diff(times.astype("datetime64[M]").astype(np.int64))
        usual = int(np.median(months))
        same_day = np.unique(times - times.astype("datetime64[M]")).size == 1
        if usual and same_day:
            return _counted(MONTHS, usual)
    if not isinstance(step, np.timedelta64):
        return _(IRREGULAR)
    return _counted(UNITS, float(step.astype("timedelta64[ns]").astype(np.int64)) / 1e9)


def _counted(units: Sequence[tuple[float, str, str]], amount: float) -> str:
    """`amount` in the largest of the `units` of which it is a whole number; else the smallest."""
    whole = [unit for unit in units if amount >= unit[0] and amount % unit[0] == 0]
    size, one, many = (whole or [units[-1]])[0]
    count = amount / size
    return _(one) if count == 1 else _(many, count=f"{count:g}")


def facts(decisions: Mapping[str, Any]) -> dict[str, str]:
    """What was decided, by the arguments of `read_series`, in words."""
    texts = {
        "encoding": encoding_text(str(decisions.get("encoding", ""))),
        "separator": _(SEPARATORS.get(decisions.get("separator", ""), "–")),
        "decimal": _(DECIMALS.get(decisions.get("decimal", ""), "–")),
        "thousands": _(THOUSANDS.get(decisions.get("thousands", ""), "–")),
        "header": _("line {line}", line=decisions["header"])
        if decisions.get("header")
        else _("none"),
        "time": " + ".join(names(decisions.get("time"))) or _("none"),
        "time_format": str(decisions.get("time_format") or ""),
        "spacing": _(SPACINGS.get(decisions.get("spacing", ""), "–")),
        "missing": ", ".join(code_texts(decisions.get("missing") or ())) or _("no number"),
        "directions": ", ".join(names(decisions.get("directions"))) or _("none"),
    }
    if not names(decisions.get("time")):
        del texts["time_format"], texts["spacing"]
    return {name: text for name, text in texts.items() if text}


def encoding_text(code: str) -> str:
    """The name of an encoding; one that nobody named here is its own."""
    return _(ENCODINGS[code]) if code in ENCODINGS else code


def names(value: object) -> list[str]:
    """The names in an argument that is a name or several."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(name) for name in value]  # type: ignore[attr-defined]


def code_texts(missing: Mapping[str, Sequence[object]] | Sequence[object]) -> list[str]:
    """The missing codes of all columns, each once, as a visitor writes them: -200, not -200.0."""
    lists = missing.values() if isinstance(missing, Mapping) else [missing]
    return list(dict.fromkeys(code_text(code) for codes in lists for code in codes))


def code_text(code: object) -> str:
    """One missing code."""
    return f"{code:.12g}" if isinstance(code, int | float) else str(code)


LABELS = {
    "encoding": N_("Encoding"),
    "separator": N_("Between the cells"),
    "decimal": N_("Decimal mark"),
    "thousands": N_("Thousands mark"),
    "header": N_("Line with the names"),
    "time": N_("Time columns"),
    "time_format": N_("Form of the times"),
    "spacing": N_("Distance of the rows"),
    "missing": N_("Stands for missing"),
    "directions": N_("Columns that go round"),
}

HELP: dict[str, str] = {
    "encoding": N_(
        "How letters are stored as bytes. If names look garbled, another encoding reads them."
    ),
    "separator": N_("The character between two cells of a row: the separator of the table."),
    "decimal": N_("What stands before the tenths of a number: 1.5 or 1,5."),
    "thousands": N_("What groups the digits of large numbers by three, such as 1,000 or 1.000."),
    "header": N_(
        "The number of the line that names the columns, counted from 1; 0 if no line does. What "
        "stands above it is left out."
    ),
    "time": N_(
        "The columns that together say when a row was measured, such as a date and a time. Empty: "
        "no column does, and the rows count as evenly spaced in the order of the file."
    ),
    "time_format": N_(
        "A pattern in which %Y stands for the year, %m the month, %d the day, %H the hour, %M the "
        "minute, %S the second. For 31/12/2024 18.30 it is %d/%m/%Y %H.%M. Several columns are "
        "joined by one blank. Clear it to have it recognised again."
    ),
    "spacing": N_(
        "By the clock, missing rows are gaps that no window spans. Evenly spaced, the rows follow "
        "one another whatever their times, as the days of a stock exchange may."
    ),
    "missing": N_(
        "Numbers or words that were written where nothing was measured, such as -9999. Empty "
        "cells, NA, NaN and the like always count as missing. Type one and press Enter."
    ),
    "directions": N_(
        "Columns of angles from 0 to 360 degrees, such as a compass: 359 is next to 1. They are "
        "read as sine and cosine."
    ),
}


def values_of(reading: SeriesReading, name: str, role: str) -> list[str]:
    """What the first cells of a column were read as; of a row that was left out a dash."""

    def text(row: int) -> str:
        if role != "time":
            return number_text(float(reading.columns[name][row]))
        if reading.times is not None:
            return time_texts(reading.times[[row]], reading.times)[0]
        assert reading.elapsed is not None, "the time is by the clock or elapsed"
        return number_text(float(reading.elapsed[row]))

    has_time = reading.times is not None or reading.elapsed is not None
    if not (has_time if role == "time" else name in reading.columns):
        return []
    return ["–" if row is None else text(row) for row in reading.head_rows]
