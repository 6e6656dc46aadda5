"""Results that take seconds, computed on a background thread while the pages stay responsive."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_PENDING = 16
"""The most results that wait to be computed; of more, the oldest requests are dropped."""


def is_shutting_down() -> bool:
    """Whether the server is shutting down: it waits for every thread that is not a daemon."""
    return not threading.main_thread().is_alive()


class BackgroundCache(Generic[T]):
    """Computes one result after the other on a thread of its own, the latest request first.

    The latest `size` results are cached, without what was needed to compute them. `name` is the
    thread's. A server that shuts down waits for the result that is being computed, and no other.
    """

    def __init__(self, name: str, size: int) -> None:
        self._name, self._size = name, size
        self._lock = threading.Lock()
        self._pending: OrderedDict[str, Callable[[], T]] = OrderedDict()
        self._results: OrderedDict[str, Future[T]] = OrderedDict()
        self._busy, self._current_key = False, ""

    def get(self, key: str, compute: Callable[[], T]) -> Future[T] | None:
        """The result for `key`, or the error in its place; None until `compute` has returned.

        A caller that still needs a dropped result simply asks again.
        """
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
            if self._busy and key == self._current_key:
                return None
            self._pending[key] = compute
            self._pending.move_to_end(key)
            if len(self._pending) > MAX_PENDING:
                self._pending.popitem(last=False)
            if not self._busy:
                self._busy = True
                # Not a daemon: to be killed in the middle of PyTorch aborts the whole process.
                threading.Thread(target=self._run, name=self._name, daemon=False).start()
        return None

    def _run(self) -> None:
        while not is_shutting_down() and self._compute_next():
            pass

    def _compute_next(self) -> bool:
        """Compute one result; whether there was any. What it needed is released on return."""
        with self._lock:
            self._busy = bool(self._pending)
            if not self._busy:
                return False
            self._current_key, compute = self._pending.popitem()
        result: Future[T] = Future()
        try:
            result.set_result(compute())
        except Exception as error:
            result.set_exception(error)
        with self._lock:
            self._results[self._current_key] = result
            while len(self._results) > self._size:
                self._results.popitem(last=False)
        return True
