"""The writes of the job service: queued in memory, made durable together."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rnnviz.messages import N_, Message, Problem
from rnnviz.names import RunState
from rnnviz.store import heartbeat, location, statements, write_queue
from rnnviz.store.bundle import Upload
from rnnviz.store.columns import STATES
from rnnviz.store.database import Database
from rnnviz.store.files.problems import LOCK_TIMEOUT, Busy
from rnnviz.store.sanitise import text
from rnnviz.store.server import deletions
from rnnviz.store.server.admission import Admission
from rnnviz.store.server.keeper import Keeper
from rnnviz.store.server.limits import Limits
from rnnviz.store.server.live_runs import LiveRuns

BEAT_INTERVAL = 5.0
"""Seconds between two heartbeats while there is nothing else to write."""

FLUSH_TIMEOUT = 0.1
"""Seconds for which a flush waits for another process that writes; the next flush tries again."""

TURN_SECONDS = 1.0
"""Seconds between two looks at the files and at the deletions, for which the time is over."""

SHRINK_SECONDS = 0.5
"""Seconds for which deletions return free space to the disk at once."""

REPLACED = N_(
    "The database {file} was deleted, replaced or overwritten while the server was running. The "
    "runs that train now were stored again, without the weights saved earlier; other runs are "
    "those of the file that is there now."
)


class RunWriter:
    """Writes the runs in `folder`. Thread-safe; several processes may share the folder.

    Writes (`begin` to `rewind`) are queued in memory until `flush`, which makes all of them durable
    at once. Writes about an unknown run are dropped, and so are those about a run that another
    server has resumed meanwhile. Runs that are live are written again to a database that has lost
    them.

    `problem`: why the store could not be used, or not for all, at the last `beat`. `notice`: what
    has happened to the database meanwhile. `patient`: what cannot be opened yet is tried again by
    each `flush` and `beat`; what is written meanwhile stays in memory, within the bounds.

    Raises:
        Problem: the folder or the database in it cannot be used; any method may raise it.
    """

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.time,
        limits: Limits | None = None,
        *,
        patient: bool = False,
    ) -> None:
        self._clock = clock
        self._database = Database(folder / location.FILE, patient)
        self._queue = write_queue.WriteQueue()
        self._server = heartbeat.Server.this_process()
        self._live = LiveRuns()
        self._admission = Admission(self._live, self._server, limits or Limits.of_environment())
        self._add_lock = threading.Lock()
        self._flush_lock = threading.RLock()
        self._last_beat: float | None = None
        self._locked_since: float | None = None
        self._reopened = False
        self._last_checkpoint = clock()
        self._keeper = Keeper("rnnviz store", self.beat, TURN_SECONDS)
        self.problem = self._database.problem
        self.notice: Message | None = None
        try:
            self.mark_interrupted()
        except Problem as problem:
            if not patient:
                raise
            self.problem = problem

    @property
    def is_open(self) -> bool:
        """Whether the database can be read."""
        return self._database.problem is None

    def _add(self, *writes: write_queue.Write) -> None:
        with self._add_lock:
            self._live.record(writes)
            self._queue.add(*writes)

    def begin(
        self, run: str, *, race: str, experiment: dict[str, Any], facts: dict[str, Any]
    ) -> None:
        """Add a queued run. One that is stored already keeps its history, name and note."""
        server, now = self._server.server, self._clock()
        self._add(*statements.begin(run, server, race, experiment, facts, now))

    def append(self, run: str, rows: Sequence[dict[str, Any]]) -> None:
        """Append history rows, each with a "step" and any of the other `HISTORY_COLUMNS`.

        A row replaces one of the same step; a number that is not finite is stored as None.
        """
        self._add(statements.append(run, rows))

    def save_step(self, run: str, step: int, weights: bytes, snapshot: dict[str, Any]) -> None:
        """Add a saved step: the weights after `step` training steps, and a snapshot."""
        self._add(statements.save_step(run, step, weights, snapshot))

    def save_checkpoint(self, run: str, step: int, content: bytes) -> None:
        """Replace the checkpoint, from which the run can be resumed."""
        self._add(statements.save_checkpoint(run, step, content))

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
        self._add(*statements.set_state(run, server, state, reason, result, facts, now))

    def keep_file(self, run: str, content: bytes) -> None:
        """Add the visitor's file that `run` reads, unless it is stored already."""
        self._add(statements.save_file(run, Upload("", content), self._clock()))

    def rewind(self, run: str, step: int) -> None:
        """Delete history rows, saved steps and a checkpoint after `step`."""
        self._add(*statements.rewind(run, step))

    def claim(self, runs: Sequence[str], states: Sequence[str]) -> str | None:
        """Queue stored runs for this server, all or none of them; durable at once.

        Returns a run that is in none of `states` and therefore prevents it, or None.
        """
        self._flush(LOCK_TIMEOUT)
        ids, now = [text(run) for run in runs], self._clock()
        with self._write() as connection:
            conflict = heartbeat.claim(connection, self._server, ids, states, now)
            if conflict is None:
                for run in ids:
                    self._live.load(connection, run, self._server.server, now)
        return conflict

    def flush(self) -> None:
        """Execute the queued writes in one transaction, and record a heartbeat.

        While another process writes they stay queued; that is a problem only when it lasts.

        Raises:
            Problem: the disk is full, for example; the writes stay queued, within the bounds of
                `write_queue`. Or runs that train now are not stored, as the limits are reached.
        """
        self._flush(FLUSH_TIMEOUT)
        if self._admission.problem is not None:
            raise self._admission.problem

    def _flush(self, timeout: float) -> None:
        if not self._flush_lock.acquire(timeout=timeout):
            return  # what another thread cannot write, this one cannot write either
        try:
            writes: list[write_queue.Write] = []
            try:
                self._check()
                writes, now = self._queue.take_all(), self._clock()
                last = self._last_beat
                is_fresh = last is not None and 0 <= now - last < BEAT_INTERVAL
                if not writes and is_fresh and not self._reopened:
                    return
                with self._database.write_transaction(timeout) as connection:
                    self._execute(connection, writes, now)
                self._queue.settle()
            except Busy:
                self._queue.requeue(writes)
                now = time.monotonic()
                self._locked_since = self._locked_since or now
                if max(timeout, now - self._locked_since) >= LOCK_TIMEOUT:
                    raise
                return
            except BaseException:
                self._queue.requeue(writes)
                raise
            self._last_beat, self._locked_since, self._reopened = now, None, False
            self._shrink(0.0)
        finally:
            self._flush_lock.release()

    def _execute(
        self, connection: sqlite3.Connection, writes: list[write_queue.Write], now: float
    ) -> None:
        is_known = heartbeat.beat(connection, self._server, now)
        if self._reopened and not is_known:
            self.notice = Message(REPLACED, {"file": str(self._database.file)})
        used = self._database.used_bytes(connection)
        admitted = self._admission.admit(connection, writes, used, is_known, self._reopened)
        statements.execute(connection, admitted, now)
        self._admission.thin(connection, admitted)
        heartbeat.release(
            connection,
            [
                run
                for run in heartbeat.stray_runs(connection, self._server)
                if run not in self._live
            ],
        )
        self._live.confirm(admitted)

    def _check(self) -> None:
        """Make sure that the database is the file at its path."""
        now = self._clock()
        self._reopened |= self._database.check(
            lambda connection: heartbeat.has_other_live_server(connection, self._server, now)
        )

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """A write transaction of a visitor, which is not queued."""
        self._check()
        with self._database.write_transaction() as connection:
            yield connection

    def close(self) -> None:
        """Flush, mark this server's live runs as interrupted, and close the file."""
        self._keeper.stop()
        try:
            self._flush(LOCK_TIMEOUT)
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

    def start(self) -> None:
        """Start a thread that beats, whether or not anything trains; `close` ends it."""
        self._keeper.start()

    def beat(self) -> None:
        """Do what is due: a server calls it every `TURN_SECONDS`.

        Flush, record a heartbeat, mark the runs of dead servers as interrupted, and delete for good
        what was deleted a minute ago. Sets `problem`.
        """
        try:
            self._flush(FLUSH_TIMEOUT)
            self._purge()
            self.mark_interrupted()
            if not 0 <= self._clock() - self._last_checkpoint < BEAT_INTERVAL:
                self._database.checkpoint()
                self._last_checkpoint = self._clock()
            self.problem = self._admission.problem
        except Problem as problem:
            self.problem = problem

    def _purge(self) -> None:
        now = self._clock()
        with self._database.read_transaction() as connection:
            is_due = deletions.are_due(connection, now)
        if is_due:
            with self._write() as connection:
                deletions.purge(connection, now)
            self._shrink(SHRINK_SECONDS)

    def _shrink(self, seconds: float) -> None:
        # A failure does no harm: the next flushes go on.
        with suppress(Problem):
            deadline = time.monotonic() + seconds
            while self._database.shrink() and time.monotonic() < deadline:
                pass
