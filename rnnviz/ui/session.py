"""What belongs to one visitor's session: its owner, its id, and its objects."""

from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from rnnviz.ui import visitor

T = TypeVar("T")

_OBJECTS = "_objects"


def owner() -> str:
    """Who a training of this session belongs to: the browser, without a cookie the session.

    The same for the whole life of the session.
    """
    return get_or_create("owner", lambda: visitor.visitor_id() or session_id())


def session_id() -> str:
    """The id of the running session, unique and the same for its whole life."""
    return get_or_create("session", lambda: uuid4().hex)


def allowance() -> str:
    """By what the waiting trainings of this visitor are limited; all without a cookie share one."""
    return visitor.visitor_id() or "without a cookie"


def runtime_id() -> str:
    """The id that Streamlit's runtime has given the session."""
    ctx = get_script_run_ctx()
    return "" if ctx is None else ctx.session_id


def get_or_create(name: str, factory: Callable[[], T]) -> T:
    """The session's own object `name`, created on first use, never shared with another visitor."""
    objects = st.session_state.setdefault(_OBJECTS, {})
    if name not in objects:
        objects[name] = factory()
    session_object: T = objects[name]
    return session_object
