"""A table of the visitor, read as measurements over time."""

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.result import SeriesReading
from rnnviz.data.series import Series
from rnnviz.data.table import SAMPLE, ColumnRoles, Header, Row, numbered_lines, parse_number
from rnnviz.data.times import parse_time
from rnnviz.data.validate import decode_text
from rnnviz.messages import N_, Problem, excerpt

SERIES_LIMIT = 60
"""How large the file may be, in MB; Jena's eight years have 41."""

MIN_ROWS = 100
"""How many rows there must be without a gap between them."""

MISSING = -9999.0
"""What weather stations write where a sensor failed."""

TITLE = N_("Your own file")
JENA_TITLE = N_("Weather at Jena, every ten minutes")

_UNIT = re.compile(r"(.*\S)\s*[(\[]([^()\[\]]{1,20})[)\]]")
_UNIT_SIGN = re.compile(r"[^\W\d_]|[%°℃℉‰]")
"""What a unit has: "(degC)" and "(%)" are some, "(2020)" is none."""
_SIGNS = {"degC": "°C", "degF": "°F", "deg": "°", "℃": "°C", "℉": "°F"}

TOO_FEW_ROWS = N_(
    "The file has {rows} {rows:row|rows} with a value in every column; needed are {least}."
)
NO_NUMBERS = N_("No column holds numbers; the columns are: {columns}.")
NOT_A_NUMBER = N_("Line {line}, column {column}: {value} is not a number.")
NOT_A_TIME = N_(
    "Line {line}, column {column}: {value} is not a time; allowed is, for example, 2016-01-31 "
    "15:30:00 or 31.01.2016 15:30:00."
)
REPEATED_TIMES = N_(
    "{count} of {rows} rows repeat the time of another row (column {column}); "
    "allowed is one row for each second."
)
TOO_MANY_GAPS = N_(
    "Too many gaps: the longest part without one has {rows} {rows:row|rows}; needed are {least}. "
    "The regular step is {step} {step:second|seconds}."
)

COLUMNS_LEFT_OUT = N_("Left out, because they hold no numbers: {columns}.")
EMPTY_COLUMN = N_("{column} is left out: {percent} % of its values are missing.")
ROWS_LEFT_OUT = N_(
    "Rows left out because a value is missing (empty, not a number, or -9999): {count}. "
    "They count as gaps."
)
DUPLICATES = N_("Rows left out because they repeat the time of another row: {count}.")
SORTED = N_("The rows were not in the order of time and are sorted.")
NO_TIMES = N_(
    "No column holds times such as 2016-01-31 15:30 or 31.01.2016 15:30; the rows are taken as "
    "equally spaced."
)


def series_from_reading(reading: SeriesReading) -> Series:
    """The series that was read of a visitor's table, with units apart from the names of columns."""
    headers = tuple(reading.columns)
    names, units = _split_units(headers)
    name_of = dict(zip(headers, names, strict=True))
    values = np.stack(list(reading.columns.values()), axis=1).astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    return Series(
        title=JENA_TITLE if {"Date Time", "T (degC)"} <= reading.roles.keys() else TITLE,
        columns=names,
        values=values,
        units=units,
        times=None if reading.times is None else reading.times.copy(),
        elapsed=None if reading.elapsed is None else reading.elapsed.copy(),
        spacing=reading.spacing,
        target=name_of[reading.target],
        directions=tuple(name_of[name] for name in reading.directions),
        headers=headers,
        remarks=reading.remarks,
    )


