"""The time of a table: the likeliest columns, and what else they may be."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rnnviz.data.reading.result import Choice, Question
from rnnviz.data.reading.times.candidates import Candidate, Cells, ParseNumber, candidates_of
from rnnviz.data.reading.times.explicit import explicit_times
from rnnviz.data.reading.times.finish import example, reading_of
from rnnviz.data.reading.times.reading import TimeReading
from rnnviz.messages import N_, Message


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
    for the texts joined by blanks or one of the codes of `grammar.DATES`, "clock", or
    `numeric.NUMERIC_CODES`; None for what is to be recognised. A Problem says what does not fit.
    """
    if time is not None:
        return explicit_times(cells, parse_number, time, time_format)
    candidates = candidates_of(cells, parse_number)
    if time_format is not None:
        for candidate in candidates:
            return explicit_times(cells, parse_number, candidate.names, time_format)
    if not candidates:
        remark = Message(N_("No column holds times; the rows are evenly spaced in their order."))
        count = len(next(iter(cells.values()), ()))
        return TimeReading(count, (), None, None, "", (remark,))
    best, *others = candidates
    reading = reading_of(best)
    rivals = [other for other in others if _rivals(best, other)]
    if not rivals and best.by_name:
        return reading
    choices = [_choice(candidate) for candidate in (best, *rivals[:4])]
    choices.append(
        Choice(Message(N_("No column: the rows are evenly spaced in their order")), {"time": []})
    )
    question = Question(Message(N_("Which column holds the times?")), tuple(choices))
    return replace(reading, questions=(question, *reading.questions))


def _rivals(best: Candidate, other: Candidate) -> bool:
    """Whether another column may as well be the time."""
    if not other.options or other.is_clock_only:
        return not best.by_name and not best.options
    years = np.ptp(other.options[0].moments.sort_key)
    return bool(years > 0) and not set(best.names) & set(other.names)


def _choice(candidate: Candidate) -> Choice:
    reading = reading_of(candidate)
    text, time = example(candidate, reading)
    label = Message(
        N_("{columns}: {text} is {time}"),
        {"columns": ", ".join(candidate.names), "text": text, "time": time},
    )
    arguments = {"time": list(candidate.names), "time_format": reading.time_format}
    return Choice(label, arguments)
