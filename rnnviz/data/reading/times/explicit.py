"""Times of the columns and in the form that the visitor names."""

from collections.abc import Sequence

import numpy as np

from rnnviz.data.reading.times.candidates import Candidate, Cells, ParseNumber, join
from rnnviz.data.reading.times.finish import reading_of
from rnnviz.data.reading.times.grammar import DATES
from rnnviz.data.reading.times.numeric import NUMERIC_CODES, numeric_kind
from rnnviz.data.reading.times.reading import TimeReading
from rnnviz.data.reading.times.shapes import Shapes, shapes_of
from rnnviz.data.reading.times.textual import Option, options_of, read_pattern
from rnnviz.messages import N_, Problem, excerpt

FEW = 0.01
"""The share of cells that may be no time; more are a Problem."""
TEXT_CODES = (*DATES, "clock")


def explicit_times(
    cells: Cells, parse_number: ParseNumber, time: Sequence[str], time_format: str | None
) -> TimeReading:
    """The times of the columns `time`, in `time_format` unless that is None."""
    names = tuple(time)
    if not names:
        return TimeReading(len(next(iter(cells.values()), ())), (), None, None, "")
    for name in names:
        if name not in cells:
            raise Problem(
                N_("time is {value}; allowed are names of columns: {columns}."),
                value=excerpt(name),
                columns=excerpt(", ".join(cells)),
            )
    texts = cells[names[0]] if len(names) == 1 else join([cells[name] for name in names])
    if time_format is None and len(names) == 1:
        kind = numeric_kind(names[0], parse_number(texts), True)
        time_format = kind.code if kind and kind.by_name else None
    if time_format in NUMERIC_CODES:
        values = parse_number(texts)
        _refuse_if_many(names, texts.tolist(), np.isfinite(values), time_format or "")
        return reading_of(Candidate(names, 0.0, True, texts.tolist(), (), time_format, values))
    shapes = shapes_of(texts)
    options = _options(shapes, time_format)
    if not options and time_format is None:
        values = parse_number(texts)
        _refuse_if_many(names, texts.tolist(), np.isfinite(values), "")
        return reading_of(Candidate(names, 0.0, True, texts.tolist(), (), "elapsed", values))
    valid = options[0].moments.valid if options else np.zeros(len(shapes), dtype=np.bool_)
    _refuse_if_many(names, shapes.texts, valid, time_format or "")
    return reading_of(Candidate(names, 0.0, True, shapes.texts, tuple(options)))


def _options(shapes: Shapes, time_format: str | None) -> list[Option]:
    if time_format is None or time_format in TEXT_CODES:
        return options_of(shapes, time_format)
    moments = read_pattern(shapes, time_format)
    return [Option("", moments, int(moments.valid.sum()))] if moments.valid.any() else []


def _refuse_if_many(
    names: tuple[str, ...],
    texts: list[str],
    valid: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    time_format: str,
) -> None:
    wrong = [row for row in np.flatnonzero(~valid).tolist() if texts[row]]
    filled = sum(map(bool, texts))
    if not filled or len(wrong) > FEW * filled or not valid.any():
        raise Problem(
            N_(
                "Row {row}, column {column}: {value} is not a time in the form {form}. Rows that "
                "are not: {count}; allowed are {allowed}."
            ),
            row=(wrong[0] if wrong else 0) + 1,
            column=", ".join(names),
            value=excerpt(texts[wrong[0]]) if wrong else "",
            form=time_format or "2016-01-31 15:30:00",
            count=len(wrong),
            allowed=int(FEW * filled),
        )
