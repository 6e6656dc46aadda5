"""The one store of this server: the runs of all visitors, kept in the user's data directory."""

from rnnviz.messages import Problem
from rnnviz.store import Store, folder
from rnnviz.ui.services.singletons import singleton


def open_store() -> Store | None:
    """The store, or None where it cannot be opened; then `store_problem` is the reason."""
    try:
        return _store()
    except Problem:
        return None


def store_problem() -> Problem | None:
    """Why the store cannot be opened or used; None where it can.

    Opened anew each second, and used every second: disks recover.
    """
    try:
        return _store().problem
    except Problem as problem:
        return problem


@singleton(close=Store.close, closes=1)  # after the job service, which still writes to it
def _store() -> Store:
    store = Store(folder())
    store.start()
    return store
