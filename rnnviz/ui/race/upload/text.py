"""A visitor's text on the page: what was understood of it."""

import streamlit as st

from rnnviz.messages import N_
from rnnviz.ui import show
from rnnviz.ui.language import _, say
from rnnviz.ui.race.upload.state import UploadState
from rnnviz.ui.race.upload.words import encoding_text
from rnnviz.ui.services.uploads import uploaded_text_reading

CONCLUSION = N_(
    "{count} {count:character|characters} in {lines} {lines:line|lines}, read as {encoding}."
)
BEGINNING = 200
"""How many characters of the text are shown."""


def draw_text(state: UploadState) -> None:
    """Draw what was understood of a text: its size, its encoding, its beginning, every remark.

    Raises:
        Problem: it cannot be read.
    """
    with st.spinner(_("Reading the file …")):
        reading = uploaded_text_reading(state.key)
    sentence = _(
        CONCLUSION,
        count=len(reading.text),
        lines=reading.text.count("\n") + 1,
        encoding=encoding_text(reading.encoding),
    )
    st.markdown(f"**{show.escape_markdown(sentence)}**")
    for remark in reading.remarks:
        st.markdown(f"- {show.escape_markdown(say(remark))}")
    beginning = reading.text[:BEGINNING]
    st.text(beginning if len(beginning) == len(reading.text) else f"{beginning} …")
