"""What is computed outside the pages' threads: once for all visitors, a few at a time, fairly."""

import logging
import os
import pickle
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from rnnviz.jobs.apart import Abandoned, Call, compute, evaluate
from rnnviz.messages import N_, Problem
from rnnviz.ui.services.singletons import SHUTTING_DOWN, singleton

UNEXPECTED = N_("The computation could not be started: {error}")

SLOTS = max(2, min(8, os.cpu_count() or 1))
"""How many processes compute at the same time."""
MAX_BYTES = 96 * 2**20
"""The most bytes of results that are kept."""
ENTRY_BYTES = 4096
"""What a result costs besides, so that the number of the small ones has a bound as well."""
GRACE = 1.0
"""Seconds until a computation ends for which nobody waits any more: a page that runs again, for
example in another language, asks for it again at once."""
ERROR_SECONDS = 20.0
"""Seconds for which an error is kept; then the next request tries again."""
CLOSE_SECONDS = 1.0
"""Seconds that `close` waits for the processes to end."""

_log = logging.getLogger(__name__)


class Compute(Protocol):
    """How a call is computed: `rnnviz.jobs.apart.compute`, or a test's own."""

    def __call__(
        self, call: Call, on_progress: Callable[[float], None], is_needed: Callable[[], bool]
    ) -> bytes:
        """The pickled result of `call`."""
        ...


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
    """A result in the making: who waits for it, and how far it is."""

    call: Call
    since: float
    future: "Future[Result]" = field(default_factory=Future)
    visitors: Counter[str] = field(default_factory=Counter)
    share: float = 0.0
    has_started: bool = False
    is_cancelled: bool = False
    abandoned_at: float | None = None


