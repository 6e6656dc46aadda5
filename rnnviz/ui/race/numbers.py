"""The numbers behind the live view, to download before, while and after it trains."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from rnnviz.ui import show
from rnnviz.ui.language import _
from rnnviz.ui.live import ContestantView


def downloads(latest: Callable[[], Sequence[ContestantView]], tokens: Sequence[str]) -> None:
    """A CSV for each figure of the live view. `latest` is called at the click, in no session."""
    with st.container(horizontal=True, key="race-numbers"):
        show.download(
            lambda: course(latest()), key="race.course.csv", label=_("Loss and metric (CSV)")
        )
        show.download(
            lambda: gradients(latest(), tokens),
            key="race.gradients.csv",
            label=_("Gradients (CSV)"),
        )
        show.download(
            lambda: states(latest(), tokens),
            key="race.states.csv",
            label=_("Hidden states (CSV)"),
        )


def course(lanes: Sequence[ContestantView]) -> pd.DataFrame:
    """Every row of every run's history, its model and the number of its seed in front."""
    frames = [
        pd.DataFrame({"model": lane.name, "seed": number, **vars(history)})
        for lane in lanes
        for number, history in enumerate(lane.histories, 1)
    ]
    return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)


def gradients(lanes: Sequence[ContestantView], tokens: Sequence[str]) -> pd.DataFrame:
    """|dL/dh_t| on the fixed example when each model was looked at last: a row per time step."""
    rows = [
        (lane.name, lane.probe["step"], t, token, norm)
        for lane in lanes
        if lane.probe
        for t, (token, norm) in enumerate(zip(tokens, lane.probe["norms"], strict=False), 1)
    ]
    return pd.DataFrame(rows, columns=["model", "step", "t", "token", "gradient_norm"])


def states(lanes: Sequence[ContestantView], tokens: Sequence[str]) -> pd.DataFrame:
    """The hidden states of the same look: a row per time step and unit."""
    rows = [
        (lane.name, lane.probe["step"], t, token, unit, value)
        for lane in lanes
        if lane.probe
        for t, (token, state) in enumerate(zip(tokens, lane.probe["states"], strict=False), 1)
        for unit, value in enumerate(state, 1)
    ]
    return pd.DataFrame(rows, columns=["model", "step", "t", "token", "unit", "h"])
