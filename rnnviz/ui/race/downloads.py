"""The numbers behind the live view, to download before, while and after it trains."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from rnnviz.ui import show
from rnnviz.ui.language import _
from rnnviz.ui.live import ContestantView
from rnnviz.ui.run_text import csv_columns, example_kind

if TYPE_CHECKING:
    from rnnviz.tasks import Task
    from rnnviz.tasks.framework.kinds import ExampleKind


def draw_downloads(
    latest: Callable[[], Sequence[ContestantView]], task: Callable[[], "Task"]
) -> None:
    """A CSV for each figure of the live view; both are called at the click, in no session."""
    with st.container(horizontal=True, key="race-numbers"):
        show.download(
            lambda: history_table(latest(), example_kind(task(), "validation")),
            key="race.course.csv",
            label=_("Loss and metric (CSV)"),
        )
        show.download(
            lambda: gradient_table(latest(), task().example().tokens),
            key="race.gradients.csv",
            label=_("Gradients (CSV)"),
        )
        show.download(
            lambda: state_table(latest(), task().example().tokens),
            key="race.states.csv",
            label=_("Hidden states (CSV)"),
        )


def history_table(
    contestants: Sequence[ContestantView], kind: "ExampleKind" = "validation"
) -> pd.DataFrame:
    """Every row of every run's history, its model and the number of its seed in front."""
    frames = [
        pd.DataFrame({"model": contestant.name, "seed": number, **csv_columns(vars(history), kind)})
        for contestant in contestants
        for number, history in enumerate(contestant.histories, 1)
    ]
    return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)


def gradient_table(contestants: Sequence[ContestantView], tokens: Sequence[str]) -> pd.DataFrame:
    """|dL/dh_t| on the fixed example in each model's latest snapshot: a row per time step."""
    rows = [
        (contestant.name, contestant.snapshot["step"], t, token, norm)
        for contestant in contestants
        if contestant.snapshot
        for t, (token, norm) in enumerate(
            zip(tokens, contestant.snapshot["norms"], strict=False), 1
        )
    ]
    return pd.DataFrame(rows, columns=["model", "step", "t", "token", "gradient_norm"])


def state_table(contestants: Sequence[ContestantView], tokens: Sequence[str]) -> pd.DataFrame:
    """The hidden states of the same snapshots: a row per time step and unit."""
    rows = [
        (contestant.name, contestant.snapshot["step"], t, token, unit, value)
        for contestant in contestants
        if contestant.snapshot
        for t, (token, state) in enumerate(
            zip(tokens, contestant.snapshot["states"], strict=False), 1
        )
        for unit, value in enumerate(state, 1)
    ]
    return pd.DataFrame(rows, columns=["model", "step", "t", "token", "unit", "h"])
