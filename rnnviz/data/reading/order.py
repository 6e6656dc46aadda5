"""The rows of a table in the order of their times: none twice, gaps counted, the usual step."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.result import Choice, Question, Spacing
from rnnviz.data.reading.spacing import closed_times, duration, is_irregular
from rnnviz.data.reading.times.reading import TimeReading
from rnnviz.data.reading.times.regularity import months_apart, usual_step
from rnnviz.messages import N_, Message

FEW = 0.05
"""The share of rows that may repeat the time of another row and be left out without a question."""

_EVEN = Message(N_("Evenly spaced, in this order"))
_CLOCK = Message(N_("As far apart as their times say"))


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
    values = reading.elapsed if reading.instants is None else reading.instants.view(np.int64)
    if values is None:
        rows = np.arange(reading.count, dtype=np.int64)
        return Arrangement(rows, None, None, None, "even", (), ())
    remarks: list[Message] = []
    if reading.instants is None:
        rows = np.flatnonzero(np.isfinite(values))
    else:
        rows = np.flatnonzero(~np.isnat(reading.instants))
    if len(rows) < reading.count:
        remarks.append(
            Message(
                N_("Rows left out because they hold no time ({columns}): {count}."),
                {"columns": ", ".join(reading.names), "count": reading.count - len(rows)},
            )
        )
    rows, remark = _sorted(rows, values)
    repeated = np.concatenate([[False], np.diff(values[rows]) == 0])[: len(rows)]
    many = bool(repeated.sum() > FEW * len(rows))
    if many and spacing != "clock":
        question = Question(
            Message(
                N_("{count} of {rows} rows repeat the time of another row. What are they?"),
                {"count": int(repeated.sum()), "rows": len(rows)},
            ),
            (
                Choice(
                    Message(N_("Rows of their own, evenly spaced in the order of the file")),
                    {"spacing": "even"},
                ),
                Choice(
                    Message(N_("Repetitions: only the first row of each time stays")),
                    {"spacing": "clock"},
                ),
            ),
        )
        in_file = np.sort(rows)
        falls = bool((np.diff(values[in_file]) <= 0).all())
        remarks.append(
            Message(N_("As times repeat, the rows are evenly spaced in the order of the file."))
        )
        questions = () if spacing else (question,)
        rows = (
            in_file[::-1]
            if falls and len(in_file) > 1 and values[in_file[0]] > values[in_file[-1]]
            else in_file
        )
        return Arrangement(rows, None, None, None, "even", tuple(remarks), questions)
    if remark is not None:
        remarks.append(remark)
    if repeated.any():
        remarks.append(_repetitions(values, rows, repeated, reading.instants is not None))
        rows = rows[~repeated]
    return _spaced(reading, values, rows, spacing, remarks)


def _sorted(
    rows: NDArray[np.int64], values: NDArray[np.float64] | NDArray[np.int64]
) -> tuple[NDArray[np.int64], Message | None]:
    steps = np.diff(values[rows])
    if (steps >= 0).all():
        return rows, None
    if (steps <= 0).all():
        return rows[::-1], Message(N_("The newest row stood first; the rows are turned round."))
    order = rows[np.argsort(values[rows], kind="stable")]
    return order, Message(
        N_("The rows were not in the order of time and are sorted. Rows out of order: {count}."),
        {"count": int((steps < 0).sum())},
    )


def _repetitions(
    values: NDArray[np.float64] | NDArray[np.int64],
    rows: NDArray[np.int64],
    repeated: NDArray[np.bool_],
    are_instants: bool,
) -> Message:
    count = {"count": int(repeated.sum())}
    falls = -np.diff(values[np.sort(rows)])
    falls = falls[falls > 0]
    hour = 3600 * 10**9
    if are_instants and len(falls) and (falls < hour).all() and len(falls) * hour:
        return Message(
            N_(
                "The clock was put back by an hour: of each repeated time the first row stays. "
                "Rows left out: {count}."
            ),
            count,
        )
    return Message(
        N_(
            "Of rows with the same time the first stays. Rows left out because they repeat the "
            "time of another row: {count}."
        ),
        count,
    )


def _spaced(
    reading: TimeReading,
    values: NDArray[np.float64] | NDArray[np.int64],
    rows: NDArray[np.int64],
    spacing: Spacing | None,
    remarks: list[Message],
) -> Arrangement:
    ordered = values[rows]
    questions: tuple[Question, ...] = ()
    times = None if reading.instants is None else reading.instants[rows]
    elapsed = None if reading.elapsed is None else reading.elapsed[rows]
    if len(rows) < 2:
        return Arrangement(rows, times, elapsed, None, spacing or "clock", tuple(remarks), ())
    steps = np.diff(ordered)
    months = 0 if times is None or len(rows) < 3 else months_apart(times)
    if times is not None:
        usual, _share = usual_step(times.astype(np.int64))
        step: np.timedelta64 | float = np.timedelta64(usual, "ns")
        size = float(usual)
    else:
        step = size = float(np.median(steps))
    remarks.append(Message(N_("Usual step: {step}."), {"step": duration(step, months)}))
    gaps = int((steps > 1.5 * size).sum())
    reason: Message | None = None
    if months and times is not None:
        counts = np.unique(np.diff(times.astype("datetime64[M]")).astype(np.int64))
        gaps = 0 if len(counts) == 1 else gaps
        default: Spacing = "even" if len(counts) == 1 else "clock"
    else:
        default = "clock"
        reason = closed_times(times, int(size)) if times is not None and gaps else None
        if reason is None and is_irregular(steps):
            reason = Message(N_("The steps between the times are irregular."))
        if reason is not None:
            default = "even"
    if reason is not None and spacing is None:
        question = Message(N_("{reason} How far apart are the rows?"), {"reason": reason})
        choices = (Choice(_EVEN, {"spacing": "even"}), Choice(_CLOCK, {"spacing": "clock"}))
        questions = (Question(question, choices),)
    if gaps and (spacing or default) == "clock":
        longest = steps.max() if times is None else np.timedelta64(int(steps.max()), "ns")
        remarks.append(
            Message(
                N_("Gaps between the times: {count}; the longest lasts {longest}."),
                {"count": gaps, "longest": duration(longest, 0)},
            )
        )
    return Arrangement(rows, times, elapsed, step, spacing or default, tuple(remarks), questions)
