"""The controls that correct the reading of a file, each argument of `read_series` by its own."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from rnnviz.messages import N_, Problem
from rnnviz.ui import controls, show
from rnnviz.ui.language import _
from rnnviz.ui.race.upload import words
from rnnviz.ui.race.upload.state import OPEN as UNANSWERED
from rnnviz.ui.race.upload.state import UploadState

OPEN = "race.reading.open"

AS_RECOGNISED = N_("as recognised")
"""The option of a file that nothing was recognised of."""

MAX_HEADER = 1000


def draw_corrections(
    state: UploadState,
    decisions: Mapping[str, Any],
    columns: Sequence[str],
    numbers: Sequence[str],
    problem: Problem | None,
) -> None:
    """Draw a control for each decision, with what was decided as its value.

    `columns` of the file, `numbers` those that hold some; none of them where nothing could be read.
    A `problem` of the latest correction stands beside its control, with a way back.
    """
    drawing = _Controls(state, decisions, problem)
    if drawing.place_of_problem:
        st.session_state[OPEN] = True
    expander = st.expander(
        _("Correct the reading"), icon=":material/edit:", key=OPEN, on_change="rerun"
    )
    if not expander.open:
        return
    with expander:
        with st.container(horizontal=True, key="race-corrections", vertical_alignment="top"):
            _draw_dialect(drawing)
            if columns:
                _draw_meaning(drawing, columns, numbers)
        if drawing.place_of_problem not in drawing.drawn and problem is not None:
            draw_problem(state, problem)  # of a link: there is no such control
        if state.corrections and not drawing.place_of_problem:
            st.button(
                _("Back to what was recognised"),
                key="race.reading.reset",
                icon=":material/undo:",
                on_click=state.reset,
            )


def draw_encoding(state: UploadState, encoding: str | None, problem: Problem | None) -> bool:
    """Draw the one control of a text; whether a `problem` stands beside it."""
    decisions = {} if encoding is None else {"encoding": encoding}
    drawing = _Controls(state, decisions, problem)
    drawing.choose("encoding", words.ENCODINGS)
    return bool(drawing.place_of_problem)


def draw_problem(state: UploadState, problem: Problem) -> None:
    """Draw why the latest correction cannot be read, and the way back."""
    show.problem(problem)
    st.button(
        _("Back to what was recognised"),
        key="race.reading.undo",
        icon=":material/undo:",
        on_click=state.undo,
    )


class _Controls:
    """Draws controls of which each stores what the visitor chose as a correction."""

    def __init__(
        self, state: UploadState, decisions: Mapping[str, Any], problem: Problem | None
    ) -> None:
        self.state, self.problem = state, problem
        self.decisions = {**decisions, **state.corrections}
        answered = {
            name
            for question, number in state.questions.values()
            if number != UNANSWERED
            for name in question.choices[number].arguments
        }
        latest = state.unreadable[-1] if problem is not None and state.unreadable else ""
        self.place_of_problem = "" if latest in answered else latest
        self.drawn: set[str] = {""}

    def draw(
        self,
        name: str,
        widget: Callable[..., Any],
        value: Any,
        *options: Any,
        to_argument: Callable[[Any], Any] = lambda choice: choice,
        width: int = 210,
        **common: Any,
    ) -> None:
        """One control; `to_argument` of its value is the correction, where None is none."""
        key = f"race.reading.{name}"
        self.drawn.add(name)

        def store() -> None:
            self.state.correct(name, to_argument(st.session_state[key]))

        with st.container(width=width):
            controls.seed(key, value, (self.state.key, *map(repr, options)))
            widget(
                _(words.LABELS[name]),
                *options,
                key=key,
                help=_(words.HELP[name]),
                on_change=store,
                **common,
            )
            if name == self.place_of_problem and self.problem is not None:
                draw_problem(self.state, self.problem)

    def choose(self, name: str, titles: Mapping[str, str]) -> None:
        """One of some codes; one that has no title is its own."""
        value = self.decisions.get(name)
        codes = [*titles] if value in titles or value is None else [value, *titles]
        if name not in self.decisions:
            codes, value = [AS_RECOGNISED, *codes], AS_RECOGNISED
        self.draw(
            name,
            st.selectbox,
            value,
            codes,
            to_argument=lambda code: None if code == AS_RECOGNISED else code,
            format_func=lambda code: _(titles.get(code, code)),
        )

    def choose_names(self, name: str, columns: Sequence[str]) -> None:
        """Some of the columns, in their order in the file."""
        selected = words.names(self.decisions.get(name))
        self.draw(
            name,
            st.multiselect,
            [column for column in selected if column in columns],
            list(columns),
            width=330,
            placeholder=_("none"),
        )


def _draw_dialect(drawing: _Controls) -> None:
    """How the file is written."""
    drawing.choose("encoding", words.ENCODINGS)
    drawing.choose("separator", words.SEPARATORS)
    drawing.choose("decimal", words.DECIMALS)
    drawing.choose("thousands", words.THOUSANDS)
    header = drawing.decisions.get("header")
    drawing.draw(
        "header",
        st.number_input,
        None if header is None else int(header),
        min_value=0,
        max_value=MAX_HEADER,
        step=1,
        placeholder=_(AS_RECOGNISED),
    )


def _draw_meaning(drawing: _Controls, columns: Sequence[str], numbers: Sequence[str]) -> None:
    """What the columns are."""
    drawing.choose_names("time", columns)
    if words.names(drawing.decisions.get("time")):
        drawing.draw(
            "time_format",
            st.text_input,
            str(drawing.decisions.get("time_format") or ""),
            to_argument=lambda text: text.strip() or None,
        )
        drawing.choose("spacing", words.SPACINGS)
    missing = drawing.decisions.get("missing") or ()
    codes = words.code_texts(missing)
    drawing.draw(
        "missing",
        st.multiselect,
        codes,
        codes,
        to_argument=lambda texts: _codes(missing, texts, numbers),
        width=330,
        accept_new_options=True,
        placeholder=_("no number"),
    )
    drawing.choose_names("directions", numbers)


def _codes(missing: Any, texts: Sequence[str], numbers: Sequence[str]) -> Any:
    """The argument `missing` with just the codes in `texts`; a new one counts in all columns."""
    if not isinstance(missing, Mapping):
        return [_number_or_text(text) for text in texts]
    known = words.code_texts(missing)
    added = [_number_or_text(text) for text in texts if text not in known]
    codes = {
        column: [code for code in missing.get(column, ()) if words.code_text(code) in texts] + added
        for column in numbers
    }
    first, *others = codes.values()
    # Of a table with many columns the short form fits into a link, the long one may not.
    return first if all(each == first for each in others) else codes


def _number_or_text(text: str) -> float | str:
    """A missing code: a number wherever it is one, with a decimal comma or a Unicode minus, too."""
    try:
        return float(text.strip().replace("−", "-").replace(",", "."))
    except ValueError:
        return text.strip()
