"""The one store of this server: the runs of all visitors, kept in the user's data directory."""

import atexit

import streamlit as st

from rnnviz.messages import Problem
from rnnviz.store import Store, folder


def open_store() -> Store | None:
    """The store, or None where it cannot be opened; then `store_problem` is the reason."""
    try:
        return _store()
    except Problem:
        return None


def store_problem() -> Problem | None:
    """Why the store cannot be opened; None where it can. Checked anew each time: disks recover."""
    try:
        _store()
    except Problem as problem:
        return problem
    return None


@st.cache_resource(show_spinner=False)
def _store() -> Store:
    store = Store(folder())
    atexit.register(store.close)
    return store
