"""The parts of Home: cards of the other pages, suggestions, and a stage that plays by itself."""

from collections.abc import Mapping

import streamlit as st

from rnnviz.messages import N_
from rnnviz.names import FIRST_CELLS
from rnnviz.ui import controls, show, step
from rnnviz.ui.language import _, current
from rnnviz.ui.pages import IDEAS, SECTIONS, all_pages

STEP, VANISHING, RACE = (
    "pages/learn/step.py",
    "pages/learn/vanishing.py",
    "pages/train/side_by_side.py",
)
_CELLS = list(FIRST_CELLS)
_LESSON_MODELS = {
    "step.run": "",
    "step.cells": _CELLS,
    "step.weights": "trained",
    "step.hidden": 16,
    "step.layers": 1,
}
SUGGESTIONS: tuple[tuple[str, str, Mapping[str, object]], ...] = (
    (
        N_("“hello”: watch the gradient flow back"),
        STEP,
        {"step.example": "hello", "step.t": 3, "step.backward": True, **_LESSON_MODELS},
    ),
    (
        N_("A long sentence whose first word decides the answer: is it remembered?"),
        STEP,
        {
            "step.example": "own",
            "step.unit": "word",
            "step.reader": "script",
            "step.text": step.LONG_SENTENCES["en"],
            "step.t": 0,
            "step.backward": False,
            **_LESSON_MODELS,
        },
    ),
    (
        N_("Forget bias 3: the LSTM's gradient no longer vanishes"),
        VANISHING,
        {
            "vanishing.cells": _CELLS,
            "vanishing.length": 50,
            "vanishing.loss_at": "last",
            "vanishing.activation": "tanh",
            "vanishing.initialisation": "pytorch",
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
            "race.cells": _CELLS,
            "race.task": "delayed_recall",
            "race.lag": 80,
            "race.lr": 0.02,
            "race.steps": 700,
            "race.hidden": 16,
            "race.fair": "units",
        },
    ),
)
"""The suggestions: a title, the page that opens, and all settings that matter there."""


def draw_page_cards() -> None:
    """Draw a card for every other page, side by side, and under them a link for every idea."""
    others = [page for page in all_pages()[1:] if page.section != IDEAS]
    for column, page in zip(st.columns(max(len(others), 1)), others, strict=False):
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            st.page_link(page.path, label=f"**{_(page.card.title)}**", icon=page.card.icon)
            st.markdown(show.escape_markdown(_(page.card.sentence)))
    st.markdown("**" + _(SECTIONS[IDEAS]) + "**")
    with st.container(key="ideas-links", gap="xsmall"):
        for page in all_pages():
            if page.section == IDEAS:
                st.page_link(page.path, label=_(page.card.title), icon=page.card.icon)


def draw_suggestions() -> None:
    """Draw links that open a page with settings, with a sentence in the language of the page."""
    sentence = {"step.text": step.LONG_SENTENCES[current()]}
    links = [
        (_(title), page, {**settings, **(sentence if "step.text" in settings else {})})
        for title, page, settings in SUGGESTIONS
    ]
    controls.suggestion_links(links)


def draw_demo() -> None:
    """Draw the stage: the LSTM of "Step through" reads "hello", over and over."""
    step.show_demo(step.LessonSettings(example="hello", cells=("lstm",)), key="home.stage")
