"""What has several readings: each question with its choices, the assumed one marked."""

import streamlit as st

from rnnviz.messages import Problem
from rnnviz.ui import controls, show
from rnnviz.ui.language import _, say
from rnnviz.ui.race.upload.corrections import draw_problem
from rnnviz.ui.race.upload.state import OPEN, UploadState


def draw_questions(state: UploadState, problem: Problem | None) -> None:
    """What has two readings, each with its choices, and a problem that an answer brought."""
    latest = state.unreadable[-1:] if problem is not None else []
    for place, (text, (question, number)) in enumerate(state.questions.items()):
        _draw_question(state, place, text)
        chosen = question.choices[number].arguments if number != OPEN else {}
        if problem is not None and chosen.keys() & {*latest}:
            draw_problem(state, problem)


def _draw_question(state: UploadState, place: int, text: str) -> None:
    """One question; until it is answered, the first choice is assumed."""
    question, number = state.questions[text]
    labels = [show.escape_markdown(say(choice.label)) for choice in question.choices]
    if number == OPEN:
        labels[0] = _("{choice} (assumed)", choice=labels[0])
    key = f"race.question.{place}"

    def store() -> None:
        state.answer(text, st.session_state[key])

    controls.seed(key, max(number, 0), (state.key, text, *labels))
    st.radio(
        show.escape_markdown(say(question.message)),
        range(len(labels)),
        format_func=dict(enumerate(labels)).get,
        key=key,
        on_change=store,
    )
