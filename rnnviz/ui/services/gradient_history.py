"""The gradient over the whole training, also where the trainer had no time to measure it."""

from typing import TYPE_CHECKING

from rnnviz.jobs import RunView
from rnnviz.jobs.records import END_STATES, GradientNormHistory
from rnnviz.messages import Problem
from rnnviz.ui.background import BackgroundCache, is_shutting_down
from rnnviz.ui.services.singletons import singleton
from rnnviz.ui.services.training import service

if TYPE_CHECKING:
    from rnnviz.training import Experiment

CACHED_RUNS = 60
"""The most runs whose norms are cached."""


class GradientHistory:
    """Gradient norms from the weights that a run has stored, one run after the other.

    A trainer measures them only where that costs it next to nothing; when the run is over, the rest
    is computed from the weights.
    """

    def __init__(self) -> None:
        self._cache: BackgroundCache[GradientNormHistory] = BackgroundCache(
            "rnnviz gradients", CACHED_RUNS
        )

    def get(self, run: RunView, experiment: "Experiment") -> tuple[GradientNormHistory, bool]:
        """The norms at the saved steps of `run`, as far as they are known; whether that is all."""
        measured = {step for step, norms in run.gradient_norms if norms}
        if run.state not in END_STATES or not measured or measured >= {*run.saved_steps}:
            return run.gradient_norms, True
        key = f"{run.run_id} {max(run.saved_steps)}"
        future = self._cache.get(key, lambda: _complete_norms(run, experiment))
        return (run.gradient_norms, False) if future is None else (future.result(), True)


def _complete_norms(run: RunView, experiment: "Experiment") -> GradientNormHistory:
    """The norms at all saved steps of `run`, except where the weights are gone or not finite."""
    from rnnviz.races.setup import example_gradient_norms

    norms_by_step = {step: norms for step, norms in run.gradient_norms if norms}
    for step in run.saved_steps:
        if is_shutting_down():
            break
        try:
            weights = None if step in norms_by_step else service().weights(run.run_id, step)
            if weights is not None:
                norms_by_step[step] = example_gradient_norms(experiment, weights)
        except Problem:
            continue  # the heatmap has a gap there
    return tuple(sorted(norms_by_step.items()))


@singleton()
def gradient_history() -> GradientHistory:
    """The gradient history service of this server."""
    return GradientHistory()
