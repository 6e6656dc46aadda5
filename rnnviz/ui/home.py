"""What Home shows: the doors to the other pages, things to try there, and a stage that plays."""

from collections.abc import Mapping

import streamlit as st

from rnnviz.messages import N_
from rnnviz.names import CELL_NAMES
from rnnviz.ui import controls, show, stage, step
from rnnviz.ui.language import _
from rnnviz.ui.pages import all_pages

STEP, VANISHING, RACE = (
    "pages/learn/step.py",
    "pages/learn/vanishing.py",
    "pages/train/side_by_side.py",
)
_ALL = list(CELL_NAMES)
_READ = {
    "step.run": "",
    "step.cells": _ALL,
    "step.weights": "trained",
    "step.hidden": 16,
    "step.layers": 1,
}
SUGGESTIONS: tuple[tuple[str, str, Mapping[str, object]], ...] = (
    (
        N_("“hello”: watch the gradient walk back"),
        STEP,
        {"step.example": "hello", "step.t": 3, "step.back": True, **_READ},
    ),
    (
        N_("A long sentence: what is left of its first word?"),
        STEP,
        {
            "step.example": "own",
            "step.unit": "word",
            "step.text": step.LONG_SENTENCE,
            "step.t": 0,
            "step.back": False,
            **_READ,
        },
    ),
    (
        N_("Forget bias 3: the gradient survives"),
        VANISHING,
        {
            "vanishing.cells": _ALL,
            "vanishing.length": 50,
            "vanishing.loss_at": "last",
            "vanishing.activation": "tanh",
            "vanishing.set_forget_bias": True,
            "vanishing.forget_bias": 3.0,
            "vanishing.set_spectral_radius": False,
            "vanishing.set_clip": False,
        },
    ),
    (
        N_("Delayed recall with lag 80: who remembers?"),
        RACE,
        {
            "race.cells": _ALL,
            "race.task": "delayed_recall",
            "race.lag": 80,
            "race.lr": 0.02,
            "race.steps": 700,
            "race.hidden": 16,
            "race.fair": "units",
        },
    ),
)
"""What Home suggests: a promise, the page that keeps it, and all settings that matter for it."""


def draw_page_cards() -> None:
    """A card for every other page, side by side."""
    others = all_pages()[1:]
    for column, entry in zip(st.columns(max(len(others), 1)), others, strict=False):
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            st.page_link(entry.path, label=f"**{_(entry.card.title)}**", icon=entry.card.icon)
            st.markdown(show.escape_markdown(_(entry.card.sentence)))


def draw_suggestions() -> None:
    """Links that open a page with settings."""
    controls.suggestion_links([(_(told), page, settings) for told, page, settings in SUGGESTIONS])


def draw_demo() -> None:
    """An LSTM that has learnt "hello" reads it, over and over: the one of "Step through"."""
    found = step.lesson(step.LessonSettings(example="hello", cells=("lstm",)))
    stage.show(
        found.cell_views,
        found.tokens,
        key="home.stage",
        prediction_title=found.prediction_title,
        compact=True,
        autoplay=True,
    )
