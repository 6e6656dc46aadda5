"""The writes of the job service: queued in memory, made durable together."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rnnviz.messages import Message, Problem
from rnnviz.names import RunState
from rnnviz.store import heartbeat, location, statements, write_queue
from rnnviz.store.columns import STATES
from rnnviz.store.database import Database
from rnnviz.store.sanitise import text

BEAT_INTERVAL = 5.0
"""Seconds between two heartbeats while there is nothing else to write."""


class RunWriter:
    """Writes the runs in `folder`. Thread-safe; several processes may share the folder.

    Writes (`begin` to `rewind`) are queued in memory until `flush`, which makes all of them durable
    at once. Writes about an unknown run are dropped.

    Raises:
        Problem: the folder or the database in it cannot be used; any method may raise it.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        location.make(folder)
        self._clock = clock
        self._database = Database(folder / location.FILE)
        self._queue = write_queue.WriteQueue()
        self._server = heartbeat.Server.this_process()
        self._flush_lock = threading.RLock()
        self._last_beat: float | None = None
        self.mark_interrupted()

    def begin(
        self, run: str, *, race: str, experiment: dict[str, Any], facts: dict[str, Any]
    ) -> None:
        """Add a queued run. One that is stored already keeps its history, name and note."""
        server, now = self._server.server, self._clock()
        self._queue.add(*statements.begin(run, server, race, experiment, facts, now))

    def append(self, run: str, rows: Sequence[dict[str, Any]]) -> None:
        """Append history rows, each with a "step" and any of the other `HISTORY_COLUMNS`.

        A row replaces one of the same step; a number that is not finite is stored as None.
        """
        self._queue.add(statements.append(run, rows))

    def save_step(self, run: str, step: int, weights: bytes, snapshot: dict[str, Any]) -> None:
        """Add a saved step: the weights after `step` training steps, and a snapshot."""
        self._queue.add(statements.save_step(run, step, weights, snapshot))

    def save_checkpoint(self, run: str, step: int, content: bytes) -> None:
        """Replace the checkpoint, from which the run can be resumed."""
        self._queue.add(statements.save_checkpoint(run, step, content))

    def set_state(
        self,
        run: str,
        state: RunState,
        *,
        reason: Message | None = None,
        result: dict[str, Any] | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        """Set the state of a run and the reason; this server is responsible for it from now on.

        `result` and `facts` are merged into what is stored; a fact that is None is deleted.
        """
        if state not in STATES:
            raise ValueError(f"{state!r} is not one of {STATES}")
        server, now = self._server.server, self._clock()
        self._queue.add(*statements.set_state(run, server, state, reason, result, facts, now))

    def rewind(self, run: str, step: int) -> None:
        """Delete history rows, saved steps and a checkpoint after `step`."""
        self._queue.add(*statements.rewind(run, step))

    def claim(self, runs: Sequence[str], states: Sequence[str]) -> str | None:
        """Queue stored runs for this server, all or none of them; durable at once.

        Returns a run that is in none of `states` and therefore prevents it, or None.
        """
        self.flush()
        ids, now = [text(run) for run in runs], self._clock()
        with self._database.write_transaction() as connection:
            return heartbeat.claim(connection, self._server, ids, states, now)

    def flush(self) -> None:
        """Execute the queued writes in one transaction, and record a heartbeat.

        Raises:
            Problem: the disk is full, for example. The writes stay queued, within the bounds of
                `write_queue`.
        """
        with self._flush_lock:
            writes, now = self._queue.take_all(), self._clock()
            last = self._last_beat
            if not writes and last is not None and 0 <= now - last < BEAT_INTERVAL:
                return
            try:
                with self._database.write_transaction() as connection:
                    heartbeat.beat(connection, self._server, now)
                    statements.execute(connection, writes, now)
            except BaseException:
                self._queue.requeue(writes)
                raise
            self._last_beat = now
            self._shrink(0.0)

    def close(self) -> None:
        """Flush, mark this server's live runs as interrupted, and close the file."""
        try:
            self.flush()
            with self._database.write_transaction() as connection:
                heartbeat.mark_interrupted(connection, [self._server.server])
        finally:
            self._database.close()

    def mark_interrupted(self) -> None:
        """Mark the live runs of dead servers as interrupted."""
        with self._database.read_transaction() as connection:
            dead = heartbeat.dead_servers(connection, self._clock())
            is_needed = bool(dead) or heartbeat.has_abandoned_runs(connection)
        if is_needed:
            with self._database.write_transaction() as connection:
                dead = heartbeat.dead_servers(connection, self._clock())
                heartbeat.mark_interrupted(connection, dead)

    def _shrink(self, seconds: float) -> None:
        # A failure does no harm: the next flushes go on.
        with suppress(Problem):
            deadline = time.monotonic() + seconds
            while self._database.shrink() and time.monotonic() < deadline:
                pass
