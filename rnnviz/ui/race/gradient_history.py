"""The gradient over the whole training, also where the trainer had no time to measure it."""

from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.jobs import RunView
from rnnviz.jobs.records import END_STATES, GradientNormHistory
from rnnviz.messages import Problem
from rnnviz.ui.background import BackgroundCache, is_shutting_down
from rnnviz.ui.services.training import service

if TYPE_CHECKING:
    from rnnviz.training import Experiment

KEPT = 60
"""Runs whose norms are remembered."""


class GradientHistory:
    """Gradient norms from the weights that a run has kept, one run after the other.

    A trainer measures them only where that costs it next to nothing; when it is over, the rest is
    made up for from the weights.
    """

    def __init__(self) -> None:
        self._found: BackgroundCache[GradientNormHistory] = BackgroundCache(
            "rnnviz gradients", KEPT
        )

    def of(self, run: RunView, experiment: "Experiment") -> tuple[GradientNormHistory, bool]:
        """The norms at the moments of `run`, as far as they are known, and whether that is all."""
        measured = {step for step, norms in run.gradient_norms if norms}
        if run.state not in END_STATES or not measured or measured >= {*run.saved_steps}:
            return run.gradient_norms, True
        answer = self._found.get(
            f"{run.run_id} {max(run.saved_steps)}", lambda: _measured(run, experiment)
        )
        return (run.gradient_norms, False) if answer is None else (answer.result(), True)


def _measured(run: RunView, experiment: "Experiment") -> GradientNormHistory:
    """The norms at all moments of `run`; without those whose weights are gone or not finite."""
    from rnnviz.races.setup import example_gradient_norms

    found = {step: norms for step, norms in run.gradient_norms if norms}
    for step in run.saved_steps:
        if is_shutting_down():
            break
        try:
            weights = None if step in found else service().weights(run.run_id, step)
            if weights is not None:
                found[step] = example_gradient_norms(experiment, weights)
        except Problem:
            continue  # the picture has a gap there
    return tuple(sorted(found.items()))


@st.cache_resource(show_spinner=False)
def gradient_history() -> GradientHistory:
    """That of this server."""
    return GradientHistory()
