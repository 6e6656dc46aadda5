"""Every run of training as it happens, in one file that outlives the server."""

import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rnnviz.messages import N_, Message, Problem
from rnnviz.names import RunState
from rnnviz.store import heartbeat, location, queries, statements, write_queue
from rnnviz.store.bundle import HISTORY_COLUMNS, WHOLE, Bundle, Upload
from rnnviz.store.database import Database
from rnnviz.store.rows import LIVE, STATES, Listing, Query, RunRow
from rnnviz.store.sanitise import text, titled

UNKNOWN = N_("The run {run} is not stored (any more); allowed is a run from the list of runs.")
TRAINS = N_("The run {run} is still training, so it stays; allowed is one that has ended.")
UNFINISHED = N_("This run was exported before it had ended.")

FILE = "runs.sqlite3"
NAME, NOTE = 120, 4000
"""Characters that a name and a note may have."""

ROOM = 32 * 2**20
"""Bytes of weights that leave together with a run, and of the visitor's file that it reads."""

SHRINKING = 0.5
"""Seconds for which whoever deletes runs waits until the disk has its space back."""

BEAT = 5.0
"""Seconds between two heartbeats while there is nothing else to write."""


class Store:
    """The runs in `folder`. Thread-safe; several processes may share the folder.

    What is said about a run (`begin` to `rewind`) waits in memory until `flush`, which makes all
    of it durable at once; every question is answered with what waits included. A name that no run
    has is answered with nothing, and what is said about it is dropped.

    Raises:
        Problem: the folder or the database in it cannot be used; from any method, too.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        location.make(folder)
        self._clock = clock
        self._database = Database(folder / FILE)
        self._pending = write_queue.WriteQueue()
        self._server = heartbeat.Server.this()
        self._flushing = threading.RLock()
        self._beaten: float | None = None
        self.mark_interrupted()

    # What the job service tells -----------------------------------------------------------------

    def begin(
        self, run: str, *, race: str, experiment: dict[str, Any], facts: dict[str, Any]
    ) -> None:
        """A run is queued. One that is there already goes on, with its history and its title."""
        server, now = self._server.server, self._clock()
        self._pending.add(*statements.begin(run, server, race, experiment, facts, now))

    def append(self, run: str, rows: Sequence[dict[str, Any]]) -> None:
        """Add rows of history, each with a "step" and what is known of the other `COLUMNS`.

        A row replaces the one of the same step; a number that is not finite is kept as None.
        """
        self._pending.add(statements.append(run, rows))

    def save_step(self, run: str, step: int, weights: bytes, snapshot: dict[str, Any]) -> None:
        """Add a place in the timeline: the weights after `step` steps, and a look inside."""
        self._pending.add(statements.moment(run, step, weights, snapshot))

    def save_checkpoint(self, run: str, step: int, content: bytes) -> None:
        """Keep `content`, from which the run can go on, in place of the checkpoint before."""
        self._pending.add(statements.checkpoint(run, step, content))

    def set_state(
        self,
        run: str,
        state: RunState,
        *,
        reason: Message | None = None,
        result: dict[str, Any] | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        """A run has come into a state, for a `reason`; this server answers for it from now on.

        `result` and `facts` are added to what is known; a fact that is None is forgotten.
        """
        if state not in STATES:
            raise ValueError(f"{state!r} is not one of {STATES}")
        server, now = self._server.server, self._clock()
        self._pending.add(*statements.state(run, server, state, reason, result, facts, now))

    def rewind(self, run: str, step: int) -> None:
        """Drop history, moments and checkpoint that came after `step`."""
        self._pending.add(*statements.rewind(run, step))

    def claim(self, runs: Sequence[str], states: Sequence[str]) -> str | None:
        """Take up stored runs, durably and before another server does: they are queued then.

        Returns one of them whose state is none of `states`; all of them stay as they are then.
        """
        self.flush()
        names, now = [text(run) for run in runs], self._clock()
        with self._database.writing() as connection:
            return heartbeat.claim(connection, self._server, names, states, now)

    def flush(self) -> None:
        """Make durable what waits, in one transaction, and show that this server is alive.

        Raises:
            Problem: the disk is full, for example. What waits goes on waiting, within the
                bounds of `pending`.
        """
        with self._flushing:
            writes, now = self._pending.take(), self._clock()
            fresh = self._beaten is not None and 0 <= now - self._beaten < BEAT
            if not writes and fresh:
                return
            try:
                with self._database.writing() as connection:
                    heartbeat.beat(connection, self._server, now)
                    statements.carry_out(connection, writes, now)
            except BaseException:
                self._pending.give_back(writes)
                raise
            self._beaten = now
            self._shrink(0.0)

    def close(self) -> None:
        """Flush and let go of the file; what this server has not ended is then interrupted."""
        try:
            self.flush()
            with self._database.writing() as connection:
                heartbeat.bury(connection, [self._server.server])
        finally:
            self._database.close()

    def mark_interrupted(self) -> None:
        """Mark the runs of servers that have died as interrupted; others are left alone."""
        with self._database.reading() as connection:
            found = heartbeat.dead(connection, self._clock()) or heartbeat.orphans(connection)
        if found:
            with self._database.writing() as connection:
                heartbeat.bury(connection, heartbeat.dead(connection, self._clock()))

    # What pages ask -----------------------------------------------------------------------------

    def runs(self, query: Query) -> Listing:
        """One page of runs."""
        with self._asking() as connection:
            return queries.page(connection, query)

    def is_empty(self) -> bool:
        """Whether there are no runs at all."""
        with self._asking() as connection:
            return not queries.some(connection)

    def run(self, run: str) -> RunRow | None:
        """One run."""
        with self._asking() as connection:
            return queries.run(connection, run)

    def history(self, run: str, most: int | None = None) -> dict[str, list[Any]]:
        """The history as columns, in the order of the steps, thinned to about `most` rows.

        Only stored rows are returned, the last one always; rows with a validation, which are few,
        are thinned apart from the others.
        """
        with self._asking() as connection:
            rows = queries.history(connection, run, most)
        return {
            name: [row[location] for row in rows] for location, name in enumerate(HISTORY_COLUMNS)
        }

    def saved_steps(self, run: str) -> list[int]:
        """The steps of the timeline."""
        with self._asking() as connection:
            return [step for step, *_ in queries.moments(connection, run)]

    def weights(self, run: str, step: int) -> bytes | None:
        """The weights of the latest moment at or before `step`; None where there is none."""
        with self._asking() as connection:
            return queries.weights(connection, run, step)

    def snapshots(self, run: str, most: int | None = None) -> list[tuple[int, dict[str, Any]]]:
        """Step and look of the timeline, thinned to about `most`, the last one always."""
        with self._asking() as connection:
            return queries.looks(connection, run, most)

    def last_checkpoint(self, run: str) -> tuple[int, bytes] | None:
        """Where the run can go on: the step, and what was kept there."""
        with self._asking() as connection:
            return queries.checkpoint(connection, run)

    # What visitors change -----------------------------------------------------------------------

    def rename(self, run: str, name: str) -> None:
        """Give a run a name, or none with "".

        Raises:
            Problem: the name is too long, or there is no such run.
        """
        self._retitle(run, name=titled("name", name, NAME))

    def annotate(self, run: str, note: str) -> None:
        """Give a run a note, or none with "".

        Raises:
            Problem: the note is too long, or there is no such run.
        """
        self._retitle(run, note=titled("note", note, NOTE))

    def delete(self, runs: Sequence[str]) -> None:
        """Remove runs with all that belongs to them, and the files that no other run reads.

        Raises:
            Problem: one of them is still training; all of them stay.
        """
        self.flush()
        names = [text(run) for run in runs]
        with self._database.writing() as connection:
            live = heartbeat.trained(connection, names)
            if live is not None:
                raise Problem(TRAINS, run=live[:60])
            statements.delete(connection, names)
        self._shrink(SHRINKING)

    def save_file(self, content: bytes, title: str) -> str:
        """Keep a visitor's file, as long as a run reads it that was begun before.

        Its key is the SHA-256 of its content, so it is kept once.
        """
        given, now = Upload(title, bytes(content)), self._clock()
        with self._database.writing() as connection:
            statements.carry_out(connection, [statements.upload("", given, now)], now)
        return given.key

    def file(self, key: str) -> tuple[str, bytes] | None:
        """Title and content of a visitor's file."""
        with self._asking() as connection:
            return queries.file(connection, key)

    # Whole runs ---------------------------------------------------------------------------------

    def bundle(self, run: str, room: int = ROOM, whole: int = WHOLE) -> Bundle | None:
        """All of a run; of its timeline as many moments as fit into `room` bytes, the last always.

        The moments that are left out are spread evenly over the timeline. A visitor's file that
        the run reads goes with it, and takes its part of the room. A checkpoint goes with them
        only if all of it fits into `whole` bytes, so that what leaves can be brought back.
        """
        with self._asking() as connection:
            return queries.bundle(connection, run, room, whole)

    def omits_checkpoint(self, run: str, room: int = ROOM, whole: int = WHOLE) -> bool:
        """Whether a run has a checkpoint that is too large for its `bundle`."""
        with self._asking() as connection:
            row = queries.run(connection, run)
            return row is not None and not queries.leaving(connection, row, room, whole)[1]

    def put(self, bundle: Bundle) -> str:
        """Store a whole run, all or nothing; returns its new name. It is a race of its own.

        A run that was still going on when it was exported counts as interrupted.
        """
        run, now = uuid.uuid4().hex, self._clock()
        state, reason = bundle.state, bundle.reason
        if state in LIVE:
            state, reason = "interrupted", Message(UNFINISHED)
        name, note = titled("name", bundle.name, NAME), titled("note", bundle.note, NOTE)
        writes = [
            *statements.begin(run, None, run, bundle.experiment, bundle.facts, now),
            statements.append(run, bundle.history),
            *(
                statements.moment(run, each.step, each.weights, each.snapshot)
                for each in bundle.saved_steps
            ),
            *statements.state(run, None, state, reason, bundle.result, None, now),
        ]
        if bundle.checkpoint is not None:
            writes.append(statements.checkpoint(run, *vars(bundle.checkpoint).values()))
        if bundle.file is not None:
            writes.append(statements.upload(run, bundle.file, now))
        with self._database.writing() as connection:
            statements.carry_out(connection, writes, now)
            row = queries.run(connection, run)
            if row is not None and (name or note):
                title = statements.retitle(run, name, note, row.task, row.cell, now)
                statements.carry_out(connection, [title], now)
        return run

    def _shrink(self, seconds: float) -> None:
        # Nothing depends on it: what is left over is given back after the flushes to come.
        with suppress(Problem):
            end = time.monotonic() + seconds
            while self._database.shrink() and time.monotonic() < end:
                pass

    @contextmanager
    def _asking(self) -> Iterator[sqlite3.Connection]:
        # On a full disk the runs can still be read; whoever flushes hears about it.
        with suppress(Problem):
            self.flush()
        with self._database.reading() as connection:
            yield connection

    def _retitle(self, run: str, **title: str) -> None:
        self.flush()
        with self._database.writing() as connection:
            row = queries.run(connection, run)
            if row is None:
                raise Problem(UNKNOWN, run=text(run)[:60])
            given = {"name": row.name, "note": row.note, **title}
            write = statements.retitle(
                row.id, given["name"], given["note"], row.task, row.cell, self._clock()
            )
            statements.carry_out(connection, [write], self._clock())
