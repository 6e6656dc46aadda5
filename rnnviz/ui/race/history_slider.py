"""The history of a race's weights: every view at a chosen moment of the training."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.jobs import RaceView, RunView
from rnnviz.messages import Problem
from rnnviz.ui import session, show
from rnnviz.ui.language import _, say
from rnnviz.ui.live import ContestantView
from rnnviz.ui.pages import ROOT
from rnnviz.ui.services.training import RaceSetup, service
from rnnviz.ui.step_through_check import step_through_problem

if TYPE_CHECKING:
    from rnnviz.training import Experiment

STEP, RUNS = "pages/learn/step.py", "pages/train/runs.py"

MAX_SNAPSHOTS = 24
"""The looks back that a session keeps: of six models at some moments, each up to a megabyte."""


def saved_steps(asked: RaceSetup, view: RaceView | None) -> list[int]:
    """The steps at which the weights of the contestants' first runs are kept."""
    runs = () if view is None else view.runs[: asked.contestants]
    return sorted({step for run in runs for step in run.saved_steps})


def views_at_step(
    asked: RaceSetup, lanes: Sequence[ContestantView], view: RaceView, at: int
) -> list[ContestantView]:
    """`lanes` with the looks that their first models' weights at the moment `at` give."""
    found = []
    for lane, run, experiment in zip(lanes, view.runs, asked.experiments, strict=False):
        probe = _look(run, experiment, at)
        found.append(lane if probe is None else replace(lane, probe=probe))
    return found


def _look(run: RunView, experiment: "Experiment", at: int) -> dict[str, Any] | None:
    """The look at `run` at its latest moment that is not after `at`."""
    from rnnviz.races.setup import snapshot_at

    step = max((step for step in run.saved_steps if step <= at), default=None)
    if step is None:
        return None
    kept: dict[tuple[str, int], dict[str, Any]] = session.get_or_create("race.looks", dict)
    asked = (run.run_id, step)
    if asked not in kept:
        try:
            weights = service().weights(run.run_id, step)
            if weights is None:
                return None
            kept[asked] = snapshot_at(experiment, step, weights)
        except Problem:
            return None  # diverged by then: the last look at it stays
        while len(kept) > MAX_SNAPSHOTS:
            del kept[next(iter(kept))]
    return kept[asked]


def draw_links(
    asked: RaceSetup, lanes: Sequence[ContestantView], view: RaceView, at: int | None
) -> None:
    """Links to the stored runs, and into the models at the moment `at`; or why there is none."""
    pairs = list(zip(lanes, view.runs, asked.experiments, strict=False))
    kept = [(lane, run, step_through_problem(each)) for lane, run, each in pairs if run.saved_steps]
    read = [(lane, run) for lane, run, reason in kept if reason is None]
    if read:
        with st.container(horizontal=True, key="race-steps"):
            st.markdown(_("Open in Step through:"))
            for lane, run in read:
                address = {"run": run.run_id}
                if at is not None:
                    address["moment"] = str(at)
                st.page_link(STEP, label=lane.name, query_params=address)
    reasons: dict[str, list[str]] = {}
    for lane, _run, reason in kept:
        if reason is not None:
            reasons.setdefault(say(reason), []).append(lane.name)
    for why, names in reasons.items():
        told = _("Not in Step through: {names}. {reason}", names=", ".join(names), reason=why)
        st.caption(show.escape_markdown(told))
    if (ROOT / RUNS).exists() and view.store_problem is None:
        st.page_link(RUNS, label=_("All stored runs"), icon=":material/inventory_2:")
