"""What the settings of a stored run are called, and how their values are written for a reader."""

from collections.abc import Mapping
from typing import Any

from rnnviz.messages import N_
from rnnviz.settings import Choice, Rule, rules
from rnnviz.ui.language import _
from rnnviz.ui.runs import format

PLAIN = {
    "id": N_("Id"),
    "created": N_("Created"),
    "parameters": N_("Parameters"),
    "step_multiply_adds": N_("Multiply-adds per step, forward"),
    "multiply_adds": N_("Multiply-adds of one sequence, forward"),  # of earlier versions
    "size": N_("Training examples"),
    "processor": N_("Processor"),
    "versions.python": "Python",
    "versions.torch": "PyTorch",
    "task.name": N_("Task"),
    "task.file": N_("File"),
    "task.column": N_("Column"),
    "model.bidirectional": N_("Both directions"),
    "model.front": N_("Convolution in front"),
    "model.deep_head": N_("Deep head"),
    "model.attention": N_("Attention"),
}
"""The settings that have no rule with a label of its own."""


def setting(path: str, *experiments: Mapping[str, Any]) -> str:
    """The label of the setting at `path` ("model.hidden") of the first that has one there.

    `experiments` are plain data, perhaps of another version. Without a label the path itself.
    """
    if path in PLAIN:
        return _(PLAIN[path])
    found = (_rule(path, each) for each in experiments)
    return next((_(rule.label) for rule in found if rule is not None and rule.label), path)


def value(path: str, text: str, experiment: Mapping[str, Any]) -> str:
    """The value `text` of the setting at `path` as the page that sets it writes it."""
    if path == "task.name":
        return format.task_title(text)
    rule = _rule(path, experiment)
    if isinstance(rule, Choice):
        return _(rule.options.get(text, text))
    return {"True": _("yes"), "False": _("no")}.get(text, text)


def _rule(path: str, experiment: Mapping[str, Any]) -> Rule | None:
    from rnnviz.model import ModelSpec
    from rnnviz.training import Experiment, Optimiser

    part, _dot, name = path.rpartition(".")
    task = experiment.get("task")
    known = format.tasks().get(str(task.get("name"))) if isinstance(task, Mapping) else None
    owner = {"": Experiment, "model": ModelSpec, "optimiser": Optimiser, "task": known}.get(part)
    return None if owner is None else rules(owner).get(name)
