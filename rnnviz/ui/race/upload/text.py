"""A visitor's text on the page: what was understood of it."""

import streamlit as st

from rnnviz.data.reading.corrections import to_json
from rnnviz.messages import N_, Problem
from rnnviz.ui import show
from rnnviz.ui.language import _, say
from rnnviz.ui.race.upload.corrections import draw_encoding
from rnnviz.ui.race.upload.questions import draw_questions
from rnnviz.ui.race.upload.state import UploadState
from rnnviz.ui.race.upload.words import encoding_text
from rnnviz.ui.services.uploads import uploaded_text_reading

CONCLUSION = N_(
    "{count} {count:character|characters} in {lines} {lines:line|lines}, read as {encoding}."
)
BEGINNING = 300
"""How many characters of the text are shown."""

FIRST_LINES = 5


def draw_text(state: UploadState) -> str | None:
    """Draw what was understood of a text: its size, encoding and beginning, and every remark.

    Returns the corrections and the assumed answers; None where it cannot be read, and the page has
    said so.
    """
    problem, corrections = None, state.corrections
    try:
        with st.spinner(_("Reading the file …")):
            reading = uploaded_text_reading(state.key, to_json(corrections))
        state.readable = dict(corrections)
        state.ask(reading.questions)
    except Problem as error:
        problem = error
    if problem is not None:
        draw_questions(state, problem)
        if not draw_encoding(state, corrections.get("encoding"), problem):
            show.problem(problem)
        return None
    sentence = _(
        CONCLUSION,
        count=len(reading.text),
        lines=reading.text.count("\n") + 1,
        encoding=encoding_text(reading.encoding),
    )
    st.markdown(f"**{show.escape_markdown(sentence)}**")
    draw_questions(state, None)
    remarks = [f"- {show.escape_markdown(say(remark))}" for remark in reading.remarks]
    if remarks:
        st.markdown("\n".join(remarks))
    left, right = st.columns([3, 1])
    with left:
        beginning = "\n".join(reading.text.splitlines()[:FIRST_LINES])[:BEGINNING]
        st.text(beginning if beginning == reading.text else f"{beginning} …")
    with right:
        draw_encoding(state, reading.encoding, None)
    arguments = dict(corrections)
    for question in reading.questions:
        arguments = {**question.choices[0].arguments, **arguments}
    return to_json(arguments)
