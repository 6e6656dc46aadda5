"""The one store of this server: the runs of all visitors, kept in the user's data directory."""

from rnnviz.messages import Problem
from rnnviz.store import Store, folder
from rnnviz.ui.services.singletons import singleton


def open_store() -> Store | None:
    """The store, or None where it cannot be opened; then `store_problem` is the reason."""
    try:
        store = run_store()
    except Problem:
        return None
    return store if store.is_open else None


def store_problem() -> Problem | None:
    """Why the store cannot be opened or used; None where it can.

    It is used, and if need be opened, anew each second: disks recover.
    """
    try:
        return run_store().problem
    except Problem as problem:
        return problem


@singleton(close=Store.close, closes=1)  # after the job service, which still writes to it
def run_store() -> Store:
    """The store, open or not: until it is, what trains is kept in memory."""
    store = Store(folder(), patient=True)
    store.start()
    return store
