"""Helpers of the tests of the store: realistic runs, and stores for them."""

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from rnnviz.messages import Problem
from rnnviz.store import HISTORY_COLUMNS, Store
from rnnviz.store.server.deletions import UNDO_SECONDS


def an_experiment(task: str = "hello", cell: str = "gru", **others: Any) -> dict[str, Any]:
    """An experiment as plain data."""
    model = {"family": "recurrent", "cell": cell, "hidden": 16, **others.pop("model", {})}
    return {"task": {"name": task}, "model": model, "seed": 3, "device": "cpu", **others}


def tensors(seed: int, size: int = 4) -> bytes:
    """Weights as safetensors."""
    return save({"w": np.random.default_rng(seed).normal(size=size).astype(np.float32)})


def some_rows(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """A history as training writes it: every fifth row with a validation."""
    draw = random.Random(seed)
    return [
        {
            "step": 3 * number,
            "seconds": number / 8,
            "loss": draw.random() if number else None,
            "train_metric": draw.random() if number else None,
            "validation_metric": draw.random() if number % 5 == 0 else None,
            "lr": 0.01,
            "norm": draw.random(),
        }
        for number in range(count)
    ]


def as_columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """The same history by columns."""
    return {name: [row[name] for row in rows] for name in HISTORY_COLUMNS}


class FlushedStore(Store):
    """A store whose queries include what was written to it before, as tests want to read it."""

    @contextmanager
    def _query(self) -> Iterator[sqlite3.Connection]:
        # The lock of the flushes first: of its own accord one does not wait long for another.
        with suppress(Problem), self._flush_lock:
            self.flush()
        with super()._query() as connection:
            yield connection


def delete_for_good(store: Store, runs: Sequence[str]) -> None:
    """Delete runs, as it is a minute later."""
    store.delete(runs)
    clock = store._clock
    store._clock = lambda: clock() + UNDO_SECONDS + 1
    store.beat()
    store._clock = clock


@contextmanager
def open_store(folder: Path, **options: Any) -> Iterator[Store]:
    """A store that is closed at the end, and flushed before each query."""
    store = FlushedStore(folder, **options)
    try:
        yield store
    finally:
        store.close()
