"""What the page shows, computed once for all visitors."""

from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.ideas.claims import Claim
from rnnviz.ideas.shapes.settings import LayerSettings
from rnnviz.messages import Message, Problem
from rnnviz.ui import show
from rnnviz.ui.background import computed
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.shapes.layers import Reading
    from rnnviz.ideas.shapes.loop import Loop
    from rnnviz.ideas.shapes.parts import Padded, Returned, TwoSequences

LARGE = 10_000_000
"""Products of one reading beyond which it takes a process of its own."""


def read(settings: LayerSettings) -> "Reading":
    """The layer of `settings` with what it reads and returns."""
    if _products(settings) < LARGE:
        return _read(settings)
    try:
        reading: Reading = computed("rnnviz.ideas.shapes.layers:read", settings)
    except Problem as problem:
        show.problem(problem)
        st.stop()
    return reading


def _products(settings: LayerSettings) -> int:
    """Roughly, how many states times weights the layer multiplies."""
    cells = settings.batch * settings.steps * settings.layers * settings.ways
    return cells * settings.hidden * (settings.hidden + settings.inputs)


@shared(max_entries=100)
def _read(settings: LayerSettings) -> "Reading":
    from rnnviz.ideas.shapes import layers

    return layers.read(settings)


@shared(max_entries=100)
def shapes_words(settings: LayerSettings, _reading: "Reading") -> tuple[Message, Claim]:
    """The finding and the claim of the first part."""
    from rnnviz.ideas.shapes import findings

    return findings.shapes_finding(_reading), findings.shapes_claim(_reading)


@shared(max_entries=100)
def returned(
    settings: LayerSettings, sequences: bool, state: bool, backwards: bool, _reading: "Reading"
) -> "tuple[Returned, Message, Claim]":
    """What a Keras layer returns, its finding and its claim."""
    from rnnviz.ideas.shapes import findings, parts

    values = parts.returned_values(settings, sequences=sequences, state=state, backwards=backwards)
    return (
        values,
        findings.returns_finding(_reading, values),
        findings.returns_claim(_reading, values),
    )


@shared(max_entries=100)
def padded(settings: LayerSettings, pads: int) -> "tuple[Padded, Message, Claim]":
    """A sequence with padding, its finding and its claim."""
    from rnnviz.ideas.shapes import findings, parts

    result = parts.pad(settings, pads)
    return result, findings.padding_finding(result), findings.padding_claim(result)


@shared(max_entries=100)
def weights_words(settings: LayerSettings, _reading: "Reading") -> tuple[Message, Claim]:
    """The finding and the claim of the same weights at every step."""
    from rnnviz.ideas.shapes import parts, time_findings

    error = parts.step_by_step_error(settings)
    return time_findings.weights_finding(_reading), time_findings.weights_claim(_reading, error)


@shared(max_entries=100)
def two_sequences(
    settings: LayerSettings, is_carried: bool
) -> "tuple[TwoSequences, Message, Claim]":
    """Two sequences one after the other, their finding and their claim."""
    from rnnviz.ideas.shapes import parts, time_findings

    two = parts.read_two(settings)
    return (
        two,
        time_findings.state_finding(two, is_carried=is_carried),
        time_findings.state_claim(two, is_carried=is_carried),
    )


@shared(max_entries=20)
def loop(settings: LayerSettings) -> "tuple[Loop, Message, Claim]":
    """The loop, line by line, its finding and its claim."""
    from rnnviz.ideas.shapes import time_findings
    from rnnviz.ideas.shapes.loop import run_loop

    result = run_loop(settings)
    return (
        result,
        time_findings.loop_finding(result, settings.cell),
        time_findings.loop_claim(result, settings.cell),
    )
