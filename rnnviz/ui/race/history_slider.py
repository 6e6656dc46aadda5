"""The saved steps of a race: every view at a chosen step, and links that open it there."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.jobs import RaceView, RunView
from rnnviz.messages import N_, Problem
from rnnviz.ui import show
from rnnviz.ui.language import _, say
from rnnviz.ui.live import ContestantView
from rnnviz.ui.pages import ROOT
from rnnviz.ui.services.training import RaceSetup, service
from rnnviz.ui.shared_cache import shared
from rnnviz.ui.step_through_check import step_through_problem

if TYPE_CHECKING:
    from rnnviz.training import Experiment

STEP, RUNS = "pages/learn/step.py", "pages/train/runs.py"

MAX_SNAPSHOTS = 60
"""The most snapshots that are kept for all visitors, each up to a megabyte."""

NO_WEIGHTS = N_("The weights of step {step} are no longer there.")


def saved_steps(setup: RaceSetup, race: RaceView | None) -> list[int]:
    """The steps at which the weights of the contestants' first runs are stored."""
    runs = () if race is None else race.runs[: setup.contestants]
    return sorted({step for run in runs for step in run.saved_steps})


def views_at_step(
    setup: RaceSetup, contestants: Sequence[ContestantView], race: RaceView, step: int
) -> list[ContestantView]:
    """`contestants` with the snapshots of their first models at the saved step `step`."""
    views = []
    for view, run, experiment in zip(contestants, race.runs, setup.experiments, strict=False):
        snapshot = _snapshot_at(run, experiment, step)
        views.append(view if snapshot is None else replace(view, snapshot=snapshot))
    return views


def _snapshot_at(run: RunView, experiment: "Experiment", limit: int) -> dict[str, Any] | None:
    """The snapshot of `run` at its latest saved step that is not after `limit`."""
    step = max((step for step in run.saved_steps if step <= limit), default=None)
    if step is None:
        return None
    try:
        return _snapshot(run.run_id, step, experiment)
    except Problem:
        return None  # diverged by then, or gone: its latest snapshot remains


@shared(max_entries=MAX_SNAPSHOTS)
def _snapshot(run_id: str, step: int, _experiment: "Experiment") -> dict[str, Any]:
    """The snapshot of a run at a saved step.

    Raises:
        Problem: its weights are gone or not finite.
    """
    from rnnviz.races.setup import snapshot_at

    weights = service().weights(run_id, step)
    if weights is None:
        raise Problem(NO_WEIGHTS, step=step)
    return snapshot_at(_experiment, step, weights)


def draw_links(
    setup: RaceSetup, contestants: Sequence[ContestantView], race: RaceView, step: int | None
) -> None:
    """Links to the stored runs and into the models at the saved step, or why there are none."""
    rows = zip(contestants, race.runs, setup.experiments, strict=False)
    openable: list[tuple[str, str]] = []
    names_by_reason: dict[str, list[str]] = {}
    for view, run, experiment in rows:
        if not run.saved_steps:
            continue
        problem = step_through_problem(experiment)
        if problem is None:
            openable.append((view.name, run.run_id))
        else:
            names_by_reason.setdefault(say(problem), []).append(view.name)
    if openable:
        with st.container(horizontal=True, key="race-steps"):
            st.markdown(_("Open in Step through:"))
            for name, run_id in openable:
                address = {"run": run_id} | ({} if step is None else {"saved_step": str(step)})
                st.page_link(STEP, label=name, query_params=address)
    for reason, names in names_by_reason.items():
        note = _("Not in Step through: {names}. {reason}", names=", ".join(names), reason=reason)
        st.caption(show.escape_markdown(note))
    if (ROOT / RUNS).exists() and race.store_problem is None:
        st.page_link(RUNS, label=_("All stored runs"), icon=":material/inventory_2:")