def _split_units(headers: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names without their units, and the units; "T (K)" and "T (degC)" stay as they are."""
    matches = [_UNIT.fullmatch(header) for header in headers]
    matches = [match if match and _UNIT_SIGN.search(match[2]) else None for match in matches]
    names = [match[1] if match else text for match, text in zip(matches, headers, strict=True)]
    units = [_SIGNS.get(match[2], match[2]) if match else "" for match in matches]
    if len(set(names)) < len(names):
        names = list(headers)
    return tuple(names), tuple(units)


def read_series_file(content: bytes) -> Series:
    """The measurements in a visitor's CSV file: one header line, then one row for each time.

    Read are commas, semicolons or tabs between the cells (and decimal commas unless the first),
    with or without a column of times; Jena's climate file is one of these. Rows with a missing
    value are left out, so they are gaps; `remarks` say what else was.

    Raises:
        Problem: the file is no such table; it names the line and the value.
    """
    source = numbered_lines(decode_text(content, SERIES_LIMIT).encode())
    header = Header.parse(*next(source))
    rows = header.rows(source)
    sample = list(islice(rows, SAMPLE))
    if not sample:
        raise Problem(TOO_FEW_ROWS, rows=0, least=MIN_ROWS)
    roles = ColumnRoles.infer(header, sample)
    if not roles.numbers:
        raise Problem(NO_NUMBERS, columns=excerpt(", ".join(header.names)))
    raw = _read(header, roles, chain(sample, rows))
    return _clean(header, roles, raw)


@dataclass(frozen=True)
class _Raw:
    """The rows as they stand in the file: `times` (N,) seconds, `values` (N,C) float32."""

    times: NDArray[np.int64]
    values: NDArray[np.float32]


def _read(header: Header, roles: ColumnRoles, rows: Iterator[Row]) -> _Raw:
    times, values = array("q"), array("f")
    for line, cells in rows:
        if roles.time is not None:
            time = parse_time(cells[roles.time])
            if time is None:
                value = excerpt(cells[roles.time])
                raise Problem(NOT_A_TIME, line=line, column=header.names[roles.time], value=value)
            times.append(time)
        try:
            numbers = [float(cells[i]) for i in roles.numbers]
        except ValueError:
            numbers = _careful(header, roles, line, cells)
        values.extend(numbers)
    table = np.frombuffer(values, np.float32).reshape(-1, len(roles.numbers))
    if roles.time is None:
        return _Raw(np.arange(len(table)), table)
    return _Raw(np.frombuffer(times, np.int64), table)


def _careful(header: Header, roles: ColumnRoles, line: int, cells: list[str]) -> list[float]:
    """The numbers of a row in which not every cell is a plain number."""
    numbers = []
    for i in roles.numbers:
        value = parse_number(cells[i], roles.decimal_comma)
        if value is None:
            raise Problem(NOT_A_NUMBER, line=line, column=header.names[i], value=excerpt(cells[i]))
        numbers.append(value)
    return numbers


def _clean(header: Header, roles: ColumnRoles, raw: _Raw) -> Series:
    remarks = []
    others = [
        name for i, name in enumerate(header.names) if i != roles.time and i not in roles.numbers
    ]
    if others:
        remarks.append(Problem(COLUMNS_LEFT_OUT, columns=", ".join(others)))
    if roles.time is None:
        remarks.append(Problem(NO_TIMES))

    present = np.isfinite(raw.values) & (raw.values != MISSING)
    usable = []
    for place, (i, share) in enumerate(zip(roles.numbers, 1 - present.mean(0), strict=True)):
        if share > 0.5:
            percent = round(100 * float(share))
            remarks.append(Problem(EMPTY_COLUMN, column=header.names[i], percent=percent))
        else:
            usable.append(place)
    if not usable:
        raise Problem(NO_NUMBERS, columns=excerpt(", ".join(header.names)))

    is_complete = present[:, usable].all(1)
    times, values = raw.times[is_complete], raw.values[is_complete][:, usable]
    if len(times) < len(is_complete):
        remarks.append(Problem(ROWS_LEFT_OUT, count=len(is_complete) - len(times)))
    if len(times) < MIN_ROWS:
        raise Problem(TOO_FEW_ROWS, rows=len(times), least=MIN_ROWS)
    times, values = _in_order(header, roles, times, values, remarks)

    columns = [roles.numbers[place] for place in usable]
    names = [header.names[i] for i in columns]
    series = Series(
        title=JENA_TITLE if {"Date Time", "T (degC)"} <= set(header.written) else TITLE,
        columns=tuple(header.names[i] for i in columns),
        times=None if roles.time is None else times.astype("datetime64[s]"),
        elapsed=times.astype(np.float64) if roles.time is None else None,
        values=values,
        units=tuple(header.units[i] for i in columns),
        target=next((name for name in ("temperature", "T", "T (degC)") if name in names), names[0]),
        directions=tuple(header.names[i] for i in columns if header.units[i] == "°"),
        remarks=tuple(remark.message for remark in remarks),
    )
    longest = max(run.stop - run.start for run in series.segments())
    if longest < MIN_ROWS:
        step = int(np.median(np.diff(times)))
        raise Problem(TOO_MANY_GAPS, rows=longest, least=MIN_ROWS, step=step)
    return series


def _in_order(
    header: Header,
    roles: ColumnRoles,
    times: NDArray[np.int64],
    values: NDArray[np.float32],
    remarks: list[Problem],
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The rows in the order of time, the first of each time; `remarks` are extended."""
    steps = np.diff(times)
    if roles.time is None or (steps > 0).all():
        return times, values
    if (steps < 0).any():
        remarks.append(Problem(SORTED))
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
    first = np.concatenate([[True], np.diff(times) > 0])
    repeated = int((~first).sum())
    if 2 * repeated > len(times):
        column = header.names[roles.time]
        raise Problem(REPEATED_TIMES, count=repeated, rows=len(times), column=column)
    if repeated:
        remarks.append(Problem(DUPLICATES, count=repeated))
    return times[first], values[first]
