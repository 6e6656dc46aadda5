"""Trained models: each is trained on first use and shared by all visitors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:  # Torch stays out of the start of the web process.
    from rnnviz.model import SequenceModel
    from rnnviz.training import Experiment

CACHED_MODELS = 64
"""The most models in the cache; one takes some ten kilobytes."""


@dataclass
class _CacheEntry:
    """One model, which the holder of the lock may set."""

    lock: Lock = field(default_factory=Lock)
    model: "SequenceModel | None" = None


# The entry is cached empty and filled outside, because a cached function may not draw progress.
@st.cache_resource(max_entries=CACHED_MODELS, show_spinner=False)
def _entry(experiment: str) -> _CacheEntry:
    return _CacheEntry()


def trained_model(experiment: "Experiment", progress: Callable[[float], None]) -> "SequenceModel":
    """The trained model of `experiment`, which must not be changed.

    While a new one is trained, `progress` is called with the share that is done, and other visitors
    who need the same model wait.
    """
    from rnnviz.model import SequenceModel
    from rnnviz.training import fit

    entry = _entry(experiment.to_json())
    with entry.lock:
        if entry.model is None:
            with _fast_cpu():
                model = fit(experiment, progress)
            assert isinstance(model, SequenceModel), "the lessons have no other models"
            entry.model = model
        return entry.model


@contextmanager
def _fast_cpu() -> Iterator[None]:
    """Train without denormal numbers, on which a processor is ten times slower, in this thread.

    And with one thread for each operation: on a busy machine the threads of so small an operation
    spend their time waiting for each other, and the server has other sessions to serve.
    """
    import torch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
