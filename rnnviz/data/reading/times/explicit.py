"""Times of the columns and in the form that the visitor names."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.times.candidates import Candidate, Cells, ParseNumber, single_candidate
from rnnviz.data.reading.times.finish import reading_of
from rnnviz.data.reading.times.joined import join
from rnnviz.data.reading.times.numeric import NUMERIC_CODES
from rnnviz.data.reading.times.questions import form_questions
from rnnviz.data.reading.times.reading import TimeReading
from rnnviz.data.reading.times.shapes import Shapes, shapes_of
from rnnviz.data.reading.times.textual import (
    MIXED,
    TEXT_CODES,
    Option,
    options_of,
    pattern_option,
    split_century,
)
from rnnviz.messages import N_, Problem, excerpt

_FEW = 0.01
"""The share of filled cells that may be no times; more are a Problem."""


def explicit_times(
    cells: Cells, parse_number: ParseNumber, names: Sequence[str], time_format: str | None
) -> TimeReading:
    """The times of the columns `names`, in `time_format` unless that is empty."""
    names = tuple(names)
    if not names:
        return TimeReading(len(next(iter(cells.values()), ())), (), None, None, "")
    for name in names:
        if name not in cells:
            raise Problem(
                N_("time is {value}; allowed are names of columns: {columns}."),
                value=excerpt(str(name)),
                columns=excerpt(", ".join(cells)),
            )
    candidate = _candidate(cells, parse_number, names, time_format)
    reading = reading_of(candidate)
    return reading if time_format else replace(reading, questions=form_questions(candidate))


def times_in_format(
    cells: Cells,
    parse_number: ParseNumber,
    candidates: Sequence[Candidate],
    time_format: str,
) -> TimeReading:
    """The times of the first of `candidates`, or of the first column, that are in `time_format`."""
    problem: Problem | None = None
    for names in (*(one.names for one in candidates), *((name,) for name in cells)):
        try:
            return explicit_times(cells, parse_number, names, time_format)
        except Problem as error:
            problem = problem or error
    if problem is None:
        return TimeReading(0, (), None, None, "")
    raise problem


def _candidate(
    cells: Cells, parse_number: ParseNumber, names: tuple[str, ...], time_format: str | None
) -> Candidate:
    texts = join(cells, names)
    if time_format in NUMERIC_CODES:
        values = parse_number(texts) if len(names) == 1 else np.full(len(texts), np.nan)
        _refuse_if_many(names, texts.tolist(), np.isfinite(values), time_format, share=0.1)
        return Candidate(names, 0.0, True, texts.tolist(), (), time_format, values)
    if not time_format and len(names) == 1:
        candidate = single_candidate(names[0], texts, 0, parse_number, is_first=True, is_time=True)
        if candidate is None:
            values = parse_number(texts)
            _refuse_if_many(names, texts.tolist(), np.isfinite(values), "")
            return Candidate(names, 0.0, True, texts.tolist(), (), "elapsed", values)
        return candidate
    shapes = shapes_of(texts)
    options = _options(shapes, time_format)
    if time_format and options and _as_many_as_any(options[0], shapes):
        return Candidate(names, 0.0, True, shapes.texts, tuple(options))
    valid = options[0].moments.valid if options else np.zeros(len(shapes), dtype=np.bool_)
    _refuse_if_many(names, shapes.texts, valid, time_format or "")
    return Candidate(names, 0.0, True, shapes.texts, tuple(options))


def _as_many_as_any(option: Option, shapes: Shapes) -> bool:
    """Whether an option reads most cells, and no other way of reading reads more."""
    if 2 * option.fitting < shapes.nonempty:
        return False
    options = options_of(shapes)
    is_mixed = any(other.order == MIXED for other in options)
    return is_mixed or all(option.fitting >= other.fitting for other in options[:1])


def _options(shapes: Shapes, time_format: str | None) -> list[Option]:
    if not time_format or split_century(time_format)[0] in TEXT_CODES:
        return options_of(shapes, time_format or None)
    option = pattern_option(shapes, time_format)
    return [] if option is None else [option]


def _refuse_if_many(
    names: tuple[str, ...],
    texts: list[str],
    valid: NDArray[np.bool_],
    time_format: str,
    share: float = _FEW,
) -> None:
    wrong = [row for row in np.flatnonzero(~valid).tolist() if texts[row]]
    allowed = int(share * sum(map(bool, texts)))
    if len(wrong) <= allowed and valid.any():
        return
    row = wrong[0] if wrong else 0
    raise Problem(
        N_(
            "Row {row}, column {column}: {value} is not a time in the form {form}. "
            "Rows that do not fit: {count}; allowed are {allowed}."
        ),
        row=row + 1,
        column=excerpt(", ".join(names)),
        value=excerpt(texts[row]) if texts else "",
        form=excerpt(time_format or "2016-01-31 15:30:00"),
        count=len(wrong),
        allowed=allowed,
    )
