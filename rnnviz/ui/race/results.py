"""The results of a race as rows: one for each contestant and one for each baseline."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import pandas as pd

from rnnviz.jobs import RunView
from rnnviz.messages import Message
from rnnviz.ui.language import _, say
from rnnviz.ui.live import ContestantView, median_or_none, score_step_text
from rnnviz.ui.run_text import STATE_TITLES, MetricFormat, metric_title
from rnnviz.ui.services.baselines import task_baselines

if TYPE_CHECKING:
    from rnnviz.tasks import Baseline, Split, Task


@dataclass(frozen=True)
class ResultRow:
    """One row: medians over the seeds; None where there is no such value.

    `test` is the metric on the test examples at the end; `metric` that on the validation examples
    at the `test_steps`, as `test_step_text` says where it is not the latest step. Metric and loss
    are not rounded: rounded here and again where they are shown, they would differ from the other
    pages.
    """

    name: str
    metric: float | None
    loss: float | None
    test: float | None = None
    state: str | None = None
    steps: int | None = None
    seconds: float | None = None
    steps_per_second: float | None = None
    units: int | None = None
    parameters: int | None = None
    multiply_adds: int | None = None
    reason: Message | None = None
    test_steps: tuple[int, ...] = ()
    test_step_text: str = ""


def contestant_row(contestant: ContestantView, runs: Sequence[RunView]) -> ResultRow:
    """The row of a contestant; `runs` are its own."""
    histories = [history for history in contestant.histories if history.step]
    # A stop falls between two rows of history; of several seeds the median counts.
    last_steps = median_or_none([history.step[-1] for history in histories])
    seconds = median_or_none([history.seconds[-1] for history in histories])
    speed = contestant.steps_per_second
    tests = [run.result.get("test") for run in runs if run.result is not None]
    return ResultRow(
        name=contestant.name,
        test=median_or_none([score for score in tests if score is not None]),
        metric=median_or_none(contestant.latest_values("validation_metric")),
        loss=median_or_none(contestant.latest_values("loss")),
        state=contestant.state,
        steps=contestant.step if len(contestant.histories) == 1 else int(last_steps or 0),
        seconds=None if seconds is None else round(seconds, 1),
        steps_per_second=None if speed is None else round(speed, 1),
        units=contestant.units,
        parameters=contestant.parameters,
        multiply_adds=contestant.multiply_adds,
        reason=next((run.reason for run in runs if run.reason is not None), None),
        test_steps=contestant.test_steps,
        test_step_text=score_step_text(contestant),
    )


def baseline_rows(task: "Task") -> list[ResultRow]:
    """A row for each baseline that has been computed, that of chance first."""
    from rnnviz.races.decisions import chance_baseline

    def methods(split: "Split") -> "tuple[Baseline, ...]":
        return (chance_baseline(task, split), *(task_baselines(task, split) or ()))

    tests = {each.title: each for each in methods("test")} if task.final_split == "test" else {}
    return [
        ResultRow(
            _(each.title),
            each.metric,
            tests.get(each.title, each).loss,
            test=tests[each.title].metric if each.title in tests else None,
        )
        for each in methods("validation")
    ]


def column_titles(task: "Task") -> dict[str, str]:
    """The titles of the columns by the fields of `ResultRow`, in order."""
    titles = {"name": _("Model")}
    if task.final_split == "test":
        titles["test"] = metric_title(task, "test")
    return titles | {
        "metric": metric_title(task, "validation"),
        "loss": _("Training loss"),
        "state": _("State"),
        "steps": _("Steps"),
        "seconds": _("Seconds"),
        "steps_per_second": _("Steps per second"),
        "units": _("Units"),
        "parameters": _("Parameters"),
        "multiply_adds": _("Multiply-adds per step, forward"),
        "reason": _("Why it ended"),
    }


def cell_texts(task: "Task", row: ResultRow) -> dict[str, str]:
    """`row` as a visitor reads it, by the fields of `ResultRow`."""
    values = _translate(row)
    texts = {field: number_text(values[field]) for field in column_titles(task)}
    metric_format = MetricFormat.of(task)
    if row.test is not None and "test" in texts:
        texts["test"] = metric_format.text(row.test)
    if row.metric is not None:
        score = metric_format.text(row.metric)
        texts["metric"] = f"{score} ({row.test_step_text})" if row.test_step_text else score
    return texts


def results_table(task: "Task", rows: Sequence[ResultRow]) -> pd.DataFrame:
    """All `rows` with unrounded metrics, to download."""
    titles = column_titles(task) | {"test_steps": _("Evaluated at step")}
    columns = {title: [_translate(row)[field] for row in rows] for field, title in titles.items()}
    return pd.DataFrame(columns)


def _translate(row: ResultRow) -> dict[str, str | float | None]:
    ends = row.test_steps if len(row.test_steps) < 2 else (row.test_steps[0], row.test_steps[-1])
    return {field.name: getattr(row, field.name) for field in fields(row)} | {
        "state": None if row.state is None else _(STATE_TITLES[row.state]),
        "reason": "" if row.reason is None else say(row.reason),
        "test_steps": "–".join(map(str, ends)),
    }


def number_text(value: str | float | None) -> str:
    """A value of the table: numbers with four digits, or all digits before the decimal point."""
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:,.0f}" if isinstance(value, int) or abs(value) >= 1000 else f"{value:.4g}"
