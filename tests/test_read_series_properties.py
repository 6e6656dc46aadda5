"""A table in any dialect gives the numbers that went in, or a question that leads to them."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.data import SeriesReading, read_series
from rnnviz.messages import Problem

Time = Callable[[datetime], str]

TIMES: dict[str, Time] = {
    "iso": lambda t: f"{t:%Y-%m-%d %H:%M:%S}",
    "iso T": lambda t: f"{t:%Y-%m-%dT%H:%M:%SZ}",
    "german": lambda t: f"{t:%d.%m.%Y %H:%M}",
    "slashes": lambda t: f"{t:%d/%m/%Y %H:%M}",
    "american": lambda t: f"{t.month}/{t.day}/{t.year} {t:%I:%M:%S %p}",
    "korean": lambda t: f"{t.year}. {t.month}. {t.day}. {t:%H:%M}",
    "korean words": lambda t: f"{t.year}년 {t.month}월 {t.day}일 {t.hour}시",
    "compact": lambda t: f"{t:%Y%m%d%H}",
    "epoch": lambda t: str((t - datetime(1970, 1, 1)) // timedelta(seconds=1)),
}
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp949"]
MISSING = ["", "NA", "N/A", "?", "*", "-", "결측", "#DIV/0!", "NaN", "null"]
START = datetime(2021, 1, 5)


@dataclass(frozen=True)
class Dialect:
    """How a table is written."""

    separator: str
    decimal: str
    thousands: str
    digits: int
    quoted: bool
    encoding: str
    end: str
    header: bool
    title: int
    trailing: bool
    missing: str
    time: str | None
    empty_rows: int

    def number(self, value: float) -> str:
        if np.isnan(value):
            return self.missing
        text = f"{value:,.{self.digits}f}"
        marks = {",": self.thousands, ".": self.decimal}
        return "".join(marks.get(character, character) for character in text)

    def row(self, cells: list[str]) -> str:
        cells = [f'"{cell}"' if self.quoted or self.separator in cell else cell for cell in cells]
        return self.separator.join(cells) + self.separator * self.trailing + self.end

    def write(self, values: np.ndarray) -> bytes:
        names = ["하나", "b (m/s)", "셋"][: values.shape[1]]
        lines = [f"Report {i} of a station{self.end}" for i in range(self.title)]
        if self.header:
            lines.append(self.row(["time"] * (self.time is not None) + names))
        for i, numbers in enumerate(values):
            cells = [self.number(value) for value in numbers]
            if self.time is not None:
                cells.insert(0, TIMES[self.time](START + timedelta(hours=i)))
            lines.append(self.row(cells))
        blank = self.separator * (values.shape[1] + self.trailing) + self.end
        lines += [blank] * self.empty_rows
        return "".join(lines).encode(self.encoding)


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    separator = draw(st.sampled_from([",", ";", "\t", "|"]))
    decimal = draw(st.sampled_from([".", ","]))
    groups = ["", " ", "'", "\u00a0", "\u202f", "," if decimal == "." else "."]
    header = draw(st.booleans())
    encoding = draw(st.sampled_from(ENCODINGS))
    thousands = draw(st.sampled_from(groups))
    # 33.938 between commas is a decimal; only quotation marks leave it open.
    quoted = (separator, thousands) == (",", ".") or draw(st.booleans())
    return Dialect(
        separator=separator,
        decimal=decimal,
        thousands="" if encoding == "cp949" and thousands in "\u00a0\u202f" else thousands,
        digits=draw(st.integers(0, 6)),
        quoted=quoted,
        encoding=encoding,
        end=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        header=header,
        title=draw(st.integers(0, 3)) if header else 0,
        trailing=draw(st.booleans()),
        missing=draw(st.sampled_from(MISSING)),
        time=draw(st.sampled_from([None, *TIMES])),
        empty_rows=draw(st.integers(0, 3)),
    )


@st.composite
def tables(draw: st.DrawFn) -> np.ndarray:
    """(N, C) float64: random walks of several magnitudes, some values missing, none constant."""
    seed = draw(st.integers(0, 2**32 - 1))
    source = np.random.default_rng(seed)
    rows, columns = draw(st.integers(30, 80)), draw(st.integers(1, 3))
    scale = 10.0 ** source.uniform(-1, 5, columns)
    values = source.normal(0, 1, (rows, columns)).cumsum(0) * scale
    values += source.uniform(-10, 10, columns) * scale
    if draw(st.booleans()):
        values[source.random(values.shape) < 0.1] = np.nan
        values[0] = np.nan_to_num(values[0])
    return values


def readings(content: bytes) -> Iterator[SeriesReading]:
    """The reading of a table, and those to which the answers of its questions lead."""
    first = read_series(content)
    yield first
    for choices in itertools.product(*(question.choices for question in first.questions)):
        arguments: dict[str, Any] = {}
        for choice in choices:
            arguments |= choice.arguments
        with suppress(Problem):  # a time by the name of a column that another header names else
            yield read_series(content, **arguments)


def holds(reading: SeriesReading, values: np.ndarray, times: np.ndarray | None) -> bool:
    numbers = list(reading.columns.values())
    if len(numbers) != values.shape[1] or len(reading) != len(values):
        return False
    if (times is None) != (reading.times is None):
        return False
    if times is not None and not np.array_equal(times, reading.times):
        return False
    return all(
        np.array_equal(column, expected, equal_nan=True)
        for column, expected in zip(numbers, values.T, strict=True)
    )


@given(dialects(), tables())
def test_a_table_gives_the_numbers_that_went_in_or_asks(
    dialect: Dialect, values: np.ndarray
) -> None:
    values = np.array([[float(f"{value:.{dialect.digits}f}") for value in row] for row in values])
    content = dialect.write(values)
    times = None
    if dialect.time is not None:
        times = np.array([START + timedelta(hours=i) for i in range(len(values))], "datetime64[ns]")
    results = list(readings(content))
    assert any(holds(reading, values, times) for reading in results), (
        content.decode(dialect.encoding)[:600],
        [(reading.decisions, list(map(str, reading.remarks))) for reading in results],
    )


WORDS = "a 1 -9999 nan 1e999 2016-01-01 é 1,5 1.003 1,003 # sep=; 오전 12:00 inf % <0.5 2021 \x1c"
CELLS = st.sampled_from([*',;\t\n"|\r ', *WORDS.split(" "), "01.02.2016 10:00"])


@given(st.one_of(st.binary(max_size=300), st.lists(CELLS, max_size=80).map("".join)))
def test_any_bytes_are_read_or_refused(content: bytes | str) -> None:
    raw = content.encode() if isinstance(content, str) else content
    for attempt in (raw, raw * 120, b"time,a\n" + raw * 120, b"\xff\xfe" + raw):
        try:
            reading = read_series(attempt)
        except Problem:
            continue
        assert reading.target in reading.columns
        assert all(len(values) == len(reading) for values in reading.columns.values())
        again = read_series(attempt, **reading.decisions)
        assert again.decisions == reading.decisions
        for name, values in reading.columns.items():
            np.testing.assert_array_equal(again.columns[name], values)


ARGUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "encoding": st.sampled_from(["utf-8", "utf-16", "cp949", "x", "hex", "rot13", "idna"]),
        "separator": st.sampled_from([",", ";", "\t", "|", " ", "x", ""]),
        "decimal": st.sampled_from([".", ",", "x"]),
        "thousands": st.sampled_from(["", ",", ".", " ", "'", "x"]),
        "header": st.one_of(st.integers(-3, 400), st.booleans()),
        "time": st.sampled_from([[], "a", ["time"], ["a", "b"], ["x"], "time"]),
        "time_format": st.sampled_from(["%Y", "epoch-s", "elapsed", "%", "%d/%m/%Y", "year", ""]),
        "missing": st.sampled_from([[], [1], ["x"], {"a": [2]}, 10**400, [None]]),
        "target": st.sampled_from(["a", "b", "time", ""]),
        "spacing": st.sampled_from(["clock", "even", "x"]),
        "directions": st.sampled_from([[], ["a"], ["x"], "b"]),
    },
)


@given(ARGUMENTS, st.booleans())
def test_any_arguments_are_used_or_refused(arguments: dict[str, Any], titled: bool) -> None:
    lines = [f"2021-01-{1 + i // 24:02} {i % 24:02}:00,{i / 7:.3f},{i}" for i in range(120)]
    content = "\n".join(["Report"] * titled + ["time,a,b", *lines]).encode()
    try:
        reading = read_series(content, **arguments)
    except Problem:
        return
    assert reading.target in reading.columns
