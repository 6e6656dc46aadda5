"""The one store of this server: the runs of all visitors, kept in the user's data directory."""

import atexit

import streamlit as st

from rnnviz.messages import Problem
from rnnviz.store import Store, folder


def open_store() -> Store | None:
    """The store, or None where none can be opened; then `trouble` says why."""
    try:
        return _opened()
    except Problem:
        return None


def store_problem() -> Problem | None:
    """Why there is no store; None where there is one. Asked anew each time: disks are mended."""
    try:
        _opened()
    except Problem as problem:
        return problem
    return None


@st.cache_resource(show_spinner=False)
def _opened() -> Store:
    store = Store(folder())
    atexit.register(store.close)
    return store
