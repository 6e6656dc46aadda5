"""The file of a session, and what the visitor corrected of its reading."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from rnnviz.data.reading import Question
from rnnviz.data.reading.corrections import from_json, to_json
from rnnviz.messages import N_, Problem
from rnnviz.ui import controls, permalink, session, show
from rnnviz.ui.language import _
from rnnviz.ui.services.store import open_store
from rnnviz.ui.services.uploads import restore_upload

NO_FILE = N_("Choose a file first: until then there is nothing to learn from.")

OWN_PREFIX = "race.own."
"""How the keys of the controls begin whose settings belong to one file."""


FILE, READING = "race.file", "race.reading"
"""The file and the corrections that a link names."""

DIALECT = ("encoding", "separator", "header")
"""The arguments of which the names of the columns depend."""

NAMING = ("time", "time_format", "directions", "target", "missing")
"""The arguments that name columns."""

OPEN = -1
"""The number of the choice of a question that the visitor has not answered."""


@dataclass
class UploadState:
    """One visitor's file of one kind, and its corrections; another file has none.

    Attributes:
        key: of the file in `UPLOADS`; "" before the first.
        content: the file itself, because later uploads of others may displace it.
        name: what the visitor's computer calls it.
        upload: the id of the upload that it came by; "" if by a link.
        corrections: the arguments of `read_series` that the visitor decided, the latest last.
        readable: the last corrections with which the file could be read.
        questions: those of the reading, by their English text, with the number of the choice.
        readable_questions: those that belong to `readable`.
        dropped: the corrections that the latest one took with it, because they name columns.
        link: the file and the corrections of the address that were followed last.
    """

    key: str = ""
    content: bytes = b""
    name: str = ""
    upload: str = ""
    corrections: dict[str, Any] = field(default_factory=dict)
    readable: dict[str, Any] = field(default_factory=dict)
    questions: dict[str, tuple[Question, int]] = field(default_factory=dict)
    readable_questions: dict[str, tuple[Question, int]] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    link: tuple[str, str] = ("", "")

    def replace(self, content: bytes, name: str) -> None:
        """Take another file; the same one again keeps its corrections."""
        key = hashlib.sha256(content).hexdigest()
        if self.key and key != self.key:
            self.reset()
            forget_settings()
        self.key, self.content, self.name = key, content, name

    def ask(self, questions: Sequence[Question]) -> None:
        """Note what is open, beside what was answered; an answer closes all of its kind."""
        noted = {str(question.message): (question, OPEN) for question in questions}
        for text, (question, number) in self.questions.items():
            if text in noted or _names(question) & self.corrections.keys():
                noted[text] = question, number
        self.questions, self.readable_questions = noted, dict(noted)

    def answer(self, text: str, number: int) -> None:
        """Answer the question with this text by the choice with this number.

        Where columns have other names from now on, corrections that name some no longer hold.
        """
        question, old = self.questions[text]
        changed = _differences(question, max(old, 0), number)
        self._forget({*NAMING} if changed & {*DIALECT} else set())
        self.questions[text] = question, number
        answers = [(each, chosen) for each, chosen in self.questions.values() if chosen != OPEN]
        self._set(
            {
                name: _combined(name, value, answers)
                for name, value in question.choices[number].arguments.items()
            }
        )
        if "target" in question.choices[number].arguments:
            permalink.state().values.pop(f"{OWN_PREFIX}column", None)

    def correct(self, name: str, value: Any) -> None:
        """Read with this argument from now on; None leaves it to the recognition.

        Answers of the same kind no longer hold, nor do names of columns that may have others now.
        """
        stale: set[str] = set()
        if name in DIALECT:
            stale = {*NAMING}
        elif name == "time":
            stale = {"time_format"}
        self._forget(stale)
        self._drop({name})
        if value is not None:
            self._set({name: value})

    @property
    def unreadable(self) -> list[str]:
        """The arguments that were corrected since the file could be read, the latest last."""
        return [
            name
            for name, value in self.corrections.items()
            if name not in self.readable or self.readable[name] != value
        ]

    def undo(self) -> None:
        """Go back to the corrections with which the file could be read last."""
        self.corrections, self.questions = dict(self.readable), dict(self.readable_questions)
        self.dropped = ()

    def reset(self) -> None:
        """Drop all corrections."""
        self.corrections, self.readable, self.dropped = {}, {}, ()
        self.questions, self.readable_questions = {}, {}

    def _set(self, arguments: Mapping[str, Any]) -> None:
        rest = {name: old for name, old in self.corrections.items() if name not in arguments}
        self.corrections = {**rest, **arguments}

    def _forget(self, names: set[str]) -> None:
        """Drop what no longer holds, and note it."""
        self.dropped = tuple(name for name in self.corrections if name in names)
        self._drop(names)
        if names & {*NAMING} == {*NAMING}:
            permalink.state().values.pop(f"{OWN_PREFIX}column", None)

    def _drop(self, names: set[str]) -> None:
        self.corrections = {
            name: value for name, value in self.corrections.items() if name not in names
        }
        self.questions = {
            text: (question, number)
            for text, (question, number) in self.questions.items()
            if not _names(question) & names
        }


def _names(question: Question) -> set[str]:
    """The arguments that the choices of a question set."""
    return {name for choice in question.choices for name in choice.arguments}


def _differences(question: Question, first: int, second: int) -> set[str]:
    """The arguments that two of its choices set differently."""
    one, other = (question.choices[number].arguments for number in (first, second))
    return {name for name in {*one, *other} if one.get(name) != other.get(name)}


def _combined(name: str, value: Any, answers: Sequence[tuple[Question, int]]) -> Any:
    """An argument as several answers want it.

    Where several questions ask about one list (which numbers stand for missing, which columns go
    round), each choice has the whole list and differs from the assumed one in what it is about.
    """
    concerned = [
        (question.choices[0].arguments[name], question.choices[number].arguments[name])
        for question, number in answers
        if name in question.choices[0].arguments and name in question.choices[number].arguments
    ]
    if len(concerned) < 2 or isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        columns = {column: None for pair in concerned for part in pair for column in part}
        return {
            column: _changed([(old.get(column, []), new.get(column, [])) for old, new in concerned])
            for column in columns
        }
    return _changed(concerned) if isinstance(value, list | tuple) else value


def _changed(pairs: Sequence[tuple[Sequence[Any], Sequence[Any]]]) -> list[Any]:
    """The first old list with all that is missing from a new one left out, and all new added."""
    removed = [each for old, new in pairs for each in old if each not in new]
    added = [each for old, new in pairs for each in new if each not in old]
    return [each for each in dict.fromkeys([*pairs[0][0], *added]) if each not in removed]


def forget_settings() -> None:
    """Set the controls that belong to one file to their defaults."""
    values = permalink.state().values
    for key in [key for key in values if key.startswith(OWN_PREFIX)]:
        del values[key]


def draw_uploader(kind: str, label: str, help: str, limit: int) -> UploadState:
    """Draw the upload of a file of `kind`; it survives reruns and page switches.

    `limit` in MB.

    Raises:
        Problem: there is no file yet, or that of the address is no longer available.
    """
    from rnnviz.data import UPLOADS

    state: UploadState = session.get_or_create(f"race.file.{kind}", UploadState)
    # The name of a file says nothing about its content: a wrong one is detected by its content.
    upload = st.file_uploader(
        label, key=f"race.upload.{kind}", max_upload_size=limit, help=help or None
    )
    if upload is not None and upload.file_id != state.upload:  # a large one takes long to hash
        state.replace(upload.getvalue(), upload.name)
        state.upload = upload.file_id
    _follow_link(state, is_uploaded=upload is not None)
    if upload is None and state.key:
        st.caption(show.escape_markdown(_("In use: {name}", name=state.name or state.key[:8])))
    if not state.key:
        raise Problem(NO_FILE)
    if state.key not in UPLOADS:  # later uploads have displaced it
        UPLOADS.add(state.content)
    return state


def _follow_link(state: UploadState, *, is_uploaded: bool) -> None:
    """Take the file and the corrections that the address names; from then on it follows the page.

    Raises:
        Problem: the file is no longer available, and no other was uploaded.
    """
    key, reading = controls.address_value(FILE, ""), controls.address_value(READING, "")
    if not key:
        return
    if (key, reading) != state.link:
        if key != state.key and not is_uploaded:
            _restore(state, key)
        if key == state.key:
            state.reset()
            try:
                state.corrections = from_json(reading)
            except Problem as problem:
                permalink.problems().append(problem)
    state.link = (key, to_json(state.corrections)) if key == state.key else ("", "")
    for name, text in zip((FILE, READING), state.link, strict=True):
        controls.set_address_value(name, text)


def _restore(state: UploadState, key: str) -> None:
    """Take the file with this key, if this server still has it."""
    from rnnviz.data import UPLOADS

    store = open_store()
    if store is not None:
        restore_upload(store, {"task": {"file": key}})
    state.replace(UPLOADS.get(key), "")
    state.upload = ""
