"""Record in a store, as it happens, whatever has to outlive the server.

Training continues even if the store fails; `store_problem` says why nothing can be stored. Nobody
waits for the store: what is recorded is queued, and `run` (or `flush`) passes it on.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from rnnviz.jobs.records import END_STATES, Run
from rnnviz.jobs.worker import message_of
from rnnviz.messages import N_, Message, Problem
from rnnviz.names import RunState

NO_STORE = N_("This server does not store runs, so none can be resumed.")
SHUT_DOWN = N_("The server was shut down before this run had ended; it can be resumed.")

FLUSH_INTERVAL = 0.4
"""Seconds between two flushes: how much of a run a power cut may cost."""

FLUSH_BYTES = 16 * 2**20
"""So many bytes of weights do not wait for the clock: they are written in the next turn."""

IDLE_INTERVAL = 2.0
"""Seconds between two flushes while nothing happens: the store records that the server lives."""

MAX_WAITING_BYTES = 64 * 2**20
"""So many bytes of weights wait for a store that hangs; of more, saved steps are dropped."""

_log = logging.getLogger(__name__)


class StoredRun(Protocol):
    """What the service reads of a stored run."""

    @property
    def state(self) -> str:
        """Its state, such as "interrupted"."""

    @property
    def experiment(self) -> dict[str, Any]:
        """Its experiment as plain data."""


class RunStore(Protocol):
    """The interface of a store; `rnnviz.store.Store` is one.

    Any method may raise a Problem. Writes are buffered in memory until `flush`.
    """

    def begin(
        self, run: str, *, race: str, experiment: dict[str, Any], facts: dict[str, Any]
    ) -> None:
        """Add a run, which is queued."""

    def append(self, run: str, rows: Sequence[dict[str, Any]]) -> None:
        """Append rows of history."""

    def save_step(self, run: str, step: int, weights: bytes, snapshot: dict[str, Any]) -> None:
        """Add a saved step: the weights after `step`."""

    def save_checkpoint(self, run: str, step: int, content: bytes) -> None:
        """Replace the checkpoint from which the run can be resumed."""

    def set_state(
        self,
        run: str,
        state: RunState,
        *,
        reason: Message | None = None,
        result: dict[str, Any] | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        """Set the state of a run."""

    def rewind(self, run: str, step: int) -> None:
        """Delete whatever followed `step`."""

    def claim(self, runs: Sequence[str], states: Sequence[str]) -> str | None:
        """Claim `runs` for this server, all or none of them.

        Returns a run that is in none of `states` and therefore prevents it, or None.
        """

    def flush(self) -> None:
        """Make durable what was written."""

    def run(self, run: str) -> StoredRun | None:
        """The stored run, if there is one."""

    def history(self, run: str) -> dict[str, list[Any]]:
        """The history of a run as columns."""

    def snapshots(self, run: str) -> list[tuple[int, dict[str, Any]]]:
        """Step and snapshot of each saved step."""

    def weights(self, run: str, step: int) -> bytes | None:
        """The weights of the latest saved step that is not after `step`."""

    def last_checkpoint(self, run: str) -> tuple[int, bytes] | None:
        """The latest checkpoint, as step and content."""

    def keep_file(self, run: str, content: bytes) -> None:
        """Add the visitor's file that `run`, which has begun, reads."""

    def file(self, key: str) -> tuple[str, bytes] | None:
        """Title and content of a visitor's file."""


