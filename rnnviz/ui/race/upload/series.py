"""A visitor's table on the page: what was understood, what is open, and the series drawn."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from rnnviz.data.reading import SeriesReading
from rnnviz.data.uploads import uploaded_reading
from rnnviz.messages import N_, Problem
from rnnviz.ui import controls, show
from rnnviz.ui.language import _, current, say
from rnnviz.ui.race.upload import words
from rnnviz.ui.race.upload.corrections import draw_corrections
from rnnviz.ui.race.upload.picture import draw_picture
from rnnviz.ui.race.upload.questions import draw_questions
from rnnviz.ui.race.upload.recognition import Recognition, recognise
from rnnviz.ui.race.upload.state import OPEN, OWN_PREFIX, UploadState
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.data import Series

READING = N_("Reading the file …")

CONCLUSION_HELP = N_(
    "How much there is, how far apart the rows lie, which time they cover, and which column the "
    "models learn to forecast. Rows taken as evenly spaced follow one another in equal steps, "
    "whatever their times."
)

DROPPED = N_(
    "The columns may have other names now, so these corrections were set back: {corrections}."
)

FIRST_ROWS = 4
"""How many rows are shown as they were read."""


@dataclass(frozen=True)
class OwnSeries:
    """A visitor's series with all that a forecast of it needs.

    file      its key in `UPLOADS`
    settings  the corrections and the assumed answers, as text
    column    the one that is forecast
    series    the numbers
    """

    file: str
    settings: str
    column: str
    series: "Series"


def draw_series(state: UploadState) -> OwnSeries | None:
    """Draw the proposal with its corrections; None where the file cannot be read.

    The page has then said why.
    """
    from rnnviz.data.uploads import uploaded_series

    problem = None
    with st.spinner(_(READING)):
        try:
            recognition = recognise(state.key, state.corrections)
            reading = uploaded_reading(state.key, recognition.settings)
            series = uploaded_series(state.key, recognition.settings)
            state.readable = dict(state.corrections)
        except Problem as error:
            problem = error
    if problem is not None:
        _draw_unreadable(state, problem)
        return None
    state.ask(recognition.questions)
    conclusion = st.container()
    left, right = st.columns([2, 3])
    with left:
        draw_questions(state, None)
        column = _choose_column(series)
    name = series.headers[series.columns.index(column)]
    sentence = _conclusion(state.key, recognition.settings, name, current())
    conclusion.markdown(f"**{show.escape_markdown(sentence)}**", help=_(CONCLUSION_HELP))
    _draw_dropped(state)
    with right:
        draw_picture(state.key, recognition.settings, reading, name)
    _draw_facts(state, reading)
    _draw_remarks(recognition)
    show.table(_head(state.key, recognition.settings, current()), key=f"race.head.{current()}")
    draw_corrections(state, reading.decisions, [*reading.roles], [*reading.columns], None)
    return OwnSeries(state.key, recognition.settings, column, series)


def _draw_unreadable(state: UploadState, problem: Problem) -> None:
    """Why the file cannot be read, and the controls with which it might be."""
    if not state.unreadable:
        show.problem(problem)
        draw_corrections(state, {}, (), (), None)
        return
    draw_questions(state, problem)
    try:
        settings = recognise(state.key, state.readable).settings
        reading = uploaded_reading(state.key, settings)
    except Problem:  # nothing was readable before, either
        draw_corrections(state, {}, (), (), problem)
        return
    draw_corrections(state, reading.decisions, [*reading.roles], [*reading.columns], problem)


def _choose_column(series: "Series") -> str:
    """Which column is forecast."""
    options = dict(zip(series.columns, series.headers, strict=True))
    return controls.choose(f"{OWN_PREFIX}column", _("Forecast"), options, series.target)


def _draw_facts(state: UploadState, reading: SeriesReading) -> None:
    """How the file was read, in one line; what is only assumed says so."""
    assumed = {
        name
        for question, number in state.questions.values()
        if number == OPEN
        for name in question.choices[0].arguments
    }
    parts, notes = [], []
    for name, text in words.facts(reading.decisions).items():
        is_assumed = name in assumed - state.corrections.keys()
        text = _("{choice} (assumed)", choice=text) if is_assumed else text
        parts.append(f"{_(words.LABELS[name])}: **{show.escape_markdown(text)}**")
        note = show.escape_markdown(_(words.HELP[name]))
        notes.append(f"**{_(words.LABELS[name])}**: {note}")
    st.caption(" · ".join(parts), help="\n\n".join(notes))


def _draw_dropped(state: UploadState) -> None:
    """Which corrections the latest one took with it."""
    if state.dropped:
        names = ", ".join(_(words.LABELS[name]) for name in state.dropped if name in words.LABELS)
        st.info(_(DROPPED, corrections=names), icon=":material/info:")


def _draw_remarks(recognition: Recognition) -> None:
    """What was decided and what was left out."""
    lines = [f"- {show.escape_markdown(say(remark))}" for remark in recognition.remarks]
    if lines:
        st.markdown("\n".join(lines))


@shared(max_entries=200)
def _conclusion(key: str, settings: str, target: str, language: str) -> str:
    """What was understood of the file, once for all reruns: a step is found among all times."""
    return words.conclusion(uploaded_reading(key, settings), target)


@shared(max_entries=200)
def _head(key: str, settings: str, language: str) -> pd.DataFrame:
    """The first rows of the file as text, beside what they were read as."""
    reading = uploaded_reading(key, settings)
    rows = []
    for place, (name, role) in enumerate(reading.roles.items()):
        texts = [cells[place] for cells in reading.head[:FIRST_ROWS]]
        rows.append(
            {
                _("Column"): name,
                _("Taken for"): _(words.ROLES[role]),
                _("First rows in the file"): " │ ".join(texts),
                _("Read as"): " │ ".join(words.values_of(reading, name, role)[:FIRST_ROWS]),
            }
        )
    return pd.DataFrame(rows)


def draw_reading_note(task: Any) -> None:
    """Draw with which decisions the visitor's series that a race has read was read."""
    if task.accepts != "series" or not task.files:
        return
    try:
        reading = uploaded_reading(task.file, task.reading)
    except Problem:  # a file that is no longer available: the race itself says so
        return
    facts = [
        f"{_(words.LABELS[name])}: {text}" for name, text in words.facts(reading.decisions).items()
    ]
    st.caption(show.escape_markdown(_("Read with: {facts}", facts=" · ".join(facts))))
