"""How a run's state and its metric are written: with the same words on every page."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from rnnviz.messages import N_
from rnnviz.ui.language import _
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.tasks import Task
    from rnnviz.tasks.framework.kinds import ExampleKind, Split

T = TypeVar("T")

STATE_TITLES = {
    "ready": N_("ready"),
    "queued": N_("waiting"),
    "running": N_("training"),
    "paused": N_("paused"),
    "stopping": N_("stopping …"),
    "finished": N_("done"),
    "stopped": N_("stopped"),
    "failed": N_("failed"),
    "interrupted": N_("interrupted"),
}
"""The states of a run, and that of one which has not been started."""

METRIC_TITLES: "dict[ExampleKind, str]" = {
    "memorised": N_("{metric} on the training examples, learned by heart"),
    "drawn": N_("{metric} on examples that training draws as well"),
    "validation": N_("{metric} on the validation examples"),
    "test": N_("{metric} on the test examples"),
}
"""The name of a metric with the examples on which it is measured."""

EXAMPLES: "dict[ExampleKind, str]" = {
    "memorised": N_(
        "Measured on the {count} training {count:example itself|examples themselves}: this task is "
        "learned by heart, so there are no others."
    ),
    "drawn": N_(
        "Measured on {count} examples that training draws as well: there are too few different "
        "ones to hold some back for a test."
    ),
    "validation": N_(
        "Measured on the {count} validation {count:example|examples} of the curve, which training "
        "does not draw: there are too few different ones to hold others back for a test."
    ),
    "test": N_(
        "Measured on {count} test {count:example|examples}, apart from the {validation} validation "
        "{validation:example|examples} of the curve."
    ),
}
"""On which examples a race is judged."""

SOME_EXAMPLES = N_(
    "Measured on {count} of {size} test examples, apart from the {validation} validation "
    "{validation:example|examples} of the curve."
)

SOME_BY_HEART = N_(
    "Measured on {count} of the {size} training examples themselves: this task is learned by "
    "heart, so there are no others."
)

SPLIT_NOTES: "dict[ExampleKind, str]" = {
    "memorised": N_("{score} (learned by heart)"),
    "drawn": N_("{score} (examples of training)"),
    "validation": N_("{score} (validation)"),
    "test": N_("{score} (test)"),
}
"""A score where scores on different examples stand below each other."""

CURVE_COLUMNS: "dict[ExampleKind, str]" = {
    "memorised": "memorised_metric",
    "drawn": "training_examples_metric",
}
"""The name of the column of a curve in a download, where it is not "validation_metric"."""

SMALLEST_SHARE = 1e-4
"""The smallest share that is written in digits."""


@dataclass(frozen=True)
class MetricFormat:
    """The name of a task's metric (a message), its unit, and whether it is a share of 1.

    Only runs with equal formats share an axis.
    """

    name: str
    unit: str
    share: bool

    @classmethod
    def of(cls, task: "Task") -> "MetricFormat":
        """The format of the metric of `task`."""
        return cls(task.metric_name, task.metric_unit, task.is_share)

    @property
    def scale(self) -> float:
        """The factor that converts a value to the unit."""
        return 100.0 if self.share else 1.0

    def text(self, value: float) -> str:
        """A value for a reader: a share in percent, an error with its unit."""
        if self.share and 0 < value < SMALLEST_SHARE:
            return _("under 0.01 %")  # its digits would claim more than any validation can show
        return f"{self.scale * value:.3g} {_(self.unit)}".rstrip()


def example_kind(task: "Task", split: "Split") -> "ExampleKind":
    """What the examples of `split` are on which a model of `task` is measured."""
    if split == "test":
        return "test"
    settings: Any = task
    key = json.dumps({"name": task.name, **asdict(settings)}, sort_keys=True)
    return _curve_kind(key, task)


@shared(max_entries=1000)
def _curve_kind(key: str, _task: "Task") -> "ExampleKind":
    """The kind of the examples of a curve; to find it, some are drawn. `key`: task and settings."""
    return _task.curve_examples


def metric_title(task: "Task", split: "Split") -> str:
    """The name of the task's metric with the examples on which it is measured."""
    return _(METRIC_TITLES[example_kind(task, split)], metric=_(task.metric_name))


def examples_text(task: "Task") -> str:
    """On which examples, and how many, the final scores are measured."""
    split = task.final_split
    count, size = len(task.evaluation_batch(split)), task.size(split)
    template = EXAMPLES[task.final_examples]
    if size is not None and size > count:
        template = SOME_BY_HEART if task.memorised else SOME_EXAMPLES
    validation = len(task.evaluation_batch("validation"))
    return _(template, count=count, size=size, validation=validation)


def csv_columns(history: Mapping[str, T], kind: "ExampleKind") -> dict[str, T]:
    """The columns of a `history` for a download: that of the curve is named for its examples.

    In an archive, which is read again, it always has one name.
    """
    names = {"validation_metric": CURVE_COLUMNS.get(kind, "validation_metric")}
    return {names.get(name, name): column for name, column in history.items()}
