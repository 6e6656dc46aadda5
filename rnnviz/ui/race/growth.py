"""The gradient over the whole training, also where the trainer had no time to measure it."""

import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.jobs import RunView
from rnnviz.jobs.records import OVER, Heat
from rnnviz.messages import Problem
from rnnviz.ui.race.service import service

if TYPE_CHECKING:
    from rnnviz.training import Experiment

KEPT = 60
"""Runs whose norms are remembered."""


class Growth:
    """Gradient norms from the weights that a run has kept, one run after the other.

    A trainer measures them only where that costs it next to nothing; when it is over, the rest is
    made up for from the weights.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, "rnnviz gradients")
        self._found: OrderedDict[str, Future[Heat]] = OrderedDict()

    def of(self, run: RunView, experiment: "Experiment") -> tuple[Heat, bool]:
        """The norms at the moments of `run`, as far as they are known, and whether that is all."""
        measured = {step for step, norms in run.heat if norms}
        if run.state not in OVER or not measured or measured >= {*run.moments}:
            return run.heat, True
        with self._lock:
            if run.job not in self._found:
                self._found[run.job] = self._worker.submit(_measured, run, experiment)
                while len(self._found) > KEPT:
                    self._found.popitem(last=False)[1].cancel()
            self._found.move_to_end(run.job)
            asked = self._found[run.job]
        return (asked.result(), True) if asked.done() else (run.heat, False)


def _measured(run: RunView, experiment: "Experiment") -> Heat:
    """The norms at all moments of `run`; without those whose weights are gone or not finite."""
    from rnnviz.jobs.lineup import norms_of

    found = {step: norms for step, norms in run.heat if norms}
    for step in run.moments:
        try:
            weights = None if step in found else service().weights(run.job, step)
            if weights is not None:
                found[step] = norms_of(experiment, weights)
        except Problem:
            continue  # the picture has a gap there
    return tuple(sorted(found.items()))


@st.cache_resource(show_spinner=False)
def growth() -> Growth:
    """That of this server."""
    return Growth()
