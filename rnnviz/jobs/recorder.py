"""Record in a store, as it happens, whatever has to outlive the server.

Training continues even if the store fails; `store_problem` says why nothing can be stored.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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

    def save_file(self, content: bytes, title: str) -> str:
        """Store a visitor's file and return its key."""

    def file(self, key: str) -> tuple[str, bytes] | None:
        """Title and content of a visitor's file."""


class RunRecorder:
    """Writes what happens to the runs into `store`, if there is one; its errors stay in here."""

    def __init__(self, store: RunStore | None, clock: Callable[[], float]) -> None:
        self._store, self._clock = store, clock
        self._flushed = clock()
        self._unwritten = self._urgent = False
        self._bytes = 0
        self.store_problem: Message | None = None

    @property
    def store(self) -> RunStore:
        """The store itself, for reading.

        Raises:
            Problem: there is none.
        """
        if self._store is None:
            raise Problem(NO_STORE)
        return self._store

    def begin(self, run: Run, race: str) -> None:
        """Record that `run` is queued, as a part of `race`."""
        if self._store is not None:
            with self._track_write():
                experiment = run.work.get("experiment", {})
                self._store.begin(run.run_id, race=race, experiment=experiment, facts={})

    def append_rows(self, run: Run, rows: Sequence[dict[str, Any]]) -> None:
        """Append rows of history."""
        if self._store is not None and rows:
            with self._track_write():
                self._store.append(run.run_id, rows)

    def save_step(self, run: Run, step: int, weights: bytes, norms: Sequence[float]) -> None:
        """Store the weights after `step`; without a store they stay in memory."""
        if self._store is None:
            run.weights[step] = weights
        else:
            with self._track_write():
                self._store.save_step(run.run_id, step, weights, {"norms": list(norms)})
            self._bytes += len(weights)

    def save_checkpoint(self, run: Run, step: int, content: bytes) -> None:
        """Store the checkpoint from which `run` can be resumed."""
        if self._store is not None:
            with self._track_write():
                self._store.save_checkpoint(run.run_id, step, content)
            self._bytes += len(content)

    def save_state(self, run: Run) -> None:
        """Store the state of `run`; an end is flushed in the next turn, if the disk allows it."""
        if self._store is not None:
            # The process id is meaningless to later readers.
            facts = {name: fact for name, fact in run.facts.items() if name != "pid"}
            with self._track_write():
                self._store.set_state(
                    run.run_id, run.state, reason=run.reason, result=run.result, facts=facts
                )
            self._urgent |= run.state in END_STATES

    def rewind(self, run: Run, step: int) -> None:
        """Delete what `run` has done after `step`, all of it if negative: it will be repeated."""
        if self._store is not None:
            with self._track_write():
                self._store.rewind(run.run_id, max(step, 0))

    def mark_interrupted(self, run: Run) -> None:
        """Record that the server ends before `run` does."""
        if self._store is not None:
            with self._track_write():
                self._store.set_state(run.run_id, "interrupted", reason=Message(SHUT_DOWN))

    def keep_files(self, files: Mapping[str, bytes]) -> None:
        """Store the visitor's files that the begun runs read, so that they can be resumed."""
        if self._store is not None and files:
            # Only now: a file that no stored run reads may be deleted at any time.
            self.flush(now=True)
            with self._track_write():
                for key, content in files.items():
                    if self._store.file(key) is None:
                        self._store.save_file(content, "")

    def weights(self, run: str, step: int) -> bytes | None:
        """The weights of the latest saved step that is not after `step`."""
        return None if self._store is None else self._store.weights(run, step)

    @property
    def seconds_to_flush(self) -> float | None:
        """Seconds until `flush` is due even if nothing happens; None if everything is written."""
        return FLUSH_INTERVAL if self._unwritten else None

    def flush(self, now: bool = False) -> None:
        """Make everything durable if that is due, or `now`. Waits for the disk."""
        if self._store is None:
            return
        # After an error the disk is not tried again in every turn.
        urgent = (self._urgent or self._bytes >= FLUSH_BYTES) and self.store_problem is None
        if now or urgent or self._clock() - self._flushed >= FLUSH_INTERVAL:
            # Reset first: what is written meanwhile may miss this flush.
            was_urgent, self._unwritten, self._urgent = self._urgent, False, False
            self._flushed, self._bytes = self._clock(), 0
            with self._catch_errors():
                self._store.flush()
                self.store_problem = None
                return
            self._unwritten, self._urgent = True, self._urgent or was_urgent

    @contextmanager
    def _track_write(self) -> Iterator[None]:
        with self._catch_errors():
            yield
        self._unwritten = True  # not before: a flush in progress would count it as written

    @contextmanager
    def _catch_errors(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if self.store_problem is None:
                _log.warning("the runs cannot be stored", exc_info=True)
            self.store_problem = message_of(error)
