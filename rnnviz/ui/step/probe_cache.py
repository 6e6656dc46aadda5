"""Probes of what states remember: each is trained on first use and shared by all visitors."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:  # Torch stays out of the start of the web process.
    from rnnviz.memory import ProbeCurve
    from rnnviz.model import SequenceModel
    from rnnviz.tasks import Task

CACHED_CURVES = 64
"""The most curves in the cache; one takes some fifty kilobytes at 16 units."""


@dataclass(frozen=True, eq=False)
class ProbedModel:
    """A model whose states a probe reads; `key` names its task and its weights, no other's."""

    key: str
    task: "Task"
    model: "SequenceModel"


def probe_curve(probed: ProbedModel, first: int, T: int) -> "ProbeCurve":
    """The curve of a model on which a text of T tokens that begins with the id `first` has a place.

    Raises:
        Problem: the vocabulary is too small to tell first tokens apart.
    """
    from rnnviz.memory import including, probe_lengths

    candidates = including(_opening_tokens(probed.key, probed.task), first)
    return _curve(probed.key, candidates, probe_lengths(T), probed.model)


@st.cache_resource(max_entries=CACHED_CURVES, show_spinner=False)
def _opening_tokens(key: str, _task: "Task") -> tuple[int, ...]:
    from rnnviz.memory import opening_tokens

    return opening_tokens(_task)


@st.cache_resource(max_entries=CACHED_CURVES, show_spinner=False)
def _curve(
    key: str, candidates: tuple[int, ...], lengths: tuple[int, ...], _model: "SequenceModel"
) -> "ProbeCurve":
    import torch

    from rnnviz.memory import first_token_probe

    return first_token_probe(_model, lengths, candidates, torch.Generator().manual_seed(0))
