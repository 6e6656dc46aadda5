"""The scores of stored runs, and on which examples each of them was measured."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rnnviz.messages import Message, Problem
from rnnviz.store import RunRow
from rnnviz.ui.language import _
from rnnviz.ui.live import is_outdated
from rnnviz.ui.run_text import SPLIT_NOTES, MetricFormat, example_kind
from rnnviz.ui.services.store import open_store
from rnnviz.ui.services.uploads import restore_upload

if TYPE_CHECKING:
    from rnnviz.tasks.framework.kinds import ExampleKind, Split


@dataclass(frozen=True)
class _Measure:
    """How the metric of a task is written, and on which examples its models are measured."""

    metric_format: MetricFormat
    curve_kind: "ExampleKind"
    final_split: "Split"


def test_score(row: RunRow) -> float | None:
    """The metric on the test examples at the end of the run; of earlier versions there is none.

    Nor of a run that has not finished, or whose task has no examples for a test.
    """
    # A list reads no results; the column has the number without them.
    score = row.test_score if row.result is None else row.result.get("test")
    return score if isinstance(score, int | float) and math.isfinite(score) else None


def lacks_test_score(row: RunRow) -> bool:
    """Whether the run was not measured on the test examples of its task because it was cut short.

    One that has finished without was stored by an earlier version.
    """
    measure = _measure(row)
    has_tests = measure is not None and measure.final_split == "test"
    return has_tests and row.state != "finished" and test_score(row) is None


def common_split(rows: Sequence[RunRow]) -> "Split":
    """The split by which all `rows` can be compared: scores on two splits are never mixed."""
    return "test" if all(test_score(row) is not None for row in rows) else "validation"


def score(row: RunRow, split: "Split") -> float | None:
    """The metric of the run on `split`: at its end, or at the last point of its curve."""
    return test_score(row) if split == "test" else row.validation_metric


def score_text(row: RunRow, split: "Split") -> str:
    """That metric with its unit, the examples, and the step, if that is not the run's latest.

    A bare number if the task cannot be read.
    """
    value = score(row, split)
    if value is None:
        return "—"
    measure = _measure(row)
    text = f"{value:.4g}" if measure is None else measure.metric_format.text(value)
    if split == "validation" and is_outdated(row.state, row.tested_step, row.steps):
        text = _("{score} at step {step}", score=text, step=row.tested_step)
    return _(SPLIT_NOTES[_kind(measure, split)], score=text)


def final_text(row: RunRow) -> str:
    """The test score; of a run without one, the last point of its curve."""
    return score_text(row, common_split([row]))


def curve_kind(row: RunRow) -> "ExampleKind":
    """What the examples of the run's curve are."""
    return _kind(_measure(row), "validation")


def end_reason(row: RunRow) -> Message | None:
    """Why the run ended.

    Earlier versions spoke of validation also where training draws the same examples.
    """
    from rnnviz.training import trainer

    in_training = {
        trainer.TARGET_REACHED: trainer.TARGET_REACHED_IN_TRAINING,
        trainer.NO_PROGRESS: trainer.NO_PROGRESS_IN_TRAINING,
    }
    reason = row.reason
    if reason is None or reason.template not in in_training or curve_kind(row) == "validation":
        return reason
    return Message(in_training[reason.template], reason.values)


def _kind(measure: _Measure | None, split: "Split") -> "ExampleKind":
    return "test" if split == "test" else measure.curve_kind if measure else "validation"


def _measure(row: RunRow) -> _Measure | None:
    """The metric of the run's task, which may depend on its settings and on a file."""
    try:
        return _task_measure(json.dumps(row.experiment.get("task", {}), sort_keys=True))
    except Problem:  # a setting of another version, or a file that is no longer available
        return None


@lru_cache(maxsize=1000)
def _task_measure(task: str) -> _Measure:
    from rnnviz.training import Experiment

    plain, store = {"task": json.loads(task)}, open_store()
    if store is not None:
        restore_upload(store, plain)
    parsed = Experiment.from_plain(plain).task
    return _Measure(MetricFormat.of(parsed), example_kind(parsed, "validation"), parsed.final_split)
