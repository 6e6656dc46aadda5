"""How stored runs are named and how their values are written."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from rnnviz.messages import N_, Problem
from rnnviz.settings import Choice, Rule, rules
from rnnviz.store import RunRow
from rnnviz.ui.language import _
from rnnviz.ui.live import is_outdated
from rnnviz.ui.run_text import MetricFormat
from rnnviz.ui.services import store as storage
from rnnviz.ui.services.uploads import restore_upload

if TYPE_CHECKING:
    from rnnviz.model import ModelSpec
    from rnnviz.tasks import Task


def tasks() -> dict[str, "type[Task]"]:
    """The registered tasks; imported with torch, on the first visit."""
    from rnnviz.tasks import TASKS

    return TASKS


def task_title(name: str | None) -> str:
    """The task's title; of one that this version does not know, its name."""
    found = tasks().get(name or "")
    return _(found.title) if found is not None else name or "—"


def model_title(row: RunRow) -> str:
    """Which model trained, with its units: "GRU · 16"."""
    from rnnviz.races.setup import model_title as title

    plain = row.experiment.get("model")
    spec = _spec(tuple(sorted(plain.items()))) if isinstance(plain, dict) else None
    name = _(title(spec)) if spec is not None else row.cell or "—"
    return name if row.hidden is None else f"{name} · {row.hidden}"


@lru_cache(maxsize=1000)
def _spec(plain: tuple[tuple[str, Any], ...]) -> "ModelSpec | None":
    from rnnviz.training import Experiment

    try:
        return Experiment.from_plain({"model": dict(plain)}).model
    except Problem:  # of another version
        return None


def name_of(row: RunRow) -> str:
    """The name that a visitor gave the run, else its task and model."""
    return row.name or f"{task_title(row.task)} · {model_title(row)}"


def distinct(names: Sequence[str]) -> list[str]:
    """`names`, numbered as far as it takes to tell them apart."""
    found: list[str] = []
    for name in names:
        other, number = name, 1
        while other in found:
            number += 1
            other = f"{name} ({number})"
        found.append(other)
    return found


def score(row: RunRow, value: float | None) -> str:
    """A value of the task's metric; its bare number where the task can no longer be read.

    With the step at which it was measured, where that is not where the run stands.
    """
    if value is None:
        return "—"
    found = measure_of(row)
    told = f"{value:.4g}" if found is None else found.text(value)
    if not is_outdated(row.state, row.tested_step, row.steps):
        return told
    return _("{score} at step {step}", score=told, step=row.tested_step)


def measure_of(row: RunRow) -> MetricFormat | None:
    """What the run is measured by: it may depend on the task's settings and on a visitor's file."""
    try:
        return _measure(json.dumps(row.experiment.get("task", {}), sort_keys=True))
    except Problem:  # a setting of another version, or a file that is not here any more
        return None


@lru_cache(maxsize=1000)
def _measure(task: str) -> MetricFormat:
    from rnnviz.training import Experiment

    plain, store = {"task": json.loads(task)}, storage.open_store()
    if store is not None:
        restore_upload(store, plain)
    return MetricFormat.of(Experiment.from_plain(plain).task)


def when(seconds: float) -> str:
    """A moment in seconds since 1970, by the visitor's clock."""
    return f"{datetime.fromtimestamp(seconds, _zone()):%Y-%m-%d %H:%M}"


def _zone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def lasted(seconds: float | None) -> str:
    """A duration as it is read."""
    if seconds is None:
        return "—"
    if seconds < 60:
        return _("{seconds} s", seconds=f"{seconds:.1f}")
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return _("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
    hours, minutes = divmod(minutes, 60)
    return _("{hours} h {minutes} min", hours=hours, minutes=minutes)


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
        return task_title(text)
    rule = _rule(path, experiment)
    if isinstance(rule, Choice):
        return _(rule.options.get(text, text))
    return {"True": _("yes"), "False": _("no")}.get(text, text)


def _rule(path: str, experiment: Mapping[str, Any]) -> Rule | None:
    from rnnviz.model import ModelSpec
    from rnnviz.training import Experiment, Optimiser

    part, _dot, name = path.rpartition(".")
    task = experiment.get("task")
    known = tasks().get(str(task.get("name"))) if isinstance(task, Mapping) else None
    owner = {"": Experiment, "model": ModelSpec, "optimiser": Optimiser, "task": known}.get(part)
    return None if owner is None else rules(owner).get(name)
