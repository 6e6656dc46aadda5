"""Answers that take seconds, worked out beside the pages."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_PENDING = 16
"""Questions that wait at most: whoever still wants a dropped one asks again."""


def is_shutting_down() -> bool:
    """Whether the server is about to end: it waits for every thread that is no daemon."""
    return not threading.main_thread().is_alive()


class BackgroundCache(Generic[T]):
    """Works out one answer after the other on a thread of its own, what was asked last first.

    The latest `keep` answers are remembered, not what was needed to find them. `name` is the
    thread's: a server that ends waits for the one answer it is at, and no other.
    """

    def __init__(self, name: str, keep: int) -> None:
        self._name, self._keep = name, keep
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, Callable[[], T]] = OrderedDict()
        self._found: OrderedDict[str, Future[T]] = OrderedDict()
        self._busy, self._doing = False, ""

    def get(self, key: str, find: Callable[[], T]) -> Future[T] | None:
        """The answer to `key`, or the error in its place; None until `find` has been called."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
            if self._busy and key == self._doing:
                return None
            self._waiting[key] = find
            self._waiting.move_to_end(key)
            if len(self._waiting) > MAX_PENDING:
                self._waiting.popitem(last=False)
            if not self._busy:
                self._busy = True
                # No daemon: to be cut off in the middle of PyTorch aborts the whole process.
                threading.Thread(target=self._work, name=self._name, daemon=False).start()
        return None

    def _work(self) -> None:
        while not is_shutting_down() and self._next():
            pass

    def _next(self) -> bool:
        """Answer one question; whether there was any. What it needed is let go of with it."""
        with self._lock:
            self._busy = bool(self._waiting)
            if not self._busy:
                return False
            self._doing, find = self._waiting.popitem()
        answer: Future[T] = Future()
        try:
            answer.set_result(find())
        except Exception as error:
            answer.set_exception(error)
        with self._lock:
            self._found[self._doing] = answer
            while len(self._found) > self._keep:
                self._found.popitem(last=False)
        return True
