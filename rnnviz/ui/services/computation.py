"""A result that visitors share, and one in the making."""

import pickle
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from rnnviz.jobs.apart import Call
from rnnviz.messages import Problem

ENTRY_BYTES = 4096
"""What a result costs besides, so that the number of the small ones has a bound as well."""


class Result:
    """A pickled result, or the problem in its place; unpickled when it is first used."""

    def __init__(self, packed: bytes, problem: Problem | None = None) -> None:
        self.size = len(packed) + ENTRY_BYTES
        self._packed, self._problem = packed, problem
        self._lock = threading.Lock()
        self._value: Any = None
        self.expires = float("inf")

    def value(self) -> Any:
        """The result, which all visitors share and nobody may change.

        Raises:
            Problem: the computation failed.
        """
        if self._problem is not None:
            raise self._problem.with_traceback(None)
        if self._packed:
            with self._lock:
                if self._packed:
                    self._value = pickle.loads(self._packed)
                    self._packed = b""
        return self._value


@dataclass(eq=False)
class Computation:
    """A result in the making: who waits for it, and how far it is.

    `complete`: returns what is computed, if that is more than the call by which it is known.
    `polled`: when a page last asked for it without waiting. `needed_until`: when it ends, unless
    somebody waits for it.
    """

    call: Call
    since: float
    complete: Callable[[], Call] | None = None
    future: "Future[Result]" = field(default_factory=Future)
    visitors: Counter[str] = field(default_factory=Counter)
    share: float = 0.0
    has_started: bool = False
    is_cancelled: bool = False
    polled: float = float("-inf")
    needed_until: float = float("-inf")

    def is_abandoned(self, now: float) -> bool:
        """Whether nobody needs it any more."""
        return not self.visitors and now >= self.needed_until
