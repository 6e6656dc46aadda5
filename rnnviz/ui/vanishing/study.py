"""The study behind the page, measured once for all visitors."""

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.jobs.apart import Call
from rnnviz.messages import Problem
from rnnviz.ui import show
from rnnviz.ui.background import computed
from rnnviz.ui.services.computations import computations
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.gradient_flow import FlowResult, FlowSettings

MEASURE = "rnnviz.gradient_flow.study:measure_by_cell"


def measure(settings: "FlowSettings") -> "FlowResult":
    """The study of `settings`, which all visitors share and must not change.

    Where it has to be computed, in a process of its own, the page says so here; where it cannot be
    computed, the page says why and ends.
    """
    try:
        result: FlowResult = computed(MEASURE, replace(settings, clip=None))
    except Problem as problem:
        show.problem(problem)
        st.stop()
    return result if settings.clip is None else _clipped(settings, result)


def prefetch() -> None:
    """Let the study of the default settings be computed before the first visitor comes."""
    from rnnviz.gradient_flow import FlowSettings

    computations().prefetch(Call(MEASURE, (FlowSettings(),)))


@shared(max_entries=100)
def _clipped(settings: "FlowSettings", _result: "FlowResult") -> "FlowResult":
    """The study `_result` with the clip of `settings`: only one number of each network differs."""
    from rnnviz.gradient_flow import with_clip

    assert settings.clip is not None
    return with_clip(_result, settings.clip)
