"""What is computed outside the pages' threads: once for all visitors, a few at a time, fairly."""

import logging
import os
import pickle
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rnnviz.jobs.apart import Abandoned, Call, compute, evaluate
from rnnviz.messages import N_, Problem
from rnnviz.ui.services.computation import Computation, Result
from rnnviz.ui.services.singletons import SHUTTING_DOWN, singleton

UNEXPECTED = N_("The computation could not be started: {error}")

SLOTS = max(2, min(8, os.cpu_count() or 1))
"""How many processes compute at the same time."""
MAX_BYTES = 96 * 2**20
"""The most bytes of results that are kept."""
GRACE = 1.0
"""Seconds until a computation ends for which nobody waits any more: a page that runs again, for
example in another language, asks for it again at once."""
ERROR_SECONDS = 20.0
"""Seconds for which an error is kept; then the next request tries again."""
LEASE = 30.0
"""Seconds for which a result is computed that a page has asked for without waiting."""
MAX_PENDING = 16
"""The most computations that wait for a slot while nobody waits for them; of more, those that have
not been asked for the longest are dropped."""
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


class Computations:
    """Computes each call once for all visitors, `slots` at a time, each in its own process.

    Whoever needs a result stays in `request` until it is there. What nobody waits for any more is
    not started, or ended after a moment, so that of a visitor who drags a slider only the latest
    request counts. The next to start is that of the visitor with the fewest running computations;
    of equals, the one that has waited longest.

    A page that goes on without a result asks for it by `poll`. This comes after all that somebody
    waits for and leaves a slot for it; what was asked for last is the next to start.
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

    def poll(self, call: Call, complete: Callable[[], Call] | None = None) -> Result | None:
        """The result of `call`; None while it is computed, for `LEASE` seconds from each poll.

        `complete` returns what is computed, with the files or weights that it reads; only `call`
        is kept with the result. It is not called in this thread.
        """
        if (result := self.cached(call)) is None:
            self._enter_unattended(call, self._clock(), LEASE, complete)
        return result

    def prefetch(self, call: Call) -> None:
        """Compute `call` when no page needs anything else."""
        if self.cached(call) is None:
            self._enter_unattended(call, float("-inf"), float("inf"))

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
            computation = self._computation(call)
            computation.visitors[visitor] += 1
            self._schedule()
            return computation

    def _enter_unattended(
        self,
        call: Call,
        polled: float,
        lease: float,
        complete: Callable[[], Call] | None = None,
    ) -> None:
        with self._lock:
            if self._closed:
                return
            computation = self._computation(call)
            computation.complete = computation.complete or complete
            computation.polled = max(computation.polled, polled)
            computation.needed_until = max(computation.needed_until, self._clock() + lease)
            self._schedule()
            unattended = [each for each in self._queue() if not each.visitors]
            if len(unattended) > MAX_PENDING:
                del self._computations[min(unattended, key=lambda each: each.polled).call]

    def _computation(self, call: Call) -> Computation:
        computation = self._computations.get(call)
        if computation is None or computation.is_cancelled:
            computation = self._computations[call] = Computation(call, self._clock())
            if (result := self._results.get(call)) and self._clock() < result.expires:
                computation.future.set_result(result)  # it came between two calls
                del self._computations[call]
        return computation

    def _leave(self, computation: Computation, visitor: str) -> None:
        with self._lock:
            computation.visitors -= Counter([visitor])
            computation.needed_until = max(computation.needed_until, self._clock())
            self._drop_abandoned()

    def _queue(self) -> list[Computation]:
        return [each for each in self._computations.values() if not each.has_started]

    def _drop_abandoned(self) -> None:
        for each in self._queue():
            if each.is_abandoned(self._clock()):
                del self._computations[each.call]

    def _schedule(self) -> None:
        """Start what waits in the free slots, and free those whose result nobody needs."""
        self._drop_abandoned()
        while waiting := self._queue():
            computation = min(waiting, key=self._rank)
            if not self._has_slot(computation):
                if not any(each.is_cancelled for each in self._running):
                    for each in self._running:
                        if each.is_abandoned(self._clock()):
                            each.is_cancelled = True
                            break
                return
            self._start(computation)

    def _has_slot(self, computation: Computation) -> bool:
        unattended = [each for each in self._running if not each.visitors]
        is_next = bool(computation.visitors) or len(unattended) < max(1, self._slots - 1)
        return is_next and len(self._running) < self._slots

    def _rank(self, computation: Computation) -> tuple[bool, int, float, float]:
        """The smaller, the earlier it starts."""
        running = Counter(visitor for each in self._running for visitor in each.visitors)
        visitors = computation.visitors
        load = min((running[visitor] for visitor in visitors), default=0)
        recency = 0.0 if visitors else -computation.polled
        return not visitors, load, recency, computation.since

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
            call = computation.call if computation.complete is None else computation.complete()
            packed = self._compute(call, on_progress, lambda: self._is_needed(computation))
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
            if self._closed or computation.is_abandoned(self._clock() - GRACE):
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
