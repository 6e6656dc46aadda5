"""The page "Step through": its settings, the models behind it, and its figure.

settings = step.LessonSettings(example="hello")
lesson = step.text_lesson(settings)   # Problem: nothing to read
step.show_stage(lesson)               # keeps its position in the address
step.show_download(lesson)            # the numbers of the stage, as CSV
step.show_memory(lesson)              # how sensitive to each token, and what is remembered

code = step.linked_run()              # a stored run that the address names, or ""
lesson = step.stored_run_lesson(code) # the run at any saved step
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from rnnviz.lessons.settings import (
    INTENT_LANGUAGES,
    KOREAN_SENTENCE,
    SENTENCE,
    LessonSettings,
    script_language,
)
from rnnviz.lessons.view import MAX_TIME_STEPS
from rnnviz.messages import N_
from rnnviz.names import CELL_NAMES, FIRST_CELLS
from rnnviz.settings import Range
from rnnviz.ui import controls, show, stage
from rnnviz.ui.language import _, current, translator
from rnnviz.ui.session import get_or_create
from rnnviz.ui.step.lesson import Lesson, lesson
from rnnviz.ui.step.memory import show_memory
from rnnviz.ui.step.source import RunSource, TextSource
from rnnviz.ui.step.stored_run import linked_run, stored_run_lesson

__all__ = [
    "CELL_NAMES",
    "FIRST_CELLS",
    "HIDDEN_UNITS",
    "INTENT_LANGUAGES",
    "KOREAN_SENTENCE",
    "LAYERS",
    "LONG_SENTENCES",
    "OWN_TEXT",
    "SEED",
    "SENTENCE",
    "TEXT_LIMIT",
    "Lesson",
    "LessonSettings",
    "linked_run",
    "script_language",
    "show_demo",
    "show_download",
    "show_memory",
    "show_stage",
    "show_suggestions",
    "stored_run_lesson",
    "suggestions",
    "text_lesson",
]

HIDDEN_UNITS = Range(2, 64, label=N_("Hidden units"))
LAYERS = Range(1, 2, label=N_("Layers"))
SEED = Range(0, 99, label=N_("Seed"))
STEP = Range(0, MAX_TIME_STEPS - 1, label=N_("Time step"))

TEXT_LIMIT = 1000
"""Characters of a visitor's text; more than `LIMIT` tokens are not read in any case."""

OWN_TEXT = "Will it rain in Seoul tomorrow?"

LONG_SENTENCES: Mapping[str, str] = {
    "en": "Temperature in the city of Seoul for today? Tell me right now.",
    "ko": "일출 서울에서 내일 어떻게 돼요? 지금 알려 주세요.",
}
"""In the languages of the intent models: the first word alone decides what is asked for.

Of ten seeds the LSTM answers 7 and 6 as the first word asks, the GRU 3 and 1, the RNN 2 and 1.
"""

_TIME = {"step.example": "time", "step.weights": "trained", "step.t": 0, "step.backward": False}
_TIME |= {"step.hidden": 16, "step.layers": 1}
_OWN = _TIME | {"step.example": "own"}


def suggestions(language: str) -> tuple[tuple[str, Mapping[str, object]], ...]:
    """What the page suggests to readers of `language`, and the controls that each one sets."""
    long_sentence = {"step.unit": "word", "step.reader": "script"}
    long_sentence["step.text"] = LONG_SENTENCES[language]
    return (
        (
            N_("Follow the gradient back from the answer"),
            _TIME | {"step.t": 4, "step.backward": True},
        ),
        (
            N_("“hello”: one l is followed by l, the other by o. Compare the states"),
            _TIME | {"step.example": "hello", "step.t": 2},
        ),
        (
            N_("The same networks before training"),
            _TIME | {"step.weights": "untrained", "step.t": 4},
        ),
        (N_("Only two hidden units: is that enough?"), _TIME | {"step.hidden": 2, "step.t": 4}),
        (
            N_("A long sentence whose first word decides the answer: is it remembered?"),
            _OWN | long_sentence,
        ),
        (
            N_("Can it count? aaaaaaab, character by character"),
            _OWN | {"step.unit": "character", "step.text": "aaaaaaab"},
        ),
    )


def text_lesson(settings: LessonSettings) -> Lesson:
    """What networks compute of a text, shared by all visitors.

    Raises:
        Problem: there is no text to read, or too little.
    """
    return lesson(TextSource(settings))


def show_suggestions() -> None:
    """Draw a button for each suggestion, which sets its controls."""
    controls.suggestion_buttons(
        [(_(title), settings) for title, settings in suggestions(current())]
    )


def show_stage(lesson: Lesson) -> None:
    """Draw the stage. Its position is kept in the address; stepping reruns nothing else."""
    _stage(lesson.source)


@st.fragment
def _stage(source: TextSource | RunSource) -> None:
    # Not the lesson itself: a session would hold it as long as it lives.
    drawn = lesson(source)
    last: dict[str, Any] = get_or_create("step.walk", dict)
    # Another text begins at its first token, unless a link or a suggestion set a position in it.
    if last.get("tokens") not in (None, drawn.tokens) and last["position"] == _address_position():
        _set_address_position(stage.Position())
    step, backward = _address_position()
    last.update(tokens=drawn.tokens, position=(step, backward))
    step = min(step, len(drawn.tokens) - 1)
    stage.show(
        drawn.content,
        key="step.stage",
        start=stage.Position(step, "backward" if backward else "forward"),
        on_move=_set_address_position,
    )


def show_demo(settings: LessonSettings, key: str) -> None:
    """Draw a small stage that plays by itself."""
    with st.container():  # What has to be computed says so here, and leaves nothing behind.
        demo = lesson(TextSource(settings), compact=True, autoplay=True)
    stage.show(demo.content, key=key)


def show_download(lesson: Lesson) -> None:
    """Draw a button that saves all numbers of the stage; the table is made when it is pressed."""
    source, language = lesson.source, lesson.language

    def numbers() -> pd.DataFrame:
        from rnnviz.ui.step.table import table

        data = source.data()
        return table(data.cell_views, data.tokens, translator(language))

    show.download(
        numbers,
        key="step.stage.csv",
        label=_("Download the numbers of this animation (CSV)"),
    )


def _address_position() -> tuple[int, bool]:
    """The time step, and whether it belongs to the backward pass."""
    step = int(controls.address_value("step.t", 0, rule=STEP))
    return step, controls.address_value("step.backward", False)


def _set_address_position(position: stage.Position) -> None:
    controls.set_address_value("step.t", position.step)
    controls.set_address_value("step.backward", position.phase == "backward")
