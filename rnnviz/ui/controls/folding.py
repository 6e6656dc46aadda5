"""Settings of second rank: in sight where there is room, folded on a phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import streamlit as st
from markupsafe import Markup

from rnnviz.ui.language import _, current


@contextmanager
def folded_on_phone(key: str) -> Iterator[None]:
    """A container for controls that a phone shows only after a tap, so that the picture comes soon.

    `key` is the container's. The style sheet of all pages hides the line to tap where there is
    room; the browser alone opens and closes it, so what is inside is drawn in any case.
    """
    st.html(_line(current()))
    with st.container(key=key):
        yield


@cache
def _line(_language: str) -> str:
    line = Markup('<details class="rnnviz-settings"><summary>{}</summary></details>')
    return line.format(_("Settings"))
