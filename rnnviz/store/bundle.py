"""A whole run in one value, for export and import."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnviz.store.columns import RunFields

MAX_ROWS = 40_000
"""History rows that a bundle may have."""

MAX_BYTES = 60 * 2**20
"""Bytes of weights, checkpoint and file in a bundle: as many as an import accepts."""

MAX_SNAPSHOTS = 4 * 2**20
"""Characters of JSON that its snapshots may have together."""


@dataclass(frozen=True)
class SavedStep:
    """The weights after `step` training steps (safetensors), and the snapshot of the model then."""

    step: int
    weights: bytes
    snapshot: dict[str, Any]


@dataclass(frozen=True)
class Checkpoint:
    """All that is needed to go on after `step` training steps (safetensors)."""

    step: int
    content: bytes


@dataclass(frozen=True)
class Upload:
    """A visitor's file that the task of a run reads."""

    title: str
    content: bytes

    @property
    def key(self) -> str:
        """The name of the file in an experiment: the SHA-256 of its content."""
        return hashlib.sha256(self.content).hexdigest()


def upload_key(experiment: Mapping[str, Any]) -> str:
    """The key of the visitor's file that the task of `experiment` reads; "" for none."""
    task = experiment.get("task")
    key = task.get("file") if isinstance(task, Mapping) else None
    return key if isinstance(key, str) else ""


@dataclass(frozen=True)
class Bundle(RunFields):
    """A run with everything that belongs to it; `history` are its rows in the order of steps."""

    history: tuple[dict[str, Any], ...] = ()
    saved_steps: tuple[SavedStep, ...] = ()
    checkpoint: Checkpoint | None = None
    file: Upload | None = None
