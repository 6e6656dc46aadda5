"""What the live view's component receives of each contestant."""

import math
from array import array
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from rnnviz.jobs import History
from rnnviz.ui.language import _
from rnnviz.ui.live.changes import SettingsChange, settings_changes
from rnnviz.ui.live.contestant_view import ContestantView, median_or_none
from rnnviz.ui.live.thinning import MAX_CELLS, json_number, pack, thin
from rnnviz.ui.run_text import STATE_TITLES

LOG_LEVELS = 500
"""Levels of a decade in a heatmap of norms."""

NO_LOG = -(2**15)
"""Stands for a norm without a logarithm."""


class Curve(TypedDict):
    """A column of the history; of several seeds the median, with a band around it."""

    steps: list[int]
    seconds: list[float | None]
    values: list[float | None]
    low: NotRequired[list[float | None]]
    high: NotRequired[list[float | None]]


class Attention(TypedDict):
    """Attention weights (outputSteps, inputSteps) as packed bytes, 255 for a weight of 1."""

    outputSteps: int
    inputSteps: int
    weights: str


class Snapshot(TypedDict):
    """A look inside the first seed's model; `hiddenStates` is packed float32 (timeSteps, units)."""

    step: int
    gradientNorms: list[float | None]
    timeSteps: list[int]
    units: int
    hiddenStates: str
    attention: Attention | None
    generatedText: str | None


class GradientHistory(TypedDict):
    """Gradient norms (steps, timeSteps) as packed int16: `LOG_LEVELS` times their log10.

    A norm that is zero or no number is `NO_LOG`.
    """

    steps: list[int]
    timeSteps: list[int]
    logs: str


class Contestant(TypedDict):
    """One contestant. `testStepText` is "" where the metric is that of the latest step."""

    code: str
    name: str
    colour: str
    state: str
    stateTitle: str
    queuePosition: int | None
    sizeText: str
    testStepText: str
    multiplyAdds: int
    seeds: int
    totalSteps: int | None
    step: int
    progress: float
    stepsPerSecond: float | None
    latestValidationMetric: float | None
    trainLoss: Curve
    validationMetric: Curve
    changes: list[SettingsChange]
    snapshot: Snapshot | None
    gradientHistory: GradientHistory | None


def contestant_payload(contestant: ContestantView) -> Contestant:
    """What the component receives of one contestant."""
    return {
        "code": contestant.code,
        "name": contestant.name,
        "colour": contestant.colour,
        "state": contestant.state,
        "stateTitle": _(STATE_TITLES[contestant.state]),
        "queuePosition": contestant.queue_position,
        "sizeText": _(
            "{units} {units:unit|units}, {count} {count:parameter|parameters}",
            units=contestant.units,
            count=contestant.parameters,
        ),
        "testStepText": score_step_text(contestant),
        "multiplyAdds": contestant.multiply_adds,
        "seeds": len(contestant.histories),
        "totalSteps": contestant.total_steps,
        "step": contestant.step,
        "progress": round(contestant.progress, 4),
        "stepsPerSecond": json_number(contestant.steps_per_second),
        "latestValidationMetric": json_number(
            median_or_none(contestant.latest_values("validation_metric"))
        ),
        "trainLoss": _curve(contestant.histories, "loss"),
        "validationMetric": _curve(contestant.histories, "validation_metric"),
        "changes": _changes(contestant),
        "snapshot": _snapshot(contestant.snapshot),
        "gradientHistory": _gradient_history(contestant.gradient_norms),
    }


def score_step_text(contestant: ContestantView) -> str:
    """At which step the score of `contestant` was measured; "" where it is the latest step."""
    if not contestant.has_outdated_score:
        return ""
    first, last = contestant.test_steps[0], contestant.test_steps[-1]
    if first == last:
        return _("at step {step}", step=first)
    return _("at steps {first} to {last}", first=first, last=last)


def _changes(contestant: ContestantView) -> list[SettingsChange]:
    """Where settings were changed; equal changes of several seeds at the same step once."""
    changes = contestant.changes or [()] * len(contestant.histories)
    rows = [
        row
        for history, own in zip(contestant.histories, changes, strict=True)
        for row in settings_changes(history, own)
    ]
    return list({(row["step"], row["text"]): row for row in rows}.values())


def _curve(histories: Sequence[History], column: str) -> Curve:
    """`column` against steps and seconds, thinned."""
    runs = [_known_values(history, column) for history in histories]
    longest = max(runs, key=len)
    steps = thin(list(longest))
    values = [[run[step][1] for run in runs if step in run] for step in steps]
    curve: Curve = {
        "steps": steps,
        "seconds": [json_number(longest[step][0]) for step in steps],
        "values": [json_number(median_or_none(row)) for row in values],
    }
    if len(histories) > 1:
        curve["low"] = [json_number(min(row)) for row in values]
        curve["high"] = [json_number(max(row)) for row in values]
    return curve


def _known_values(history: History, column: str) -> dict[int, tuple[float, float]]:
    """Seconds and value by step, where there is a value."""
    rows = zip(history.step, history.seconds, getattr(history, column), strict=True)
    return {step: (seconds, value) for step, seconds, value in rows if value is not None}


def _snapshot(snapshot: Mapping[str, Any] | None) -> Snapshot | None:
    if snapshot is None:
        return None
    states = snapshot["states"]
    rows = thin(range(len(states)), MAX_CELLS)
    units = range(min(MAX_CELLS, len(states[0]))) if states else range(0)
    return {
        "step": snapshot["step"],
        "gradientNorms": [json_number(norm) for norm in snapshot["norms"]],
        "timeSteps": [t + 1 for t in rows],
        "units": len(units),
        "hiddenStates": pack(array("f", [states[t][unit] for t in rows for unit in units])),
        "attention": _attention(snapshot.get("attention") or []),
        "generatedText": snapshot.get("sample"),
    }


def _attention(rows: Sequence[Sequence[float]]) -> Attention | None:
    """(U,T) weights in 256 levels; None for a model that does not attend."""
    if not rows:
        return None
    U, T = min(MAX_CELLS, len(rows)), min(MAX_CELLS, len(rows[0]))
    levels = [round(255 * min(1.0, max(0.0, rows[u][t]))) for u in range(U) for t in range(T)]
    return {"outputSteps": U, "inputSteps": T, "weights": pack(array("B", levels))}


def _gradient_history(rows: Sequence[tuple[int, Sequence[float]]]) -> GradientHistory | None:
    """The norms at all saved steps; None as long as none were measured."""
    measured = [row for row in rows if row[1]]
    if not measured:
        return None
    # Those of an imported run may be anything; what was measured last belongs to this model.
    T = len(measured[-1][1])
    measured = [row for row in measured if len(row[1]) == T]
    columns = [measured[number] for number in thin(range(len(measured)), MAX_CELLS)]
    times = thin(range(T), MAX_CELLS)
    logs = array("h", [_log_level(norms[t]) for _step, norms in columns for t in times])
    return {
        "steps": [step for step, _norms in columns],
        "timeSteps": [t + 1 for t in times],
        "logs": pack(logs),
    }


def _log_level(norm: float) -> int:
    if not math.isfinite(norm) or norm <= 0:
        return NO_LOG
    return max(NO_LOG + 1, min(2**15 - 1, round(LOG_LEVELS * math.log10(norm))))
