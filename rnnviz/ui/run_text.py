"""How a run's state and its metric are written: with the same words on every page."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnviz.messages import N_
from rnnviz.ui.language import _

if TYPE_CHECKING:
    from rnnviz.tasks import Task
    from rnnviz.tasks.framework.kinds import ExampleKind, Split

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
        "Measured on the training examples themselves, {count} in number: this task is learned by "
        "heart, so there are no others."
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
    return "test" if split == "test" else task.curve_examples


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
