"""The rows of a table in the order of their times: none twice, gaps counted, the usual step."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.result import Choice, Question, Spacing
from rnnviz.data.reading.spacing import Steps, steps_of
from rnnviz.data.reading.times.reading import TimeReading
from rnnviz.messages import N_, Message

_FEW = 0.05
"""The share of rows that may repeat the time of another row and be left out without a question."""
_HOUR = 3600 * 10**9

Values = NDArray[np.float64] | NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Arrangement:
    """The n rows that stay, sorted by time, out of a reading of N rows.

    rows     (n,) int64, their numbers in the file, from 0
    times    (n,) datetime64[ns], sorted, none twice; None where there is no clock time
    elapsed  (n,) float64, sorted, none twice; None where there is none
    step     the usual step: timedelta64[ns] between times, a float between elapsed ones
    spacing  whether gaps between the times count as gaps
    """

    rows: NDArray[np.int64]
    times: NDArray[np.datetime64] | None
    elapsed: NDArray[np.float64] | None
    step: np.timedelta64 | float | None
    spacing: Spacing
    remarks: tuple[Message, ...]
    questions: tuple[Question, ...]


def arrange(reading: TimeReading, spacing: Spacing | None) -> Arrangement:
    """Sort the rows of `reading` by time; `spacing` is recognised if None."""
    values: Values
    if reading.instants is not None:
        values = reading.instants.astype("datetime64[ns]").astype(np.int64)
        rows = np.flatnonzero(~np.isnat(reading.instants))
    elif reading.elapsed is not None:
        values = reading.elapsed
        rows = np.flatnonzero(np.isfinite(values))
    else:
        rows = np.arange(reading.count, dtype=np.int64)
        return Arrangement(rows, None, None, None, "even", (), ())
    remarks = _left_out(reading, len(rows))
    in_order = _sorted(rows, values)
    repeated = np.concatenate([[False], np.diff(values[in_order]) == 0])[: len(rows)]
    if repeated.sum() > _FEW * len(rows) and spacing != "clock":
        remarks.append(
            Message(
                N_(
                    "Because times repeat, the rows are taken as evenly spaced, in the "
                    "order of the file."
                )
            )
        )
        questions = () if spacing else (_repetition_question(repeated),)
        rows = _turned_if_falling(rows, values)
        return Arrangement(rows, None, None, None, "even", tuple(remarks), questions)
    remarks += _order_remarks(rows, values, repeated, reading.instants is not None)
    rows = in_order[~repeated]
    steps = steps_of(
        None if reading.instants is None else reading.instants[rows],
        None if reading.elapsed is None else reading.elapsed[rows],
        reading.in_seconds,
    )
    return _spaced(reading, rows, steps, spacing, remarks)


def _left_out(reading: TimeReading, count: int) -> list[Message]:
    if count == reading.count:
        return []
    values = {"columns": ", ".join(reading.names), "count": reading.count - count}
    return [Message(N_("Rows left out because they hold no time ({columns}): {count}."), values)]


def _turned_if_falling(rows: NDArray[np.int64], values: Values) -> NDArray[np.int64]:
    """`rows` in the order of the file, turned round if the newest stand first."""
    steps = np.diff(values[rows])
    return rows[::-1] if (steps <= 0).all() and (steps < 0).any() else rows


def _sorted(rows: NDArray[np.int64], values: Values) -> NDArray[np.int64]:
    """`rows` by time; rows of the same time in the order of the file."""
    return rows[np.argsort(values[rows], kind="stable")]


def _order_remarks(
    rows: NDArray[np.int64], values: Values, repeated: NDArray[np.bool_], are_times: bool
) -> list[Message]:
    steps = np.diff(values[rows])
    falls = -steps[steps < 0]
    count = {"count": int(repeated.sum())}
    if are_times and repeated.any() and _is_put_back(values[rows]):
        return [
            Message(
                N_(
                    "The clock was set back by an hour: only the first row of each "
                    "repeated time is kept. Rows left out: {count}."
                ),
                count,
            )
        ]
    remarks = []
    if len(falls) and (steps <= 0).all():
        remarks.append(Message(N_("The newest row came first; the order of the rows is reversed.")))
    elif len(falls):
        remarks.append(
            Message(
                N_(
                    "The rows were not in chronological order and are sorted. Rows out of "
                    "order: {count}."
                ),
                {"count": len(falls)},
            )
        )
    if repeated.any():
        remarks.append(
            Message(
                N_("Of rows with the same time, only the first is kept. Rows left out: {count}."),
                count,
            )
        )
    return remarks


def _is_put_back(values: Values) -> bool:
    """Whether times that repeat do so as at the end of summer time.

    Rarely, times fall by up to an hour; or hourly ones repeat, early on a Sunday in spring or
    autumn.
    """
    steps = np.diff(values)
    falls = np.flatnonzero(steps < 0)
    if len(falls):
        depth = values - np.maximum.accumulate(values)
        return len(falls) * 50 < len(values) and bool((depth >= -_HOUR).all())
    repeated = values[1:][steps == 0].astype(np.int64).view("datetime64[ns]")
    days = repeated.astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    are_sundays = (days.astype(np.int64) + 3) % 7 == 6
    early = repeated - days < np.timedelta64(4, "h")
    return bool((are_sundays & early & np.isin(months, (3, 4, 10, 11))).all())


def _repetition_question(repeated: NDArray[np.bool_]) -> Question:
    return Question(
        Message(
            N_("{count} of {rows} rows repeat the time of another row. What are they?"),
            {"count": int(repeated.sum()), "rows": len(repeated)},
        ),
        (
            Choice(
                Message(N_("Separate measurements, evenly spaced in the order of the file")),
                {"spacing": "even"},
            ),
            Choice(
                Message(N_("Repetitions: keep only the first row of each time")),
                {"spacing": "clock"},
            ),
        ),
    )


def _spaced(
    reading: TimeReading,
    rows: NDArray[np.int64],
    steps: Steps,
    spacing: Spacing | None,
    remarks: list[Message],
) -> Arrangement:
    times = None if reading.instants is None else reading.instants[rows]
    elapsed = None if reading.elapsed is None else reading.elapsed[rows]
    if steps.size is None:
        return Arrangement(rows, times, elapsed, None, spacing or "clock", tuple(remarks), ())
    questions: tuple[Question, ...] = ()
    if steps.doubt is not None and spacing is None:
        question = Message(N_("{reason} How far apart are the rows?"), {"reason": steps.doubt})
        choices = (
            Choice(Message(N_("Evenly spaced, in this order")), {"spacing": "even"}),
            Choice(Message(N_("As far apart as their times say")), {"spacing": "clock"}),
        )
        questions = (Question(question, choices),)
    spacing = spacing or steps.spacing
    if steps.size:
        remarks.append(Message(N_("Usual step: {step}."), {"step": steps.text}))
    if steps.gaps and spacing == "clock":
        values = {"count": steps.gaps, "longest": steps.longest}
        remarks.append(
            Message(N_("Gaps between the times: {count}; the longest lasts {longest}."), values)
        )
    return Arrangement(rows, times, elapsed, steps.size, spacing, tuple(remarks), questions)
