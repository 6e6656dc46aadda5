"""The gradient over the training of a stored run, also where the trainer had not measured it."""

import time
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from rnnviz.jobs.records import GradientNormHistory
from rnnviz.messages import Problem
from rnnviz.palette import SEQUENTIAL
from rnnviz.store import LIVE, RunRow, Store
from rnnviz.ui import show
from rnnviz.ui.background import BackgroundCache, is_shutting_down
from rnnviz.ui.language import _

if TYPE_CHECKING:
    from rnnviz.training import Experiment

MOMENTS = 120
"""Looks at the gradient that are drawn."""
KEPT = 60
"""Runs whose norms are remembered."""
EVERY = 0.5
"""Seconds between two questions whether the norms are there."""
PATIENCE = 60.0
"""Seconds that the norms of a run may take."""
TURNS = 8
"""So many times the timeline is gone through, each time at other places far apart."""


def gradient(store: Store, row: RunRow, experiment: "Experiment | None") -> None:
    """Draw what is known, and say so while more of it is being computed."""
    looks = store.snapshots(row.id, MOMENTS)
    measured = tuple((step, tuple(norms)) for step, look in looks if (norms := look.get("norms")))
    missing = tuple(step for step, look in looks if not look.get("norms"))
    # While it trains, the trainer measures; a network without hidden states has no such gradient.
    if not missing or experiment is None or not _has_states(experiment) or row.state in LIVE:
        _figure(measured)
        return
    found = _grown(store, row.id, experiment, missing)
    _figure(tuple(sorted(measured + (found or ()))))
    if found is None:
        st.fragment(_waiting, run_every=EVERY)(store, row.id, experiment, missing)


def _has_states(experiment: "Experiment") -> bool:
    return experiment.model.family == "recurrent"


def _grown(
    store: Store, run: str, experiment: "Experiment", steps: tuple[int, ...]
) -> GradientNormHistory | None:
    """The norms after `steps`, as far as the kept weights tell; None until that is known."""
    answer = _beside().get(f"{run} {steps}", lambda: norms_after(store, run, experiment, steps))
    if answer is None:
        return None
    return () if answer.exception() is not None else answer.result()


def norms_after(
    store: Store, run: str, experiment: "Experiment", steps: Sequence[int]
) -> GradientNormHistory:
    """The norms after `steps`; without those whose weights are gone, of another model, not finite.

    Where the time is not enough for all, it is for some all over the training.
    """
    from rnnviz.races.setup import example_gradient_norms

    found, until = [], time.monotonic() + PATIENCE
    for step in [step for turn in range(TURNS) for step in steps[turn::TURNS]]:
        if is_shutting_down() or time.monotonic() > until:
            break
        # Whoever resumes the run meanwhile may have dropped what came after its checkpoint.
        weights = store.weights(run, step) if step in store.saved_steps(run) else None
        try:
            norms = () if weights is None else example_gradient_norms(experiment, weights)
        except Problem:
            continue  # the picture has a gap there
        if norms:
            found.append((step, norms))
    return tuple(sorted(found))


@st.cache_resource(show_spinner=False)
def _beside() -> BackgroundCache[GradientNormHistory]:
    return BackgroundCache("rnnviz gradients of runs", KEPT)


def _waiting(store: Store, run: str, experiment: "Experiment", steps: tuple[int, ...]) -> None:
    if _grown(store, run, experiment, steps) is not None:
        st.rerun()  # the whole page, which then draws all of it and asks no more
    st.caption(
        _(
            "How far back the gradient reaches is being computed from the kept weights. Moments to "
            "come: {count}",
            count=len(steps),
        )
    )


def _figure(heat: GradientNormHistory) -> None:
    from rnnviz.figures import gradient_history

    heat = tuple((step, norms) for step, norms in heat if len(norms) == len(heat[0][1]))
    if len(heat) < 2:
        return
    steps = [step for step, _norms in heat]
    norms = [norms for _step, norms in heat]
    lines = [
        {"step": step, "t": t + 1, "norm": norm} for step, row in heat for t, norm in enumerate(row)
    ]
    show.figure(
        gradient_history(steps, norms, SEQUENTIAL[show.theme()], _),
        key="runs.gradient",
        title=_("How far back the gradient reaches, over the training"),
        caption=_caption(steps),
        alt=_(
            "Gradient norms at each time step, over the training; columns: {count}",
            count=len(steps),
        ),
        data=pd.DataFrame(lines),
    )


def _caption(steps: Sequence[int]) -> str:
    told = _(
        "Each column is the model after so many training steps; the colour is the norm of "
        "∂L/∂h_t on the fixed example. Small norms at the bottom mean that the early time "
        "steps hardly learn."
    )
    apart = [after - before for before, after in pairwise(steps)]
    least, most = min(apart), max(apart)
    if least != most:
        # Weights are kept more often at first, and wherever the training was stopped.
        told += " " + _(
            "The columns are equally wide, but not equally far apart: from one to the next it is "
            "{least} to {most} training steps.",
            least=least,
            most=most,
        )
    return told
