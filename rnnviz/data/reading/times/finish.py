"""From texts or numbers to the times of a reading, and the sentences that say how."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.times.candidates import Candidate
from rnnviz.data.reading.times.moments import DAY, MINUTE, NO_OFFSET, UNKNOWN_ZONE, Moments
from rnnviz.data.reading.times.numeric import instants_of
from rnnviz.data.reading.times.reading import TimeReading
from rnnviz.data.reading.times.textual import Option
from rnnviz.messages import N_, Message, excerpt

ORDERS = {
    "day-month-year": N_("the day before the month"),
    "month-day-year": N_("the month before the day"),
    "year-month-day": N_("the year first"),
    "short-year-month-day": N_("the year first"),
    "year-day-month": N_("the year first, then the day"),
    "year-month": N_("the year before the month"),
    "month-year": N_("the month before the year"),
    "clock": N_("hours, minutes and seconds"),
    "mixed": N_("day or month first, as the mark or the row before suggests"),
}
"""The orders that numbers may have, in words."""


_MOST_OFFSETS = 6
"""Offsets in one column: of two or three zones, in winter and in summer."""


def order_message(option: Option) -> Message:
    """The order of an option in words, or its code."""
    return Message(ORDERS.get(option.order, "{code}"), {"code": option.time_format})


def reading_of(candidate: Candidate) -> TimeReading:
    """The times of the candidate as its first option reads them, and what was decided."""
    reading = _numbers(candidate) if candidate.code else _texts(candidate)
    text, time = example(candidate, reading)
    values = {"columns": ", ".join(candidate.names), "text": text, "time": time}
    same = Message(N_("Times: {columns}, such as {text}."), values)
    read = Message(N_("Times: {columns}. {text} is read as {time}."), values)
    remarks = [same if text == time else read]
    if candidate.options:
        remarks += _decisions(candidate.options[0])
    return replace(reading, remarks=(*remarks, *reading.remarks, *_unread(candidate, reading)))


def _decisions(option: Option) -> list[Message]:
    remarks = []
    if option.rejected:
        order = {"order": order_message(option)}
        remarks.append(
            Message(N_("Read with {order}: only then are the rows in chronological order."), order)
        )
    if option.moments.since is not None:
        days = option.moments.day[option.moments.valid].astype("datetime64[D]")
        years = days.astype("datetime64[Y]").astype(np.int64) + 1970
        span = {"first": int(years.min()), "last": int(years.max())}
        remarks.append(Message(N_("Two-digit years are read as {first} to {last}."), span))
    return remarks


def _unread(candidate: Candidate, reading: TimeReading) -> list[Message]:
    """Say which texts are no times."""
    if reading.instants is not None:
        lost = np.flatnonzero(np.isnat(reading.instants))
    else:
        lost = np.flatnonzero(~np.isfinite(reading.elapsed))  # type: ignore[arg-type]
    rows = [row for row in lost.tolist() if candidate.texts[row]]
    if not rows:
        return []
    return [
        Message(
            N_("Cells of {columns} that are not times, such as {text}: {count}."),
            {
                "columns": ", ".join(candidate.names),
                "text": excerpt(candidate.texts[rows[0]]),
                "count": len(rows),
            },
        )
    ]


def _texts(candidate: Candidate) -> TimeReading:
    names, option = candidate.names, candidate.options[0]
    moments, count, time_format = option.moments, len(candidate.texts), option.time_format
    if not moments.dated:
        if option.order == "duration":
            seconds = np.where(moments.valid, moments.nano / 1e9, np.nan)
            return TimeReading(count, names, None, seconds, time_format, in_seconds=True)
        remark = Message(
            N_("The times have no date; they are read as seconds since the first midnight.")
        )
        seconds = _seconds_of_days(moments)
        return TimeReading(count, names, None, seconds, time_format, (remark,), in_seconds=True)
    remarks = to_one_clock(moments)
    instants = moments.instants()
    if instants is not None:
        return TimeReading(count, names, instants, None, time_format, tuple(remarks))
    days = np.where(moments.valid, moments.day + moments.nano / DAY, np.nan)
    remarks.append(_far())
    return TimeReading(count, names, None, days - np.nanmin(days), time_format, tuple(remarks))


def _far() -> Message:
    return Message(
        N_(
            "Some years lie outside 1678 to 2261, the range of clock times; the "
            "rows are placed by their days or years."
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
    values, code = candidate.values, candidate.code
    count, names = len(values), candidate.names
    if code == "elapsed":
        return TimeReading(count, names, None, values, "elapsed")
    instants = instants_of(values, code, candidate.texts)
    if instants is None:
        if code not in ("year", "decimal-year"):
            values = values - np.nanmin(values)
        return TimeReading(count, names, None, values, code, (_far(),))
    return TimeReading(count, names, instants, None, code)


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
        unit = " s" if reading.in_seconds else ""
        return excerpt(candidate.texts[row]), f"{reading.elapsed[row]:g}{unit}"
    days = reading.instants[valid].astype("datetime64[D]")
    above = np.flatnonzero((days - days.astype("datetime64[M]")).astype(np.int64) > 11)
    if len(above) and candidate.options and candidate.options[0].order in ORDERS:
        row = int(valid[above[0]])
    return excerpt(candidate.texts[row]), iso_text(reading.instants[row])


def iso_text(instant: np.datetime64) -> str:
    """A time as ISO 8601 writes it, without what is zero at its end."""
    text = str(instant.astype("datetime64[ns]")).replace("T", " ")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return (
        text.removesuffix(" 00:00:00") if text.endswith(" 00:00:00") else text.removesuffix(":00")
    )


def to_one_clock(moments: Moments) -> list[Message]:
    """Bring all times to the offset of the first; say which that is."""
    remarks = []
    offsets = np.unique(moments.offset[moments.valid])
    if len(offsets) > _MOST_OFFSETS:
        # Such as the ends of hours: 00:00-01:00, 01:00-02:00.
        return [Message(N_("What follows the times is not an offset from UTC and is ignored."))]
    known = moments.valid & (moments.offset != NO_OFFSET) & (moments.offset != UNKNOWN_ZONE)
    if known.any():
        first = int(moments.offset[known][0])
        shift = np.where(known, first - moments.offset, 0).astype(np.int64)
        changed = int((shift != 0).sum())
        moments.nano = moments.nano + shift * MINUTE
        if changed:
            remarks.append(
                Message(
                    N_(
                        "The times have several offsets from UTC; all are converted to that of "
                        "the first, {offset}. Rows converted: {count}."
                    ),
                    {"offset": _offset(first), "count": changed},
                )
            )
        else:
            remarks.append(
                Message(
                    N_("The times are read as their clocks show them, at {offset} from UTC."),
                    {"offset": _offset(first)},
                )
            )
    if moments.zones:
        remarks.append(
            Message(
                N_("Words after the times are ignored: {words}."),
                {"words": ", ".join(moments.zones[:5])},
            )
        )
    return remarks


def _offset(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"
