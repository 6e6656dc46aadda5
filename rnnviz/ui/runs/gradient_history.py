"""The gradient norms over the training of a stored run, also where the trainer measured none."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from rnnviz.jobs.records import GradientNormHistory
from rnnviz.palette import SEQUENTIAL, Theme
from rnnviz.store import LIVE, RunRow, Store
from rnnviz.ui import show
from rnnviz.ui.language import _, current
from rnnviz.ui.services.gradient_history import WeightsReader, computed_norms
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.training import Experiment

Version = tuple[str, float, str]
"""The id of a run, when it was changed, and its state."""

MAX_SNAPSHOTS = 120
"""Snapshots whose gradient is drawn."""
UPDATE_INTERVAL = 0.5
"""Seconds between two checks whether the norms are computed."""


def draw_gradient_history(store: Store, row: RunRow, experiment: "Experiment | None") -> None:
    """Draw the norms that are known, and a notice while more of them are being computed."""
    version = (row.id, row.changed, row.state)
    measured, missing = _norms(version, store)
    # While it trains, the trainer measures; a network without hidden states has no such gradient.
    if not missing or experiment is None or not _has_states(experiment) or row.state in LIVE:
        _draw_figure(version, True, measured)
        return
    computed = _computed_norms(store, row.id, experiment, missing)
    _draw_figure(version, computed is not None, tuple(sorted(measured + (computed or ()))))
    if computed is None:
        st.fragment(_draw_pending, run_every=UPDATE_INTERVAL)(store, row.id, experiment, missing)


@shared(max_entries=60)
def _norms(version: Version, _store: Store) -> tuple[GradientNormHistory, tuple[int, ...]]:
    """The norms that are stored, and the saved steps without any."""
    snapshots = _store.snapshots(version[0], MAX_SNAPSHOTS)
    measured = tuple(
        (step, tuple(norms)) for step, snapshot in snapshots if (norms := snapshot.get("norms"))
    )
    return measured, tuple(step for step, snapshot in snapshots if not snapshot.get("norms"))


def _has_states(experiment: "Experiment") -> bool:
    return experiment.model.family == "recurrent"


def _computed_norms(
    store: Store, run: str, experiment: "Experiment", steps: tuple[int, ...]
) -> GradientNormHistory | None:
    """The norms after `steps`; None while they are being computed, empty if that failed."""

    def reader() -> WeightsReader:
        # If the run has been resumed meanwhile, the weights after its checkpoint are dropped.
        saved = {*store.saved_steps(run)}
        return lambda step: store.weights(run, step) if step in saved else None

    return computed_norms(run, experiment, steps, reader)


def _draw_pending(store: Store, run: str, experiment: "Experiment", steps: tuple[int, ...]) -> None:
    if _computed_norms(store, run, experiment, steps) is not None:
        st.rerun()  # the whole page, which then draws all norms and has no fragment any more
    st.caption(
        _(
            "How far back the gradient reaches is being computed from the stored weights. Saved "
            "steps to compute: {count}",
            count=len(steps),
        )
    )


def _draw_figure(version: Version, is_complete: bool, history: GradientNormHistory) -> None:
    fig = _figure(version, is_complete, current(), show.theme(), history)
    if fig is not None:
        show.figure(fig, key="runs.gradient", data=partial(_figure_table, history))


def _equally_long(history: GradientNormHistory) -> GradientNormHistory:
    """The norms of as many time steps as the first ones have."""
    return tuple((step, norms) for step, norms in history if len(norms) == len(history[0][1]))


def _figure_table(history: GradientNormHistory) -> pd.DataFrame:
    return pd.DataFrame(
        {"step": step, "t": t + 1, "norm": norm}
        for step, norms in _equally_long(history)
        for t, norm in enumerate(norms)
    )


@shared(max_entries=120)
def _figure(
    version: Version, is_complete: bool, language: str, theme: Theme, _history: GradientNormHistory
) -> show.ReadyFigure | None:
    """The figure of `_history`; None if it has too few columns."""
    from rnnviz.figures import gradient_history

    history = _equally_long(_history)
    if len(history) < 2:
        return None
    steps = [step for step, _norms in history]
    return show.finish(
        gradient_history(steps, [norms for _step, norms in history], SEQUENTIAL[theme], _),
        title=_("How far back the gradient reaches, over the training"),
        caption=_caption(steps),
        alt=_(
            "Gradient norms at each time step, over the training; columns: {count}",
            count=len(steps),
        ),
        theme=theme,
    )


def _caption(steps: Sequence[int]) -> str:
    caption = _(
        "Each column is the model after so many training steps; the colour is the norm of "
        "∂L/∂h_t on the fixed example. Small norms at the bottom mean that the early time "
        "steps hardly learn."
    )
    distances = [after - before for before, after in pairwise(steps)]
    shortest, longest = min(distances), max(distances)
    if shortest != longest:
        # Weights are saved more often at first, and wherever the training was stopped.
        caption += " " + _(
            "The columns are equally wide, but not equally far apart: from one to the next it is "
            "{least} to {most} training steps.",
            least=shortest,
            most=longest,
        )
    return caption
