"""What the live view's component gets of each contestant: JSON of bounded size, without gaps."""

import base64
import math
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

from rnnviz.jobs import History
from rnnviz.ui.language import _
from rnnviz.ui.live.changes import change_lines
from rnnviz.ui.live.contestant_view import ContestantView, median_or_none
from rnnviz.ui.live.signs import visible
from rnnviz.ui.run_text import STATE_TITLES

POINTS = 400
"""The longest line that is sent: more than that no screen shows."""

CELLS = 96
"""The most time steps, units or moments of a picture: more pixels it does not have."""

WORDS = 160
"""Characters of a question or an answer."""

FINEST = 500
"""Levels of a decade in a picture of norms."""

NOTHING = -(2**15)
"""Stands for a norm without a logarithm."""


def contestant_payload(lane: ContestantView) -> dict[str, Any]:
    """What the component gets of one contestant."""
    return {
        "code": lane.code,
        "name": lane.name,
        "colour": lane.colour,
        "state": lane.state,
        "stateTitle": _(STATE_TITLES[lane.state]),
        "place": lane.place,
        "size": _(
            "{units} {units:unit|units}, {count} {count:parameter|parameters}",
            units=lane.units,
            count=lane.parameters,
        ),
        "tested": score_step_text(lane),
        "cost": lane.multiply_adds,
        "seeds": len(lane.histories),
        "total": lane.total,
        "step": lane.step,
        "share": round(lane.share, 4),
        "speed": json_number(lane.speed),
        "metric": json_number(median_or_none(lane.latest("validation"))),
        "loss": history_curve(lane.histories, "loss"),
        "score": history_curve(lane.histories, "validation"),
        "marks": _marks(lane),
        "probe": _probe(lane.probe),
        "heat": _heat(lane.heat),
    }


def score_step_text(lane: ContestantView) -> str:
    """At which step the score of `lane` was measured, "" where that goes without saying."""
    if not lane.dated:
        return ""
    first, last = lane.tested[0], lane.tested[-1]
    if first == last:
        return _("at step {step}", step=first)
    return _("at steps {first} to {last}", first=first, last=last)


def _marks(lane: ContestantView) -> list[dict[str, Any]]:
    """Where its runs were told to change something; what several did at once is there once."""
    changes = lane.changes or [()] * len(lane.histories)
    pairs = zip(lane.histories, changes, strict=True)
    found = [mark for history, own in pairs for mark in change_lines(history, own)]
    told = {(mark["step"], mark["text"]): mark for mark in found}
    return [{**mark, "seconds": json_number(mark["seconds"])} for mark in told.values()]


def history_curve(histories: Sequence[History], column: str) -> dict[str, list[float | None]]:
    """`column` against steps and seconds, thinned to `POINTS` at most.

    Of several histories the median, with `low` and `high` around it.
    """
    rows = [_known(history, column) for history in histories]
    longest = max(rows, key=len)
    kept = thin(list(longest))
    values = [[row[step][1] for row in rows if step in row] for step in kept]
    found: dict[str, list[float | None]] = {
        "step": list(kept),
        "seconds": [json_number(longest[step][0]) for step in kept],
        "values": [_median(each) for each in values],
    }
    if len(histories) > 1:
        found["low"] = [json_number(min(each)) for each in values]
        found["high"] = [json_number(max(each)) for each in values]
    return found


def _median(values: Sequence[float]) -> float | None:
    return json_number(median_or_none(values))


def _known(history: History, column: str) -> dict[int, tuple[float, float]]:
    """Seconds and value by step, where there is a value."""
    values = getattr(history, column)
    known = zip(history.step, history.seconds, values, strict=True)
    return {step: (seconds, value) for step, seconds, value in known if value is not None}


def thin(rows: Sequence[int], most: int = POINTS) -> list[int]:
    """Every so-many-th of `rows`, and the last: at most `most`.

    The stride is a power of two, so that the points which are drawn stay where they are while the
    line grows.
    """
    stride = 1
    while len(rows) / stride > most - 1:
        stride *= 2
    kept = list(rows[::stride])
    return kept if not rows or kept[-1] == rows[-1] else [*kept, rows[-1]]


