"""Helpers of the tests of the store: realistic runs, and stores for them."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from rnnviz.store import HISTORY_COLUMNS, Store


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


@contextmanager
def open_store(folder: Path, **options: Any) -> Iterator[Store]:
    """A store that is closed at the end."""
    store = Store(folder, **options)
    try:
        yield store
    finally:
        store.close()