class RunRecorder:
    """Writes what happens to the runs into `store`, if there is one; its errors stay in here.

    The methods that record never wait, whatever the store does.
    """

    def __init__(self, store: RunStore | None, clock: Callable[[], float]) -> None:
        self._store, self._clock = store, clock
        self._writes: deque[tuple[int, Callable[[RunStore], None]]] = deque()  # with their bytes
        self._passing_on, self._flushing = threading.RLock(), threading.Lock()
        self._wake = threading.Event()
        self._flushed = clock()
        self._urgent = self._unflushed = self._closed = False
        self._bytes = self._recorded_bytes = self._passed_bytes = 0
        self._checkpoints: dict[str, tuple[int, bytes]] = {}  # the latest of each run
        self.store_problem: Message | None = None

    @property
    def store(self) -> RunStore:
        """The store itself, for reading, with everything that was recorded.

        Raises:
            Problem: there is none.
        """
        if self._store is None:
            raise Problem(NO_STORE)
        self._pass_on(self._store)
        return self._store

    # What is recorded ---------------------------------------------------------------------------

    def begin(self, run: Run, race: str) -> None:
        """Record that `run` is queued, as a part of `race`, and the visitor's files it reads.

        Flushed at once: a server killed before that would leave nothing to resume.
        """
        run_id, experiment = run.run_id, run.work.get("experiment", {})
        self._urgent = True
        self._add(lambda store: store.begin(run_id, race=race, experiment=experiment, facts={}))
        for content in run.work.get("files", {}).values():
            self._add(partial(_keep_file, run=run_id, content=content))

    def append_rows(self, run: Run, rows: Sequence[dict[str, Any]]) -> None:
        """Append rows of history."""
        run_id = run.run_id
        if rows:
            self._add(lambda store: store.append(run_id, rows))

    def save_step(self, run: Run, step: int, weights: bytes, norms: Sequence[float]) -> None:
        """Store the weights after `step`; without a store they stay in memory."""
        run_id, snapshot = run.run_id, {"norms": list(norms)}
        if self._store is None:
            run.weights[step] = weights
        elif self._recorded_bytes - self._passed_bytes < MAX_WAITING_BYTES:
            size = len(weights)
            self._add(lambda store: store.save_step(run_id, step, weights, snapshot), size)

    def save_checkpoint(self, run: Run, step: int, content: bytes) -> None:
        """Store the checkpoint from which `run` can be resumed."""
        run_id = run.run_id

        def write(store: RunStore) -> None:
            # While the store hangs only the latest waits, however large they are.
            if self._checkpoints.get(run_id, (-1, b""))[0] == step:
                store.save_checkpoint(run_id, *self._checkpoints.pop(run_id))

        if self._store is not None:
            self._checkpoints[run_id] = (step, content)
            self._add(write, len(content))

    def save_state(self, run: Run) -> None:
        """Store the state of `run`; an end is flushed at once, if the disk allows it."""
        run_id, state, reason, result = run.run_id, run.state, run.reason, run.result
        # The process id is meaningless to later readers.
        facts = {name: fact for name, fact in run.facts.items() if name != "pid"}
        self._urgent |= state in END_STATES
        self._add(
            lambda store: store.set_state(run_id, state, reason=reason, result=result, facts=facts)
        )

    def rewind(self, run: Run, step: int) -> None:
        """Delete what `run` has done after `step`, all of it if negative: it will be repeated."""
        run_id = run.run_id
        self._add(lambda store: store.rewind(run_id, max(step, 0)))

    def mark_interrupted(self, run: Run) -> None:
        """Record that the server ends before `run` does."""
        run_id = run.run_id
        self._add(lambda store: store.set_state(run_id, "interrupted", reason=Message(SHUT_DOWN)))

    def weights(self, run: str, step: int) -> bytes | None:
        """The weights of the latest saved step that is not after `step`."""
        return None if self._store is None else self.store.weights(run, step)

    def _add(self, write: Callable[[RunStore], None], size: int = 0) -> None:
        if self._store is not None:
            self._recorded_bytes += size
            self._writes.append((size, write))
            self._wake.set()

    # What the store is asked ----------------------------------------------------------------------

    def run(self) -> None:
        """Pass on and flush what is recorded until `close`, in a thread of its own."""
        while self._store is not None and not self._closed:
            self._wake.wait(FLUSH_INTERVAL if self._unflushed else IDLE_INTERVAL)
            self._wake.clear()
            self.flush()

    def close(self) -> None:
        """Flush everything, and let `run` return."""
        self._closed = True
        self.flush(now=True)
        self._wake.set()

    def flush(self, now: bool = False) -> None:
        """Pass on what is recorded; make it durable if that is due, or `now`. Waits for the disk.

        Thread-safe; where another thread is flushing, only `now` waits for it.
        """
        if self._store is None or not self._flushing.acquire(blocking=now):
            return
        try:
            self._pass_on(self._store)
            # After an error the disk is not tried again in every turn.
            urgent = (self._urgent or self._bytes >= FLUSH_BYTES) and self.store_problem is None
            if now or urgent or self._clock() - self._flushed >= FLUSH_INTERVAL:
                self._flush(self._store)
        finally:
            self._flushing.release()

    def _flush(self, store: RunStore) -> None:
        # Reset first: what is recorded meanwhile may miss this flush.
        was_urgent, self._urgent = self._urgent, False
        self._flushed, self._bytes, self._unflushed = self._clock(), 0, False
        try:
            store.flush()
            self.store_problem = None
        except Exception as error:
            self._unflushed, self._urgent = True, self._urgent or was_urgent
            self._note_error(error)

    def _pass_on(self, store: RunStore) -> None:
        """Write into the store, in order, what has been recorded; it is not durable yet."""
        with self._passing_on:
            while self._writes:
                size, write = self._writes.popleft()
                self._bytes, self._unflushed = self._bytes + size, True
                try:
                    write(store)
                except Exception as error:
                    self._note_error(error)
                self._passed_bytes += size

    def _note_error(self, error: Exception) -> None:
        if self.store_problem is None:
            _log.warning("the runs cannot be stored", exc_info=error)
        self.store_problem = message_of(error)


def _keep_file(store: RunStore, run: str, content: bytes) -> None:
    store.keep_file(run, content)
