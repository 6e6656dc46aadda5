"""Which columns may hold the times: each alone, and several that make up one time together."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.times.moments import Moments
from rnnviz.data.reading.times.names import PARTS, Part, clock_score, part_of
from rnnviz.data.reading.times.numeric import instants_of, numeric_kind
from rnnviz.data.reading.times.regularity import is_monotone
from rnnviz.data.reading.times.shapes import Shapes, shapes_of
from rnnviz.data.reading.times.textual import Option, options_of, read_pattern

if TYPE_CHECKING:
    import pandas as pd

ParseNumber = Callable[["pd.Series[str]"], NDArray[np.float64]]
Cells = Mapping[str, "pd.Series[str]"]

_SAMPLE = 500
"""Rows that are looked at first, spread over the column; a column that passes is read whole."""
_NUMBER = re.compile(r"[-+]?0+(?:[.,]0+)?")
_LEAST_FITTING = 0.5
"""The share of filled cells that must be times: a column of times may have gaps and slips."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """Columns that may hold the times.

    names    the columns
    score    how likely they are the time; the likeliest is the highest
    by_name  whether their names or their form leave no doubt that they are times
    texts    the texts of the columns, joined by blanks
    options  the ways to read texts, the likeliest first
    code     the code of numbers, with their `values`; "" for texts
    """

    names: tuple[str, ...]
    score: float
    by_name: bool
    texts: list[str]
    options: tuple[Option, ...] = ()
    code: str = ""
    values: NDArray[np.float64] | None = None

    @property
    def is_clock_only(self) -> bool:
        """Whether the texts are times of day without a date."""
        return bool(self.options) and not self.options[0].moments.dated

    @property
    def is_date_only(self) -> bool:
        """Whether the texts are dates without a time of day."""
        return bool(self.options) and not self.is_clock_only and not has_clock(self.options[0])


def has_clock(option: Option) -> bool:
    """Whether any row of an option has a time of day."""
    return bool(option.moments.nano[option.moments.valid].any()) or "%M" in option.time_format


def candidates_of(cells: Cells, parse_number: ParseNumber) -> list[Candidate]:
    """All columns that may be times, the likeliest first; joined ones stand for their parts."""
    alone = []
    for position, (name, column) in enumerate(cells.items()):
        candidate = _textual(name, column, position)
        if candidate is None:
            candidate = _numeric(name, column, position, parse_number)
        if candidate is not None:
            alone.append(candidate)
    joined = [*_of_parts(cells, parse_number), *_of_pairs(cells, alone, parse_number)]
    parts = {name for candidate in joined for name in candidate.names}
    candidates = [*joined, *(one for one in alone if not parts & set(one.names))]
    return sorted(candidates, key=lambda candidate: -candidate.score)


def _sample(column: "pd.Series[str]") -> "pd.Series[str]":
    if len(column) <= _SAMPLE:
        return column
    return column.iloc[np.linspace(0, len(column) - 1, _SAMPLE).astype(np.int64)]


def _textual(name: str, column: "pd.Series[str]", position: int) -> Candidate | None:
    few = shapes_of(_sample(column))
    options = options_of(few)
    if not options or options[0].fitting < _LEAST_FITTING * few.nonempty:
        return None
    shapes = few if len(few) == len(column) else shapes_of(column)
    options = options_of(shapes)
    if not options or options[0].fitting < _LEAST_FITTING * shapes.nonempty:
        return None
    named = clock_score(name)
    numbers = sum(
        len(rows)
        for shape, rows in zip(shapes.shapes, shapes.rows, strict=True)
        if _NUMBER.fullmatch(shape)
    )
    if numbers > 0.5 * shapes.nonempty:
        options = [option for option in options if _are_dates(option, shapes, named > 0)]
        if not options or part_of(name) == "year":
            return None
    moments = options[0].moments
    kind = 1.0 if not moments.dated else 3.0 if has_clock(options[0]) else 2.5
    score = kind + named + _order_score(moments) - 0.01 * position
    return Candidate((name,), score, numbers == 0 or named > 0, shapes.texts, tuple(options))


def _are_dates(option: Option, shapes: Shapes, named: bool) -> bool:
    """Whether numbers such as 20180131 are all dates of the last centuries, and in order."""
    moments = option.moments
    if option.fitting < shapes.nonempty or not moments.dated:
        return named and option.fitting == shapes.nonempty
    years = moments.day[moments.valid] / 365.2425 + 1970
    plausible = bool(years.min() >= 1800 and years.max() <= 2100)
    if not named and option.order != "year-month-day":
        return False
    return plausible and bool(named or (is_monotone(moments.sort_key) and np.ptp(years) > 0))


def _order_score(moments: Moments) -> float:
    """Up to 1 for times that are in order and differ from row to row."""
    key = moments.sort_key
    return 0.5 * is_monotone(key) + 0.5 * len(np.unique(key)) / max(len(key), 1)


def _numeric(
    name: str, column: "pd.Series[str]", position: int, parse_number: ParseNumber
) -> Candidate | None:
    kind = numeric_kind(name, parse_number(_sample(column)), position == 0)
    if kind is None:
        return None
    values = parse_number(column)
    kind = numeric_kind(name, values, position == 0)
    filled = int((column != "").sum())
    if kind is None or np.isfinite(values).sum() < 0.9 * filled:
        return None
    strength = {"elapsed": 0.0, "year": 1.5, "decimal-year": 1.5}.get(kind.code, 2.0)
    score = strength + clock_score(name) + kind.by_name - 0.01 * position
    texts = column.tolist()
    return Candidate((name,), score, kind.by_name, texts, (), kind.code, values)


_WAYS: tuple[tuple[tuple[Part, ...], str], ...] = (
    (("year", "month", "day", "hour", "minute", "second"), "%Y %m %d %H %M %S"),
    (("year", "month", "day", "hour", "minute"), "%Y %m %d %H %M"),
    (("year", "month", "day", "hour"), "%Y %m %d %H"),
    (("year", "month", "day"), "%Y %m %d"),
    (("year", "yearday", "hour"), "%Y %j %H"),
    (("year", "yearday"), "%Y %j"),
    (("year", "month"), "%Y %m"),
    (("year", "quarter"), "%Y %q"),
    (("year", "week"), "%G %V"),
)


def _of_parts(cells: Cells, parse_number: ParseNumber) -> list[Candidate]:
    columns: dict[Part, str] = {}
    for name in cells:
        part = part_of(name)
        if part is not None:
            columns.setdefault(part, name)
    assert set(columns) <= set(PARTS)
    for parts, pattern in _WAYS:
        if not set(parts) <= set(columns):
            continue
        names = tuple(columns[part] for part in parts)
        texts = join([_plain(cells[name], parse_number) for name in names])
        shapes = shapes_of(texts)
        pattern = _spelling(pattern, shapes)
        moments = read_pattern(shapes, pattern)
        fitting = int(moments.valid.sum())
        if fitting >= 0.9 * shapes.nonempty > 0 and np.ptp(moments.sort_key) > 0:
            option = Option("", moments, fitting)
            score = 4.0 + _order_score(moments)
            return [Candidate(names, score, True, shapes.texts, (option,))]
    return []


def _spelling(pattern: str, shapes: Shapes) -> str:
    """The pattern for months that are words, and for years of two digits."""
    first = shapes.shapes[0].split() if shapes.shapes else []
    if len(first) > 1 and first[1].isalpha():
        pattern = pattern.replace("%m", "%b")
    return pattern.replace("%Y", "%y") if first and first[0] == "00" else pattern


def _plain(column: "pd.Series[str]", parse_number: ParseNumber) -> "pd.Series[str]":
    """Whole numbers without ".0"; other texts as they are."""
    import pandas as pd

    values = parse_number(column)
    whole = np.isfinite(values) & (values == np.rint(values)) & (np.abs(values) < 1e6)
    numbers = np.where(whole, values, 0).astype(np.int64).astype(str)
    return pd.Series(np.where(whole, numbers, column.to_numpy(object)), dtype=object)


def join(columns: "list[pd.Series[str]]") -> "pd.Series[str]":
    """The texts of several columns, joined by a blank; "" where one of them is empty."""
    import pandas as pd

    texts = [
        " ".join(parts) if all(parts) else ""
        for parts in zip(*(column.tolist() for column in columns), strict=True)
    ]
    return pd.Series(texts, dtype=object)


def _of_pairs(cells: Cells, alone: list[Candidate], parse_number: ParseNumber) -> list[Candidate]:
    """A date and a clock, an hour, or a half of the day beside it."""
    dates = [one for one in alone if one.is_date_only or one.code == ""]
    dates = [one for one in dates if one.is_date_only]
    names = list(cells)
    pairs = []
    for date in dates:
        moments = date.options[0].moments
        repeated = len(np.unique(moments.sort_key)) < date.options[0].fitting
        for name in names:
            if name in date.names:
                continue
            fitting = _second(cells[name], name, alone, repeated, parse_number)
            if fitting is None:
                continue
            shapes = shapes_of(join([cells[date.names[0]], fitting]))
            options = options_of(shapes)
            if options and options[0].fitting >= 0.9 * shapes.nonempty > 0:
                near = 1 / (1 + abs(names.index(name) - names.index(date.names[0])))
                score = date.score + 1.0 + clock_score(name) + near
                pair = (date.names[0], name)
                pairs.append(Candidate(pair, score, True, shapes.texts, tuple(options)))
    best = max(pairs, key=lambda pair: pair.score, default=None)
    return [] if best is None else [best]


def _second(
    column: "pd.Series[str]",
    name: str,
    alone: list[Candidate],
    repeated: bool,
    parse_number: ParseNumber,
) -> "pd.Series[str] | None":
    """The texts of a column that may stand behind a date, or None."""
    named = clock_score(name) > 0 or part_of(name) == "hour"
    if any(one.names == (name,) and one.is_clock_only for one in alone):
        return column if named or repeated else None
    if not repeated:
        return None
    halves = {text.strip().lower() for text in column.iloc[:100].tolist()}
    if halves and halves <= {"am", "pm", "a.m.", "p.m.", "오전", "오후"}:
        return column
    if part_of(name) == "hour":
        return _plain(column, parse_number)
    return None


def values_of(candidate: Candidate) -> NDArray[np.datetime64] | None:
    """The instants of numbers, or None where they are no clock times."""
    assert candidate.values is not None
    return instants_of(candidate.values, candidate.code)


__all__ = ["Candidate", "Cells", "ParseNumber", "candidates_of", "join", "values_of"]
