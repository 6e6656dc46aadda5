"""What has two readings: the order of day and month, halves of days, the column."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.result import Choice, Question
from rnnviz.data.reading.times.candidates import Candidate
from rnnviz.data.reading.times.finish import example, iso_text, order_message, reading_of
from rnnviz.data.reading.times.moments import Moments
from rnnviz.data.reading.times.textual import (
    MIXED,
    Option,
    differing_row,
    in_century,
    split_century,
)
from rnnviz.messages import N_, Message, excerpt

_MOST_COLUMNS = 5
_FEW = 0.02
"""The share of times that may lie in future years by slips."""

WAYS = N_("Every time in {columns} can be read in {count} ways. Which is right?")
MIXTURE = N_(
    "Some dates in {columns} seem to have the day first, others the month, as when a spreadsheet "
    "has changed some of them. How are they to be read?"
)
CENTURY = N_("{columns}: the years have two digits. Which are they?")
YEARS = N_("{first} to {last}")


def form_questions(candidate: Candidate) -> tuple[Question, ...]:
    """The question how the texts of a candidate are to be read, or none."""
    options = candidate.options
    if options and "p" in options[0].time_format and not options[0].has_clock:
        return (_halves(candidate),) if "%p" in options[0].time_format else ()
    if len(options) < 2:
        return _century(candidate)
    row = differing_row(options)
    choices = tuple(
        _reading_choice(candidate, option, row, shift)
        for shift in sorted({0, _other_century(candidate)}, key=abs)
        for option in options
    )
    values = {"columns": ", ".join(candidate.names), "count": len(choices)}
    is_mixed = any(option.order == MIXED for option in options)
    return (Question(Message(MIXTURE if is_mixed else WAYS, values), choices),)


def _other_century(candidate: Candidate) -> int:
    """How many years away the other reading of years with two digits lies; 0 if there is one."""
    moments = candidate.options[0].moments
    if moments.since is None:
        return 0
    years = _years(moments)
    if years.max() - years.min() >= 100:
        return 0
    if moments.is_odd:
        return 100
    return -100 if (years > date.today().year).mean() > _FEW else 0


def _years(moments: Moments) -> NDArray[np.int64]:
    days = moments.day[moments.valid].astype("datetime64[D]")
    return days.astype("datetime64[Y]").astype(np.int64) + 1970


def _century(candidate: Candidate) -> tuple[Question, ...]:
    """The question which century years of two digits mean, of which some lie in the future."""
    other = _other_century(candidate) if candidate.options else 0
    if not other:
        return ()
    option, names = candidate.options[0], list(candidate.names)
    years = _years(option.moments)
    choices = tuple(
        Choice(
            Message(YEARS, {"first": int(years.min()) + shift, "last": int(years.max()) + shift}),
            {"time": names, "time_format": _in_century(option, shift)},
        )
        for shift in (0, other)
    )
    return (Question(Message(CENTURY, {"columns": ", ".join(names)}), choices),)


def _in_century(option: Option, shift: int) -> str:
    """The form of an option, with its years of two digits `shift` years later."""
    form, _year = split_century(option.time_format)
    return in_century(form, int(_years(option.moments).min()) + shift)


def _reading_choice(candidate: Candidate, option: Option, row: int, shift: int) -> Choice:
    moments = option.moments
    if not moments.valid[row]:
        row = int(np.flatnonzero(moments.valid)[0])
    if moments.dated:
        day = np.datetime64(int(moments.day[row]), "D")
        time = f"{int(str(day)[:-6]) + shift:04d}{str(day)[-6:]}"
    else:
        time = iso_text(np.datetime64(int(moments.nano[row]), "ns"))[11:]
    text = excerpt(candidate.texts[row])
    values = {"text": text, "time": time, "order": order_message(option)}
    time_format = _in_century(option, shift) if shift else option.time_format
    arguments = {"time": list(candidate.names), "time_format": time_format}
    return Choice(Message(N_("{text} is {time}: {order}"), values), arguments)


def _halves(candidate: Candidate) -> Question:
    """Dates with a half of the day, but without an hour."""
    names, time_format = list(candidate.names), candidate.options[0].time_format
    return Question(
        Message(
            N_("{columns}: the times say only AM or PM, not the hour. How are they meant?"),
            {"columns": ", ".join(names)},
        ),
        (
            Choice(
                Message(N_("AM is midnight, PM is noon")),
                {"time": names, "time_format": time_format},
            ),
            Choice(
                Message(N_("The rows are evenly spaced, in the order of the file")), {"time": []}
            ),
        ),
    )


def column_question(candidates: Sequence[Candidate], none_first: bool) -> Question:
    """The question which of the candidates is the time, the first unless it is none."""
    choices = [_column_choice(candidate) for candidate in candidates[:_MOST_COLUMNS]]
    none = Choice(
        Message(N_("No column: the rows are evenly spaced, in the order of the file")), {"time": []}
    )
    choices.insert(0 if none_first else len(choices), none)
    return Question(Message(N_("Which column holds the times?")), tuple(choices))


def _column_choice(candidate: Candidate) -> Choice:
    reading = reading_of(candidate)
    text, time = example(candidate, reading)
    values = {"columns": ", ".join(candidate.names), "text": text, "time": time}
    # Where its form has two readings as well, that is the next question.
    time_format = None if len(candidate.options) > 1 else reading.time_format
    arguments = {"time": list(candidate.names), "time_format": time_format}
    return Choice(Message(N_("{columns}: {text} is {time}"), values), arguments)
