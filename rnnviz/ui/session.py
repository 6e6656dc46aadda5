"""What belongs to one visitor's session: its id, its objects, and what to do when it ends."""

from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

import streamlit as st

T = TypeVar("T")

_OBJECTS = "_objects"


def session_id() -> str:
    """The id of the running session, unique and the same for its whole life."""
    return get_or_create("session", lambda: uuid4().hex)


def get_or_create(name: str, factory: Callable[[], T]) -> T:
    """The session's own object `name`, created on first use, never shared with another visitor."""
    objects = st.session_state.setdefault(_OBJECTS, {})
    if name not in objects:
        objects[name] = factory()
    session_object: T = objects[name]
    return session_object


def on_close(name: str, callback: Callable[[], None]) -> None:
    """Call `callback` shortly after the tab closes, reloads, or loses its connection.

    Call this in every run: after a lost connection that came back the hooks are gone, so a repeated
    call also shows that the session is alive. One hook per `name`; the latest counts.
    `callback` runs on the server's event loop: it must return at once, and it must not raise.
    """
    _hooks()[name] = callback


def _run_hooks(hooks: dict[str, Callable[[], None]]) -> None:
    for callback in hooks.values():
        callback()


@st.cache_resource(scope="session", show_spinner=False, on_release=_run_hooks)
def _hooks() -> dict[str, Callable[[], None]]:
    return {}
