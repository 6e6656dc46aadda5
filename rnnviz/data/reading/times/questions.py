"""What has two readings: the order of day and month, halves of days, the column."""

from collections.abc import Sequence

import numpy as np

from rnnviz.data.reading.result import Choice, Question
from rnnviz.data.reading.times.candidates import Candidate
from rnnviz.data.reading.times.finish import example, iso_text, order_message, reading_of
from rnnviz.data.reading.times.textual import Option, differing_row
from rnnviz.messages import N_, Message, excerpt

_MOST_COLUMNS = 5


def form_questions(candidate: Candidate) -> tuple[Question, ...]:
    """The question how the texts of a candidate are to be read, or none."""
    options = candidate.options
    if options and "p" in options[0].time_format and not options[0].has_clock:
        return (_halves(candidate),) if "%p" in options[0].time_format else ()
    if len(options) < 2:
        return ()
    row = differing_row(options)
    choices = tuple(_reading_choice(candidate, option, row) for option in options)
    message = Message(
        N_("Every time in {columns} can be read in {count} ways. Which is right?"),
        {"columns": ", ".join(candidate.names), "count": len(options)},
    )
    return (Question(message, choices),)


def _reading_choice(candidate: Candidate, option: Option, row: int) -> Choice:
    moments = option.moments
    if moments.dated:
        time = str(np.datetime64(int(moments.day[row]), "D"))
    else:
        time = iso_text(np.datetime64(int(moments.nano[row]), "ns"))[11:]
    text = excerpt(candidate.texts[row])
    values = {"text": text, "time": time, "order": order_message(option)}
    arguments = {"time": list(candidate.names), "time_format": option.time_format}
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
