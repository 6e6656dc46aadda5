"""What has to outlive the server: told to a store as it happens.

Training goes on whatever becomes of the store: `storage` then says why nothing is kept.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from rnnviz.jobs.records import Run
from rnnviz.jobs.worker import message_of
from rnnviz.messages import N_, Message, Problem
from rnnviz.names import RunState

NO_STORE = N_("This server keeps no runs, so none can be resumed.")
SHUT_DOWN = N_("The server was shut down before this run had ended; it can be resumed.")

FLUSH_INTERVAL = 0.4
"""Seconds between two flushes: how much of a run a power cut may take."""

FLUSH_BYTES = 16 * 2**20
"""Bytes of weights that do not wait for the clock: they are written at the next turn."""

_log = logging.getLogger(__name__)


class StoredRun(Protocol):
    """What the service wants to know of a stored run."""

    @property
    def state(self) -> str:
        """Such as "interrupted"."""

    @property
    def experiment(self) -> dict[str, Any]:
        """The experiment as plain data."""


class RunStore(Protocol):
    """What the service asks of a store; `rnnviz.store.Store` is one.

    Any method may raise a Problem. What is written waits in memory until `flush`.
    """

    def begin(
        self, run: str, *, race: str, experiment: dict[str, Any], facts: dict[str, Any]
    ) -> None:
        """A run is queued."""

    def append(self, run: str, rows: Sequence[dict[str, Any]]) -> None:
        """More rows of history."""

    def moment(self, run: str, step: int, weights: bytes, look: dict[str, Any]) -> None:
        """The weights after `step`."""

    def checkpoint(self, run: str, step: int, content: bytes) -> None:
        """Where the run can go on."""

    def state(
        self,
        run: str,
        state: RunState,
        *,
        reason: Message | None = None,
        result: dict[str, Any] | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        """What has become of a run."""

    def rewind(self, run: str, step: int) -> None:
        """Whatever came after `step` has not happened."""

    def claim(self, runs: Sequence[str], states: Sequence[str]) -> str | None:
        """Take up `runs` before another server does; one that is in none of `states` prevents it,
        and is returned."""

    def flush(self) -> None:
        """Make durable what was written."""

    def run(self, run: str) -> StoredRun | None:
        """A stored run."""

    def history(self, run: str) -> dict[str, list[Any]]:
        """Its history as columns."""

    def looks(self, run: str) -> list[tuple[int, dict[str, Any]]]:
        """Step and look of its moments."""

    def weights(self, run: str, step: int) -> bytes | None:
        """Its weights at or before `step`."""

    def last_checkpoint(self, run: str) -> tuple[int, bytes] | None:
        """Where it can go on."""

    def keep_file(self, content: bytes, title: str) -> str:
        """Keep a visitor's file under its own key."""

    def file(self, key: str) -> tuple[str, bytes] | None:
        """Title and content of a visitor's file."""


class RunRecorder:
    """Tells `store`, if there is one, what happens to the runs; no fault of it goes further."""

    def __init__(self, store: RunStore | None, clock: Callable[[], float]) -> None:
        self._store, self._clock = store, clock
        self._flushed = clock()
        self._unwritten = self._urgent = False
        self._weight = 0
        self.store_problem: Message | None = None

    @property
    def store(self) -> RunStore:
        """The store itself, for questions.

        Raises:
            Problem: there is none.
        """
        if self._store is None:
            raise Problem(NO_STORE)
        return self._store

    def begin(self, run: Run, race: str) -> None:
        """`run` is queued, as a part of `race`."""
        if self._store is not None:
            with self._writing():
                experiment = run.work.get("experiment", {})
                self._store.begin(run.run_id, race=race, experiment=experiment, facts={})

    def append_rows(self, run: Run, points: Sequence[dict[str, Any]]) -> None:
        """More rows of history."""
        if self._store is not None and points:
            with self._writing():
                self._store.append(run.run_id, points)

    def save_step(self, run: Run, step: int, weights: bytes, norms: Sequence[float]) -> None:
        """The weights after `step`; without a store they stay in memory."""
        if self._store is None:
            run.weights[step] = weights
        else:
            with self._writing():
                self._store.moment(run.run_id, step, weights, {"norms": list(norms)})
            self._weight += len(weights)

    def save_checkpoint(self, run: Run, step: int, content: bytes) -> None:
        """Where the run can go on."""
        if self._store is not None:
            with self._writing():
                self._store.checkpoint(run.run_id, step, content)
            self._weight += len(content)

    def save_state(self, run: Run) -> None:
        """What has become of `run`; an end is written at the next turn, if the disk allows it."""
        if self._store is not None:
            # The worker's number means nothing to those who read it later.
            facts = {name: fact for name, fact in run.facts.items() if name != "pid"}
            with self._writing():
                self._store.state(
                    run.run_id, run.state, reason=run.reason, result=run.result, facts=facts
                )
            self._urgent |= run.state in ("finished", "stopped", "failed")

    def rewind(self, run: Run, step: int) -> None:
        """What `run` has done after `step` will be done again; all of it if that is negative."""
        if self._store is not None:
            with self._writing():
                self._store.rewind(run.run_id, max(step, 0))

    def mark_interrupted(self, run: Run) -> None:
        """The server ends before `run` does."""
        if self._store is not None:
            with self._writing():
                self._store.state(run.run_id, "interrupted", reason=Message(SHUT_DOWN))

    def keep_files(self, files: Mapping[str, bytes]) -> None:
        """Keep the visitor's files that runs read which have begun, so that they can be resumed."""
        if self._store is not None and files:
            # Stored only now: a file that no stored run reads may be swept away at any time.
            self.flush(now=True)
            with self._writing():
                for key, content in files.items():
                    if self._store.file(key) is None:
                        self._store.keep_file(content, "")

    def weights(self, run: str, step: int) -> bytes | None:
        """The stored weights at or before `step`."""
        return None if self._store is None else self._store.weights(run, step)

    @property
    def seconds_to_flush(self) -> float | None:
        """Seconds after which `flush` is wanted even if nothing happens; None if all is written."""
        return FLUSH_INTERVAL if self._unwritten else None

    def flush(self, now: bool = False) -> None:
        """Make all of it durable if it is time to, or `now`. Waits for the disk."""
        if self._store is None:
            return
        # A disk that has just refused is not asked again at every turn.
        urgent = (self._urgent or self._weight >= FLUSH_BYTES) and self.store_problem is None
        if now or urgent or self._clock() - self._flushed >= FLUSH_INTERVAL:
            # First: what is told meanwhile may have come too late for this time.
            urgent, self._unwritten, self._urgent = self._urgent, False, False
            self._flushed, self._weight = self._clock(), 0
            with self._catching():
                self._store.flush()
                self.store_problem = None
                return
            self._unwritten, self._urgent = True, self._urgent or urgent

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._catching():
            yield
        self._unwritten = True  # not before: a flush that goes on just now would take it for done

    @contextmanager
    def _catching(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if self.store_problem is None:
                _log.warning("the runs cannot be stored", exc_info=True)
            self.store_problem = message_of(error)