def _probe(probe: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if probe is None:
        return None
    states = probe["states"]
    times = thin(range(len(states)), CELLS)
    units = range(min(CELLS, len(states[0]))) if states else range(0)
    return {
        "step": probe["step"],
        "norms": [json_number(norm) for norm in probe["norms"]],
        "times": [t + 1 for t in times],
        "H": len(units),
        # The stage's way: base64 of float32, a third of the text and safe for infinities.
        "states": _packed(array("f", [states[t][unit] for t in times for unit in units])),
        "attention": _attention(probe.get("attention") or []),
        "sample": probe.get("sample"),
    }


def _attention(rows: Sequence[Sequence[float]]) -> dict[str, Any] | None:
    """(U,T) shares in 256 levels, or None where nobody attends."""
    if not rows:
        return None
    U, T = min(CELLS, len(rows)), min(CELLS, len(rows[0]))
    levels = [round(255 * min(1.0, max(0.0, rows[u][t]))) for u in range(U) for t in range(T)]
    return {"U": U, "T": T, "shares": _packed(array("B", levels))}


def _heat(heat: Sequence[tuple[int, Sequence[float]]]) -> dict[str, Any] | None:
    """The norms of all moments, as logarithms in `FINEST` levels a decade; None before the first.

    One that is zero or no number is `NOTHING`.
    """
    measured = [moment for moment in heat if moment[1]]
    if not measured:
        return None
    # Those of an imported run may be anything; what was measured last is this model's.
    T = len(measured[-1][1])
    measured = [moment for moment in measured if len(moment[1]) == T]
    kept = [measured[row] for row in thin(range(len(measured)), CELLS)]
    times = thin(range(len(kept[0][1])), CELLS)
    logs = array("h", [_log(norms[t]) for _step, norms in kept for t in times])
    return {
        "steps": [step for step, _norms in kept],
        "times": [t + 1 for t in times],
        "logs": _packed(logs),
    }


def _log(norm: float) -> int:
    if not math.isfinite(norm) or norm <= 0:
        return NOTHING
    return max(NOTHING + 1, min(2**15 - 1, round(FINEST * math.log10(norm))))


def answers_payload(lanes: Sequence[ContestantView]) -> list[dict[str, Any]]:
    """Each question with what every contestant answers; none where nobody has been asked.

    Curves that are the same for all are the question's own.
    """
    given = [(lane.probe or {}).get("answers") or [] for lane in lanes]
    most = max(map(len, given), default=0)
    found = []
    for place in range(most):
        rows = [answers[place] if place < len(answers) else None for answers in given]
        asked = next(row for row in rows if row is not None)
        lines = [dict(row["lines"]) if row else {} for row in rows]
        common = {
            name
            for name in asked["lines"]
            if len({repr(each[name]) for each in lines if name in each}) == 1 and len(lines) > 1
        }
        found.append(
            {
                "question": asked["question"][:WORDS],
                "wanted": _(asked["wanted"])[:WORDS],
                "given": [visible(_(row["given"])[:WORDS]) if row else None for row in rows],
                "right": [row["right"] if row else None for row in rows],
                "lines": _curves({name: asked["lines"][name] for name in sorted(common)}),
                "own": [
                    _curves({name: each[name] for name in each if name not in common})
                    for each in lines
                ],
            }
        )
    return found


def _curves(lines: Mapping[str, Sequence[float | None]]) -> list[dict[str, Any]]:
    """Curves as thinned points."""
    found = []
    for name, values in lines.items():
        rows = [row for row, value in enumerate(values) if value is not None]
        kept = thin(rows, 120)
        ys = [json_number(values[row]) for row in kept]
        found.append({"name": _(name), "xs": kept, "ys": ys})
    return found


def _packed(numbers: "array[Any]") -> str:
    return base64.b64encode(numbers.tobytes()).decode("ascii")


def json_number(value: float | None) -> float | None:
    """A number that JSON can carry: six digits, None for what is not finite."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.6g}")
