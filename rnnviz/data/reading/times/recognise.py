"""The time of a table: the likeliest columns, and what else they may be."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rnnviz.data.reading.times.candidates import Candidate, Cells, ParseNumber
from rnnviz.data.reading.times.explicit import explicit_times, times_in_format
from rnnviz.data.reading.times.finish import reading_of
from rnnviz.data.reading.times.joined import candidates_of, single_candidates
from rnnviz.data.reading.times.questions import column_question, form_questions
from rnnviz.data.reading.times.reading import TimeReading
from rnnviz.messages import N_, Message

_MANY = 0.05
"""The share of rows without a time from which on it is asked whether the column is the time."""


def recognise_times(
    cells: Cells,
    parse_number: ParseNumber,
    *,
    time: Sequence[str] | None,
    time_format: str | None,
) -> TimeReading:
    """The times that the columns `cells` hold: texts as in the file, "" where empty.

    `parse_number` reads a column as float64, NaN where a cell is no number. `time` names the
    columns (none: the rows are evenly spaced) and `time_format` their form, a pattern of `strptime`
    for the texts joined by blanks or one of `textual.TEXT_CODES` and `numeric.NUMERIC_CODES`; None
    for what is to be recognised. A Problem says what does not fit.
    """
    alone = single_candidates(cells, parse_number)
    if time is not None:
        names = [time] if isinstance(time, str) else time
        reading = explicit_times(cells, parse_number, names, time_format)
    else:
        candidates = candidates_of(cells, alone)
        if time_format:
            reading = times_in_format(cells, parse_number, candidates, time_format)
        else:
            reading = _likeliest(cells, candidates)
    also = [one.names[0] for one in alone if one.names[0] not in reading.names and one.is_count]
    return replace(reading, also=tuple(also))


def _likeliest(cells: Cells, candidates: Sequence[Candidate]) -> TimeReading:
    """The times of the first of `candidates`, and the question whether it is another."""
    if not candidates:
        remark = Message(
            N_(
                "No column holds times; the rows are taken as evenly spaced, in the "
                "order of the file."
            )
        )
        return TimeReading(rows_of(cells), (), None, None, "", (remark,))
    best, *others = candidates
    reading = reading_of(best)
    rivals = [other for other in others if _is_rival(best, other)]
    lost = _share_lost(reading)
    if not rivals and best.is_sure and lost <= _MANY:
        return replace(reading, questions=form_questions(best))
    question = column_question((best, *rivals), none_first=lost > 0.5)
    if lost > 0.5:
        remark = Message(
            N_(
                "Most rows of {columns} have no time; the rows are taken as evenly "
                "spaced, in the order of the file."
            ),
            {"columns": ", ".join(best.names)},
        )
        return TimeReading(reading.count, (), None, None, "", (remark,), (question,))
    return replace(reading, questions=(question, *form_questions(best)))


def rows_of(cells: Cells) -> int:
    """How many rows the table has."""
    return len(next(iter(cells.values()), ()))


def _share_lost(reading: TimeReading) -> float:
    if reading.instants is not None:
        return float(np.isnat(reading.instants).mean())
    assert reading.elapsed is not None
    return float(np.isnan(reading.elapsed).mean())


def _is_rival(best: Candidate, other: Candidate) -> bool:
    """Whether another column may as well be the time."""
    if set(best.names) & set(other.names):
        return False
    if not other.options or other.is_clock_only:
        return not best.is_sure
    return bool(np.ptp(other.options[0].moments.sort_key) > 0)
