"""From texts or numbers to the times of a reading, and the sentences that say how."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.result import Choice, Question
from rnnviz.data.reading.times.candidates import Candidate, values_of
from rnnviz.data.reading.times.moments import DAY, Moments
from rnnviz.data.reading.times.offsets import to_one_clock
from rnnviz.data.reading.times.reading import TimeReading
from rnnviz.data.reading.times.textual import Option
from rnnviz.messages import N_, Message, excerpt

_ORDERS = {
    "day-month-year": N_("the day before the month"),
    "month-day-year": N_("the month before the day"),
    "year-month-day": N_("the year first"),
    "short-year-month-day": N_("the year first"),
    "year-day-month": N_("the year first, then the day"),
}


def reading_of(candidate: Candidate) -> TimeReading:
    """The reading of the candidate's first option, with a question if it has more."""
    if candidate.code:
        reading = _numbers(candidate)
    else:
        reading = _texts(candidate.names, candidate.options[0])
    text, time = example(candidate, reading)
    values = {"columns": ", ".join(candidate.names), "text": text, "time": time}
    remark = Message(N_("Times: {columns}. {text} is read as {time}."), values)
    return replace(reading, remarks=(remark, *reading.remarks), questions=_questions(candidate))


def _texts(names: tuple[str, ...], option: Option) -> TimeReading:
    moments = option.moments
    if not moments.dated:
        remark = Message(
            N_("The times have no date; they are read as seconds since the first midnight.")
        )
        return TimeReading(
            len(moments.day), names, None, _seconds_of_days(moments), option.time_format, (remark,)
        )
    remarks = to_one_clock(moments)
    instants = moments.instants()
    if instants is not None:
        return TimeReading(
            len(moments.day), names, instants, None, option.time_format, tuple(remarks)
        )
    days = np.where(moments.valid, moments.day + moments.nano / DAY, np.nan)
    remarks.append(_far())
    return TimeReading(
        len(moments.day), names, None, days - np.nanmin(days), option.time_format, tuple(remarks)
    )


def _far() -> Message:
    return Message(
        N_(
            "The years reach beyond 1678 to 2261, where clock times end; the rows stand at the "
            "days or years since the first."
        )
    )


def _seconds_of_days(moments: Moments) -> NDArray[np.float64]:
    """Seconds since the first midnight; a clock that falls by half a day has passed midnight."""
    nano = moments.nano[moments.valid]
    midnights = np.concatenate([[0], np.cumsum(np.diff(nano) < -DAY // 2)]).astype(np.int64)
    seconds = np.full(len(moments.valid), np.nan)
    seconds[moments.valid] = (nano + midnights[: len(nano)] * DAY) / 1e9
    return seconds


def _numbers(candidate: Candidate) -> TimeReading:
    assert candidate.values is not None
    if candidate.code == "elapsed":
        return TimeReading(len(candidate.texts), candidate.names, None, candidate.values, "elapsed")
    instants = values_of(candidate)
    if instants is None:
        return TimeReading(
            len(candidate.texts), candidate.names, None, candidate.values, candidate.code, (_far(),)
        )
    return TimeReading(len(candidate.texts), candidate.names, instants, None, candidate.code)


def example(candidate: Candidate, reading: TimeReading) -> tuple[str, str]:
    """A text of the file and the time that it is read as."""
    if reading.instants is not None:
        valid = np.flatnonzero(~np.isnat(reading.instants))
    else:
        assert reading.elapsed is not None
        valid = np.flatnonzero(np.isfinite(reading.elapsed))
    row = int(valid[0])
    if reading.instants is None:
        assert reading.elapsed is not None
        return excerpt(candidate.texts[row]), f"{reading.elapsed[row]:g}"
    days = reading.instants[valid].astype("datetime64[D]")
    above = np.flatnonzero((days - days.astype("datetime64[M]")).astype(np.int64) > 11)
    if len(above) and candidate.options and candidate.options[0].order in _ORDERS:
        row = int(valid[above[0]])
    return excerpt(candidate.texts[row]), iso_text(reading.instants[row])


def iso_text(instant: np.datetime64) -> str:
    """A time as ISO 8601 writes it, without what is zero at its end."""
    text = str(instant.astype("datetime64[ns]")).replace("T", " ")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return (
        text.removesuffix(" 00:00:00") if text.endswith(" 00:00:00") else text.removesuffix(":00")
    )


def _questions(candidate: Candidate) -> tuple[Question, ...]:
    options = candidate.options
    if options and options[0].time_format.endswith(" %p") and "%I" not in options[0].time_format:
        return (_halves(candidate),)
    if len(options) < 2:
        return ()
    choices = []
    row = _differing_row(options)
    for option in options:
        day = np.datetime64(int(option.moments.day[row]), "D")
        order = Message(_ORDERS.get(option.order, "{code}"), {"code": option.order})
        values = {"text": excerpt(candidate.texts[row]), "time": str(day), "order": order}
        label = Message(N_("{text} is {time}: {order}"), values)
        arguments = {"time": list(candidate.names), "time_format": option.time_format}
        choices.append(Choice(label, arguments))
    message = Message(
        N_("All times of {columns} have {count} readings. Which one is right?"),
        {"columns": ", ".join(candidate.names), "count": len(options)},
    )
    return (Question(message, tuple(choices)),)


def _halves(candidate: Candidate) -> Question:
    """Dates with a half of the day, but without an hour."""
    columns = ", ".join(candidate.names)
    by_half = {"time": list(candidate.names), "time_format": candidate.options[0].time_format}
    return Question(
        Message(
            N_("{columns}: the times name only the half of the day. Which reading is right?"),
            {"columns": columns},
        ),
        (
            Choice(Message(N_("The first half is midnight, the second noon")), by_half),
            Choice(Message(N_("The rows are evenly spaced in their order")), {"time": []}),
        ),
    )


def _differing_row(options: tuple[Option, ...]) -> int:
    """A row that the options read differently."""
    first, second = options[0].moments, options[1].moments
    differ = np.flatnonzero(first.valid & second.valid & (first.day != second.day))
    return int(differ[0]) if len(differ) else int(np.flatnonzero(first.valid)[0])
