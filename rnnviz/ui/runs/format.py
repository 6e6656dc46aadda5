"""Texts about stored runs: their names, scores and times, and the labels of their settings."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from rnnviz.messages import N_, Problem
from rnnviz.settings import Choice, Rule, rules
from rnnviz.store import RunRow
from rnnviz.ui.language import _

if TYPE_CHECKING:
    from rnnviz.model import ModelSpec
    from rnnviz.tasks import Task

SETTING_LABELS = {
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
    "task.reading": N_("Corrections of the reading"),
    "model.bidirectional": N_("Both directions"),
    "model.front": N_("Convolution in front"),
    "model.deep_head": N_("Deep head"),
    "model.attention": N_("Attention"),
}
"""The settings that have no rule with a label of its own."""


def tasks() -> dict[str, "type[Task]"]:
    """The registered tasks; imported with torch, on the first visit."""
    from rnnviz.tasks import TASKS

    return TASKS


def task_title(name: str | None) -> str:
    """The title of the task; its name if this version does not have it."""
    task_type = tasks().get(name or "")
    return _(task_type.title) if task_type is not None else name or "—"


def model_title(row: RunRow) -> str:
    """The title of the model, with its units: "GRU · 16"."""
    from rnnviz.races.setup import model_title as title

    plain = row.experiment.get("model")
    spec = _model_spec(tuple(sorted(plain.items()))) if isinstance(plain, dict) else None
    name = _(title(spec)) if spec is not None else row.cell or "—"
    return name if row.hidden is None else f"{name} · {row.hidden}"


@lru_cache(maxsize=1000)
def _model_spec(plain: tuple[tuple[str, Any], ...]) -> "ModelSpec | None":
    from rnnviz.training import Experiment

    try:
        return Experiment.from_plain({"model": dict(plain)}).model
    except Problem:  # from another version
        return None


def run_name(row: RunRow) -> str:
    """The name that a visitor gave the run, else its task and model."""
    return row.name or f"{task_title(row.task)} · {model_title(row)}"


def unique_names(names: Sequence[str]) -> list[str]:
    """`names`, repeated ones with a number: "a", "a (2)"."""
    unique: list[str] = []
    for name in names:
        candidate, number = name, 1
        while candidate in unique:
            number += 1
            candidate = f"{name} ({number})"
        unique.append(candidate)
    return unique


def timestamp(seconds: float) -> str:
    """A time in seconds since 1970, by the visitor's clock."""
    return f"{datetime.fromtimestamp(seconds, _time_zone()):%Y-%m-%d %H:%M}"


def _time_zone() -> tzinfo:
    """That of the browser, which may name any; else what its clock differs from UTC."""
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):  # "+09:00", "/etc", "America"
        return ZoneInfo(st.context.timezone or "")
    with suppress(ValueError):  # more than a day
        return timezone(-timedelta(minutes=st.context.timezone_offset or 0))
    return UTC


def duration(seconds: float | None) -> str:
    """A duration in hours, minutes and seconds."""
    if seconds is None:
        return "—"
    if seconds < 60:
        return _("{seconds} s", seconds=f"{seconds:.1f}")
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return _("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
    hours, minutes = divmod(minutes, 60)
    return _("{hours} h {minutes} min", hours=hours, minutes=minutes)


def setting_label(path: str, *experiments: Mapping[str, Any]) -> str:
    """The label of the setting at `path` ("model.hidden"), else the path itself.

    `experiments` are plain data, perhaps of another version; the first that has the label counts.
    """
    if path in SETTING_LABELS:
        return _(SETTING_LABELS[path])
    rules_at_path = (_rule(path, experiment) for experiment in experiments)
    labels = (_(rule.label) for rule in rules_at_path if rule is not None and rule.label)
    return next(labels, path)


def setting_value(path: str, text: str, experiment: Mapping[str, Any]) -> str:
    """The value `text` of the setting at `path` with the words of the control that sets it."""
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
    task_type = tasks().get(str(task.get("name"))) if isinstance(task, Mapping) else None
    owners = {"": Experiment, "model": ModelSpec, "optimiser": Optimiser, "task": task_type}
    owner = owners.get(part)
    return None if owner is None else rules(owner).get(name)
