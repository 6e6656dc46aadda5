"""What there is once per server process: the job service, the store and the like.

Not in Streamlit's caches: any visitor's browser can clear those with one message, and everybody's
training ended with them.
"""

import atexit
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from rnnviz.messages import N_, Problem

T = TypeVar("T")

SHUTTING_DOWN = N_("The server is shutting down; open the page again once it has started.")

RETRY_SECONDS = 1.0
"""Seconds between two attempts to create what could not be created: disks recover."""

_log = logging.getLogger(__name__)


class _Closable(Protocol):
    closes: int

    def close(self) -> None: ...
    def forget(self) -> None: ...


_all: list[_Closable] = []
_closed = threading.Event()
_closing = threading.Lock()


class Singleton(Generic[T]):
    """Creates an object on the first call and returns the same one from then on.

    After a Problem the same one is raised for `RETRY_SECONDS`, then creation is tried again.
    """

    def __init__(
        self, create: Callable[[], T], close: Callable[[T], None] | None, closes: int
    ) -> None:
        self._create, self._close, self.closes = create, close, closes
        self._lock = threading.RLock()
        self._created: tuple[T] | None = None
        self._failure: tuple[Problem, float] | None = None
        self.__doc__ = create.__doc__

    def __call__(self) -> T:
        """The object.

        Raises:
            Problem: it cannot be created, for example because the server is shutting down.
        """
        created = self._created  # read once: `forget` may come in between
        if created is None:
            with self._lock:
                created = self._created = self._created or (self._try(),)
        return created[0]

    def _try(self) -> T:
        if _closed.is_set():
            raise Problem(SHUTTING_DOWN)
        if self._failure is not None and time.monotonic() < self._failure[1]:
            raise self._failure[0].with_traceback(None)
        try:
            return self._create()
        except Problem as problem:
            self._failure = (problem, time.monotonic() + RETRY_SECONDS)
            raise

    def close(self) -> None:
        """Close the object, if there is one; later calls still return it."""
        with self._lock:
            if self._created is not None and self._close is not None:
                self._close(self._created[0])

    def forget(self) -> None:
        """Let the next call create another object."""
        with self._lock:
            self._created = self._failure = None


def singleton(
    close: Callable[[Any], None] | None = None, closes: int = 0
) -> Callable[[Callable[[], T]], Singleton[T]]:
    """Make a function that creates an object return the same one to all visitors.

    `close` is called with it when the server ends; those with a smaller `closes` end earlier.
    """

    def decorate(create: Callable[[], T]) -> Singleton[T]:
        decorated: Singleton[T] = Singleton(create, close, closes)
        _all.append(decorated)
        return decorated

    return decorate


def close_all() -> None:
    """Close all objects in order; none is created afterwards.

    Only the first call closes; others wait until it is done.
    """
    with _closing:
        if _closed.is_set():
            return
        _closed.set()
        for each in sorted(_all, key=lambda each: each.closes):
            try:
                each.close()
            except Problem as problem:  # a full disk, for example
                _log.warning("%s", problem)
            except Exception:  # the others close nevertheless
                _log.exception("something did not close")


def reset() -> None:
    """Close and forget all objects, as if the server had not started yet; for tests."""
    close_all()
    for each in _all:
        each.forget()
    _closed.clear()


def is_closed() -> bool:
    """Whether the server is shutting down or has ended."""
    return _closed.is_set()


# Without the lifespan of a server, as in tests of pages, they end with the process.
atexit.register(close_all)