class Computations:
    """Computes each call once for all visitors, `slots` at a time, each in its own process.

    Whoever needs a result stays in `request` until it is there. What nobody waits for any more is
    not started, or ended after a moment, so that of a visitor who drags a slider only the latest
    request counts. The next to start is that of the visitor with the fewest running computations;
    of equals, the one that has waited longest.
    """

    def __init__(
        self,
        compute: Compute = compute,
        slots: int = SLOTS,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._compute, self._slots, self._max_bytes, self._clock = compute, slots, max_bytes, clock
        self._lock = threading.Lock()
        self._results: OrderedDict[Call, Result] = OrderedDict()
        self._bytes = 0
        self._computations: dict[Call, Computation] = {}
        self._running: list[Computation] = []
        self._threads: set[threading.Thread] = set()
        self._closed = False

    def cached(self, call: Call) -> Result | None:
        """The result of `call`, if there is one."""
        with self._lock:
            result = self._results.get(call)
            if result is None:
                return None
            if self._clock() >= result.expires:
                self._drop(call)
                return None
            self._results.move_to_end(call)
            return result

    @contextmanager
    def request(self, call: Call, visitor: str) -> Iterator[Computation]:
        """Let `call` be computed for `visitor` as long as the context lasts."""
        computation = self._enter(call, visitor)
        try:
            yield computation
        finally:
            self._leave(computation, visitor)

    def prefetch(self, call: Call) -> None:
        """Compute `call` when no visitor waits for anything else."""
        if self.cached(call) is None:
            self._enter(call, "")

    def close(self) -> None:
        """End all computations; whoever waits for one gets a Problem."""
        with self._lock:
            self._closed = True
            for computation in self._computations.values():
                if not computation.has_started:
                    computation.future.set_exception(Problem(SHUTTING_DOWN))
            self._computations.clear()
            threads = list(self._threads)
        deadline = time.monotonic() + CLOSE_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _enter(self, call: Call, visitor: str) -> Computation:
        with self._lock:
            if self._closed:
                raise Problem(SHUTTING_DOWN)
            computation = self._computations.get(call)
            if computation is None or computation.is_cancelled:
                computation = self._computations[call] = Computation(call, self._clock())
                if (result := self._results.get(call)) and self._clock() < result.expires:
                    computation.future.set_result(result)  # it came between two calls
                    del self._computations[call]
            computation.visitors[visitor] += 1
            computation.abandoned_at = None
            self._schedule()
            return computation

    def _leave(self, computation: Computation, visitor: str) -> None:
        with self._lock:
            computation.visitors -= Counter([visitor])
            if computation.visitors:
                return
            if computation.has_started:
                computation.abandoned_at = self._clock()
            elif self._computations.get(computation.call) is computation:
                del self._computations[computation.call]

    def _schedule(self) -> None:
        """Start what waits in the free slots, and free those whose result nobody needs."""
        while waiting := [each for each in self._computations.values() if not each.has_started]:
            if len(self._running) >= self._slots:
                if not any(each.is_cancelled for each in self._running):
                    for each in self._running:
                        if each.abandoned_at is not None:
                            each.is_cancelled = True
                            break
                return
            self._start(min(waiting, key=self._rank))

    def _rank(self, computation: Computation) -> tuple[bool, int, float]:
        """The smaller, the earlier it starts."""
        running = Counter(visitor for each in self._running for visitor in each.visitors)
        visitors = [visitor for visitor in computation.visitors if visitor]
        load = min((running[visitor] for visitor in visitors), default=0)
        return not visitors, load, computation.since

    def _start(self, computation: Computation) -> None:
        computation.has_started = True
        self._running.append(computation)
        # A daemon: it only waits for its process.
        thread = threading.Thread(
            target=self._run, args=(computation,), name="rnnviz computation", daemon=True
        )
        self._threads.add(thread)
        thread.start()

    def _run(self, computation: Computation) -> None:
        def on_progress(share: float) -> None:
            computation.share = share

        problem, packed = None, b""
        try:
            packed = self._compute(
                computation.call, on_progress, lambda: self._is_needed(computation)
            )
        except Abandoned:
            problem = Problem(SHUTTING_DOWN)  # nobody waits, unless the server ends
        except Problem as error:
            problem = error
        except Exception as error:
            _log.exception("%s could not be computed", computation.call.function)
            problem = Problem(UNEXPECTED, error=f"{type(error).__name__}: {error}")
        with self._lock:
            self._finish(computation, Result(packed, problem), problem is not None)
            self._threads.discard(threading.current_thread())

    def _is_needed(self, computation: Computation) -> bool:
        with self._lock:
            since = computation.abandoned_at
            if self._closed or (since is not None and self._clock() - since >= GRACE):
                computation.is_cancelled = True
            return not computation.is_cancelled

    def _finish(self, computation: Computation, result: Result, is_error: bool) -> None:
        call = computation.call
        self._running.remove(computation)
        if self._computations.get(call) is computation:
            del self._computations[call]
        if not (is_error and computation.is_cancelled):
            result.expires = self._clock() + ERROR_SECONDS if is_error else float("inf")
            self._keep(call, result)
        computation.future.set_result(result)
        if not self._closed:
            self._schedule()

    def _keep(self, call: Call, result: Result) -> None:
        if call in self._results:
            self._drop(call)
        self._results[call] = result
        self._bytes += result.size
        while self._bytes > self._max_bytes and len(self._results) > 1:
            self._drop(next(iter(self._results)))

    def _drop(self, call: Call) -> None:
        self._bytes -= self._results.pop(call).size


def compute_here(
    call: Call, on_progress: Callable[[float], None], is_needed: Callable[[], bool]
) -> bytes:
    """Compute `call` in this process, for tests: its result is pickled nevertheless."""
    return pickle.dumps(evaluate(call, on_progress))


@singleton(close=Computations.close)
def computations() -> Computations:
    """The computations of this server; in this very process where `RNNVIZ_COMPUTE` is "here"."""
    return Computations(compute_here if os.environ.get("RNNVIZ_COMPUTE") == "here" else compute)
