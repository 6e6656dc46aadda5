"""The settings that were changed while a run was training: the grey lines of the live view."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from rnnviz.jobs import History
from rnnviz.messages import N_
from rnnviz.ui.language import _
from rnnviz.ui.live.thinning import json_number

Change = tuple[int, Mapping[str, Any]]
"""The first training step with other settings, and these."""

TEMPLATES = {
    "lr": N_("learning rate {value}"),
    "clip": N_("clipping {value}"),
    "forcing": N_("teacher forcing {value}"),
    "temperature": N_("temperature {value}"),
}
NO_CLIPPING = N_("no clipping")

MAX_CHANGES = 20
"""The most changes of a run that are drawn: the latest."""


class SettingsChange(TypedDict):
    """A change at a training step; `seconds` is None before the run's first row."""

    step: int
    seconds: float | None
    text: str


def settings_changes(history: History, changes: Sequence[Change]) -> list[SettingsChange]:
    """Step, seconds and text of each of `changes`.

    A run stored by an early version has no list of them: only changes of its learning rate can be
    derived from `history`.
    """
    rows: list[SettingsChange] = []
    for step, values in (changes or _rate_changes(history))[-MAX_CHANGES:]:
        text = ", ".join(setting_texts(values))
        if text:
            rows.append({"step": step, "seconds": _seconds(history, step), "text": text})
    return rows


def setting_texts(values: Mapping[str, float | None]) -> list[str]:
    """Each of the settings with its value, apart from those that no line is drawn for."""
    return [text for name, value in values.items() if (text := _text(name, value))]


def _text(name: str, value: float | None) -> str:
    """ "" for a setting that no line is drawn for."""
    if value is None:
        return _(NO_CLIPPING) if name == "clip" else ""
    return _(TEMPLATES[name], value=f"{value:g}") if name in TEMPLATES else ""


def _seconds(history: History, step: int) -> float | None:
    """The seconds of training at the row of `step`, or at the last before it."""
    row = min(bisect_left(history.step, step), len(history.step) - 1)
    return None if row < 0 else json_number(history.seconds[row])


def _rate_changes(history: History) -> list[Change]:
    """The changes of the learning rate, as far as the rows of `history` show them."""
    changes: list[Change] = []
    before = None
    for step, rate in zip(history.step, history.lr, strict=True):
        if before is not None and rate is not None and rate != before:
            changes.append((step, {"lr": rate}))
        before = rate if rate is not None else before
    return changes
