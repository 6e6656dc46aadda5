"""What belongs to one visitor's session: its name, its objects, and what to do when it ends."""

from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

import streamlit as st

T = TypeVar("T")

_OBJECTS = "_objects"


def session_id() -> str:
    """A name for the running session that no other session has, the same for its whole life."""
    return get_or_create("session", lambda: uuid4().hex)


def get_or_create(what: str, make: Callable[[], T]) -> T:
    """The session's own `what`, made on the first call: never shared with another visitor."""
    objects = st.session_state.setdefault(_OBJECTS, {})
    if what not in objects:
        objects[what] = make()
    kept: T = objects[what]
    return kept


def on_close(what: str, act: Callable[[], None]) -> None:
    """Call `act` within a moment of the tab closing, a reload, or a lost connection.

    To be said again in every run: after a lost connection that came back the hooks are gone, so a
    repeated call also tells that the session is alive. One hook per `what`; the latest counts.
    `act` runs on the server's event loop: it must return at once, and it must not raise.
    """
    _hooks()[what] = act


def _close(hooks: dict[str, Callable[[], None]]) -> None:
    for act in hooks.values():
        act()


@st.cache_resource(scope="session", show_spinner=False, on_release=_close)
def _hooks() -> dict[str, Callable[[], None]]:
    return {}
