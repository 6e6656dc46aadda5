"""A whole run in one value, for export and import."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rnnviz.messages import Message
from rnnviz.names import RunState

HISTORY_COLUMNS = ("step", "seconds", "loss", "train_metric", "validation_metric", "lr", "norm")
"""The columns of a history."""

ROWS = 40_000
"""Rows of history that a bundle may have."""

WHOLE = 60 * 2**20
"""Bytes of weights, checkpoint and file that leave together: as many as are let in again."""

SEEN = 4 * 2**20
"""Characters of JSON that its looks may have together."""


@dataclass(frozen=True)
class SavedStep:
    """The weights after `step` steps (safetensors), and the look inside the model then."""

    step: int
    weights: bytes
    snapshot: dict[str, Any]


@dataclass(frozen=True)
class Checkpoint:
    """All that is needed to go on after `step` steps (safetensors)."""

    step: int
    content: bytes


@dataclass(frozen=True)
class Upload:
    """A visitor's file that the task of a run reads."""

    title: str
    content: bytes

    @property
    def key(self) -> str:
        """By which the task names it: the SHA-256 of its content."""
        return hashlib.sha256(self.content).hexdigest()


def named_file(experiment: Mapping[str, Any]) -> str:
    """The key of the visitor's file that the task of `experiment` names; "" for none."""
    task = experiment.get("task")
    key = task.get("file") if isinstance(task, Mapping) else None
    return key if isinstance(key, str) else ""


@dataclass(frozen=True)
class Bundle:
    """Everything about a run; `history` are the rows in the order of their steps."""

    experiment: dict[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    state: RunState = "finished"
    name: str = ""
    note: str = ""
    reason: Message | None = None
    result: dict[str, Any] | None = None
    history: tuple[dict[str, Any], ...] = ()
    saved_steps: tuple[SavedStep, ...] = ()
    checkpoint: Checkpoint | None = None
    file: Upload | None = None
