"""What Home shows: the doors to the other pages, and a small stage that is already playing."""

from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.ui import show, stage
from rnnviz.ui.language import _
from rnnviz.ui.pages import all_pages

if TYPE_CHECKING:
    from rnnviz.ui.stage import Reading


def doors() -> None:
    """A card for every other page, side by side."""
    others = all_pages()[1:]
    for column, entry in zip(st.columns(max(len(others), 1)), others, strict=False):
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            st.page_link(entry.path, label=f"**{_(entry.card.title)}**", icon=entry.card.icon)
            st.markdown(show.plain(_(entry.card.sentence)))


def play() -> None:
    """An LSTM that has just learnt "hello" reads it, over and over."""
    with st.spinner(_("An LSTM is learning to spell “hello” …")):
        reading, tokens = _reading()
    stage.show(
        [reading],
        tokens,
        key="home.stage",
        prediction_title=_("Next character"),
        compact=True,
        autoplay=True,
    )


@st.cache_resource(max_entries=1, show_spinner=False)
def _reading() -> "tuple[Reading, tuple[str, ...]]":
    """The same for everyone, so it is learnt once per server."""
    import torch

    from rnnviz.gradients import backward
    from rnnviz.tracing import trace
    from rnnviz.training import fit, text_experiment

    experiment = text_experiment("hello", "lstm")
    task, model = experiment.task, fit(experiment)
    example = task.example()
    with torch.no_grad():
        x = model.embed(example.batch.inputs)[0]
    walked = trace(model.recurrent, x)
    with torch.no_grad():
        probabilities = model.read(walked.outputs)[0].softmax(-1)
    reading = stage.Reading(
        "lstm",
        "LSTM",
        walked,
        backward(model.recurrent, x, lambda outputs: task.loss(model.read(outputs), example.batch)),
        labels=task.labels,
        probabilities=probabilities,
        targets=example.batch.targets[0].tolist(),
    )
    return reading, example.tokens
