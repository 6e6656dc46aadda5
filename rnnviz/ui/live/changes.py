"""Where a run was told to change something: the grey lines of the live view, in words."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from rnnviz.jobs import History
from rnnviz.messages import N_
from rnnviz.ui.language import _

Change = tuple[int, Mapping[str, Any]]
"""The first step that was done with other settings, and these."""

WORDS = {
    "lr": N_("learning rate {value}"),
    "clip": N_("clipping {value}"),
    "forcing": N_("teacher forcing {value}"),
    "temperature": N_("temperature {value}"),
}
NO_CLIPPING = N_("no clipping")

SENT = 20
"""The most changes of a run that are drawn: the latest."""


def change_lines(history: History, changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Step, seconds and words of each of `changes`.

    A run stored by an early version tells none of them: only its learning rate can be seen.
    """
    found = []
    for step, values in (changes or _rates(history))[-SENT:]:
        told = ", ".join(filter(None, (_told(name, value) for name, value in values.items())))
        if told:
            found.append({"step": step, "seconds": _when(history, step), "text": told})
    return found


def _told(name: str, value: float | None) -> str:
    """ "" of what no line is drawn for."""
    if value is None:
        return _(NO_CLIPPING) if name == "clip" else ""
    return _(WORDS[name], value=f"{value:g}") if name in WORDS else ""


def _when(history: History, step: int) -> float | None:
    """The seconds of training at the row of `step`, or at the last before it."""
    row = min(bisect_left(history.step, step), len(history.step) - 1)
    return None if row < 0 else history.seconds[row]


def _rates(history: History) -> list[Change]:
    """The changes of the learning rate, as far as the rows of `history` show them."""
    found: list[Change] = []
    before = None
    for step, rate in zip(history.step, history.lr, strict=True):
        if before is not None and rate is not None and rate != before:
            found.append((step, {"lr": rate}))
        before = rate if rate is not None else before
    return found
