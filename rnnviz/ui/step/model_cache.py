"""Trained models, made on first use and the same for every visitor."""

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
"""How many models are kept; one weighs some ten kilobytes."""


@dataclass
class _Box:
    """A place for one model; whoever holds the lock may fill it."""

    lock: Lock = field(default_factory=Lock)
    model: "SequenceModel | None" = None


# The box is cached empty and filled outside, because a cached function may not draw progress.
@st.cache_resource(max_entries=CACHED_MODELS, show_spinner=False)
def _box(experiment: str) -> _Box:
    return _Box()


def trained_model(experiment: "Experiment", progress: Callable[[float], None]) -> "SequenceModel":
    """The trained model of `experiment`; `progress` hears the share that is done if it is new.

    A second visitor who wants the same model meanwhile waits for the first. Nobody may change it.
    """
    from rnnviz.model import SequenceModel
    from rnnviz.training import fit

    box = _box(experiment.to_json())
    with box.lock:
        if box.model is None:
            with _flushed():
                model = fit(experiment, progress)
            assert isinstance(model, SequenceModel), "the lessons train no other"
            box.model = model
        return box.model


@contextmanager
def _flushed() -> Iterator[None]:
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
