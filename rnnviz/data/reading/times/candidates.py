"""Which single columns may hold the times."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.times.moments import Moments
from rnnviz.data.reading.times.names import clock_score, part_of
from rnnviz.data.reading.times.numeric import NumericKind, numeric_kind
from rnnviz.data.reading.times.regularity import is_monotone
from rnnviz.data.reading.times.shapes import Shapes, shapes_of
from rnnviz.data.reading.times.textual import Option, options_of

if TYPE_CHECKING:
    import pandas as pd

ParseNumber = Callable[["pd.Series[str]"], NDArray[np.float64]]
Cells = Mapping[str, "pd.Series[str]"]

_SAMPLE = 500
"""Rows that are looked at first, spread over the column; a column that passes is read whole."""
_NUMBER = re.compile(r"[-+]?0+(?:[.,]0+)?")
_LEAST_FITTING = 0.5
"""The share of filled cells that must be times: a column of times may have gaps and slips."""
_LONG = 10
"""Digits: numbers so long that are all valid times are no accident."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """Columns that may hold the times.

    names    the columns
    score    how likely they are the time; the likeliest is the highest
    is_sure  whether their names or their form leave no doubt that they are times
    texts    the texts of the columns, joined by blanks
    options  the ways to read texts, the likeliest first
    code     the code of numbers, with their `values`; "" for texts
    is_part  whether they are times only together with a date
    are_digits whether the texts could be read as numbers
    """

    names: tuple[str, ...]
    score: float
    is_sure: bool
    texts: list[str]
    options: tuple[Option, ...] = ()
    code: str = ""
    values: NDArray[np.float64] | None = None
    is_part: bool = False
    are_digits: bool = False

    @property
    def is_count(self) -> bool:
        """Whether these are numbers, but surely those of times, and no measurements."""
        if self.code == "decimal-year":
            return True
        return self.is_sure and (self.code != "" or self.are_digits) and not self.is_part

    @property
    def is_clock_only(self) -> bool:
        """Whether the texts are times of day without a date."""
        return bool(self.options) and not self.options[0].moments.dated

    @property
    def is_date_only(self) -> bool:
        """Whether the texts are dates without a time of day."""
        return (
            bool(self.options) and self.options[0].moments.dated and not self.options[0].has_clock
        )


def single_candidate(
    name: str,
    column: "pd.Series[str]",
    position: int,
    parse_number: ParseNumber,
    *,
    is_first: bool = False,
    is_time: bool = False,
) -> Candidate | None:
    """The column as times, or None.

    `is_first` says that it is the first of several, `is_time` that the visitor calls it the time.
    """
    textual = _textual(name, column, position, is_time)
    if textual is not None:
        return textual

    def kind_of(values: NDArray[np.float64]) -> NumericKind | None:
        return numeric_kind(name, values, is_first, is_time)

    if kind_of(parse_number(_sample(column))) is None:
        return None
    values = parse_number(column)
    kind = kind_of(values)
    if kind is None or np.isfinite(values).sum() < 0.9 * int((column != "").sum()):
        return None
    strength = {"elapsed": 0.0, "year": 1.5, "decimal-year": 1.5}.get(kind.code, 2.0)
    score = strength + clock_score(name) + kind.by_name - 0.01 * position
    return Candidate((name,), score, kind.by_name, column.tolist(), (), kind.code, values)


def _sample(column: "pd.Series[str]") -> "pd.Series[str]":
    return column.iloc[:: max(1, len(column) // _SAMPLE)]


def _textual(name: str, column: "pd.Series[str]", position: int, is_time: bool) -> Candidate | None:
    named = 1.0 if is_time else clock_score(name)
    few = shapes_of(_sample(column))
    if not _readable(few, named) or (part_of(name) == "year" and _are_numbers(few)):
        return None
    shapes = few if len(few) == len(column) else shapes_of(column)
    options = _readable(shapes, named)
    if not options:
        return None
    moments = options[0].moments
    are_numbers = _are_numbers(shapes)
    long = are_numbers and all(len(shape) >= _LONG for shape in shapes.shapes)
    strength = 1.0 if not moments.dated else 3.0 if options[0].has_clock else 2.5
    score = strength + named + _order_score(moments) - 0.01 * position
    is_part = are_numbers and not moments.dated
    return Candidate(
        (name,),
        score,
        not are_numbers or named > 0 or long,
        shapes.texts,
        tuple(options),
        is_part=is_part,
        are_digits=are_numbers,
    )


def _readable(shapes: Shapes, named: float) -> list[Option]:
    options = options_of(shapes)
    if not options or options[0].fitting < _LEAST_FITTING * shapes.nonempty:
        return []
    if _are_numbers(shapes):
        return [option for option in options if _are_dates(option, shapes, named > 0)]
    return options


def _are_numbers(shapes: Shapes) -> bool:
    numbers = sum(
        len(rows)
        for shape, rows in zip(shapes.shapes, shapes.rows, strict=True)
        if _NUMBER.fullmatch(shape)
    )
    return numbers > 0.5 * shapes.nonempty


def _are_dates(option: Option, shapes: Shapes, named: bool) -> bool:
    """Whether numbers such as 20180131 are all dates of the last centuries, and in order."""
    moments = option.moments
    if option.fitting < shapes.nonempty or not (named or option.order == "year-month-day"):
        return False
    if not moments.dated:
        return True
    years = moments.day[moments.valid] / 365.2425 + 1970
    plausible = bool(years.min() >= 1800 and years.max() <= 2100)
    long = min(map(len, shapes.shapes)) >= _LONG and option.fitting >= _LONG
    rises = is_monotone(moments.sort_key) and bool(np.ptp(years) > 0)
    return plausible and (named or long or rises)


def _order_score(moments: Moments) -> float:
    """Up to 1 for times that are in order and differ from row to row."""
    key = moments.sort_key
    return 0.5 * is_monotone(key) + 0.5 * len(np.unique(key)) / max(len(key), 1)
