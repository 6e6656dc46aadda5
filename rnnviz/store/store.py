"""The store: every run as it trains, in one database file that outlives the server."""

import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from rnnviz.messages import N_, Message, Problem
from rnnviz.store import heartbeat, queries, statements
from rnnviz.store.bundle import MAX_BYTES, Bundle, Upload
from rnnviz.store.columns import HISTORY_COLUMNS, LIVE, RunRow
from rnnviz.store.files.problems import LOCK_TIMEOUT
from rnnviz.store.files.time_limit import time_limit
from rnnviz.store.run_writer import RunWriter
from rnnviz.store.sanitise import clean_title, text
from rnnviz.store.search import Listing, Query
from rnnviz.store.server import deletions
from rnnviz.store.server.deletions import UNDO_SECONDS, Deletion

UNKNOWN = N_("The run {run} is not stored or was deleted; allowed is a run from the list of runs.")
TRAINS = N_(
    "The run {run} is still training and was not deleted; allowed are runs that have ended."
)
TOO_LATE = N_("The runs can no longer be restored: a deletion can be undone for {seconds} seconds.")
UNFINISHED = N_("This run was exported before it had ended.")

NAME_LIMIT, NOTE_LIMIT = 120, 4000
"""Characters that a name and a note may have."""

MAX_WEIGHTS = 32 * 2**20
"""Bytes of the weights and the visitor's file in a bundle."""


class Store(RunWriter):
    """The runs in `folder`: a query waits for no write, and sees what was flushed before.

    Queries about an unknown run return nothing.

    Raises:
        Problem: the folder or the database in it cannot be used; any method may raise it.
    """

    def runs(self, query: Query) -> Listing:
        """One page of runs.

        Raises:
            Problem: to find them takes too long.
        """
        with self._query() as connection, time_limit(connection):
            return queries.page(connection, query)

    def is_empty(self) -> bool:
        """Whether there are no runs at all."""
        with self._query() as connection:
            return not queries.has_runs(connection)

    def run(self, run: str) -> RunRow | None:
        """The run with this id."""
        with self._query() as connection:
            return queries.run(connection, run)

    def history(self, run: str, max_rows: int | None = None) -> dict[str, list[Any]]:
        """The history as columns, in the order of the steps, thinned to about `max_rows` rows.

        The last row is always included; rows with a validation, which are few, are thinned apart
        from the others.
        """
        with self._query() as connection:
            rows = queries.history(connection, run, max_rows)
        return {name: [row[index] for row in rows] for index, name in enumerate(HISTORY_COLUMNS)}

    def saved_steps(self, run: str) -> list[int]:
        """The saved steps, in order."""
        with self._query() as connection:
            return [step for step, *_ in queries.saved_steps(connection, run)]

    def weights(self, run: str, step: int) -> bytes | None:
        """The weights of the latest saved step that is not after `step`, if there is one.

        Also of those that still wait for the disk: otherwise an earlier step would pass for them.
        """
        saved, rewound = self._queue.saved_steps(text(run))
        if self.is_open:
            with self._query() as connection:
                durable = queries.weights(
                    connection, run, step if rewound is None else min(step, rewound)
                )
            if durable is not None:
                saved.setdefault(*durable)
        latest = max((each for each in saved if each <= step), default=None)
        return None if latest is None else saved[latest]

    def snapshots(self, run: str, max_rows: int | None = None) -> list[tuple[int, dict[str, Any]]]:
        """Step and snapshot of the saved steps, thinned to about `max_rows`, with the last one."""
        with self._query() as connection:
            return queries.snapshots(connection, run, max_rows)

    def last_checkpoint(self, run: str) -> tuple[int, bytes] | None:
        """The latest checkpoint, as step and content."""
        with self._query() as connection:
            return queries.checkpoint(connection, run)

    # Changes by visitors -------------------------------------------------------------------------

    def rename(self, run: str, name: str) -> None:
        """Set the name of a run; "" removes it.

        Raises:
            Problem: the name is too long, or there is no such run.
        """
        self._retitle(run, name=clean_title("name", name, NAME_LIMIT))

    def annotate(self, run: str, note: str) -> None:
        """Set the note of a run; "" removes it.

        Raises:
            Problem: the note is too long, or there is no such run.
        """
        self._retitle(run, note=clean_title("note", note, NOTE_LIMIT))

    def delete(self, runs: Sequence[str]) -> None:
        """Delete runs; for `UNDO_SECONDS` that can be undone by `restore`.

        Then all that belongs to them is deleted, and the files that no other run reads.

        Raises:
            Problem: one of them is still training; none is deleted.
        """
        self._flush(LOCK_TIMEOUT)
        ids = [text(run) for run in runs]
        with self._write() as connection:
            live = heartbeat.live_run(connection, ids)
            if live is not None:
                raise Problem(TRAINS, run=live[:60])
            deletions.hide(connection, ids, self._clock())

    def restore(self, runs: Sequence[str]) -> int:
        """Undo the deletion of `runs`; returns of how many.

        Raises:
            Problem: it is too late for all of them.
        """
        ids = [text(run) for run in runs]
        with self._write() as connection:
            restored = deletions.restore(connection, ids, self._clock())
        if ids and not restored:
            raise Problem(TOO_LATE, seconds=round(UNDO_SECONDS))
        return restored

    def deletions(self) -> list[Deletion]:
        """The deletions that can still be undone, of all visitors; the latest first."""
        with self._query() as connection:
            return deletions.pending(connection, self._clock())

    def states(self, runs: Sequence[str]) -> dict[str, str]:
        """The state of each of `runs` that is stored."""
        with self._query() as connection:
            return queries.states(connection, runs)

    def save_file(self, content: bytes, title: str) -> str:
        """Store a visitor's file until the last run that reads it is deleted; returns its key.

        The key is the SHA-256 of the content, so a file is stored once.
        """
        upload, now = Upload(title, bytes(content)), self._clock()
        with self._write() as connection:
            statements.execute(connection, [statements.save_file("", upload, now)], now)
        return upload.key

    def file(self, key: str) -> tuple[str, bytes] | None:
        """Title and content of a visitor's file."""
        with self._query() as connection:
            return queries.file(connection, key)

    # Whole runs ---------------------------------------------------------------------------------

    def bundle(
        self, run: str, weight_bytes: int = MAX_WEIGHTS, total_bytes: int = MAX_BYTES
    ) -> Bundle | None:
        """The run with as many saved steps as fit into `weight_bytes`, always with the last one.

        Those that are left out are spread evenly. A visitor's file that the run reads is included,
        and counts towards `weight_bytes`. The checkpoint is included only if everything fits into
        `total_bytes`, so that the bundle can be imported again.
        """
        with self._query() as connection:
            return queries.bundle(connection, run, weight_bytes, total_bytes)

    def omits_checkpoint(
        self, run: str, weight_bytes: int = MAX_WEIGHTS, total_bytes: int = MAX_BYTES
    ) -> bool:
        """Whether a run has a checkpoint that is too large for its `bundle`."""
        with self._query() as connection:
            row = queries.run(connection, run)
            if row is None:
                return False
            return not queries.bundle_parts(connection, row, weight_bytes, total_bytes)[1]

    def put(self, bundle: Bundle) -> str:
        """Store a whole run, all or nothing, as a race of its own; returns its new id.

        A run that was live when it was exported is marked as interrupted.
        """
        run, now = uuid.uuid4().hex, self._clock()
        bundle = replace(
            bundle,
            name=clean_title("name", bundle.name, NAME_LIMIT),
            note=clean_title("note", bundle.note, NOTE_LIMIT),
        )
        if bundle.state in LIVE:
            bundle = replace(bundle, state="interrupted", reason=Message(UNFINISHED))
        writes = [
            *statements.begin(run, None, run, bundle.experiment, bundle.facts, now),
            *statements.restore(run, bundle),
            statements.append(run, bundle.history),
            *(
                statements.save_step(run, each.step, each.weights, each.snapshot)
                for each in bundle.saved_steps
            ),
        ]
        if bundle.checkpoint is not None:
            step, content = bundle.checkpoint.step, bundle.checkpoint.content
            writes.append(statements.save_checkpoint(run, step, content))
        if bundle.file is not None:
            writes.append(statements.save_file(run, bundle.file, now))
        more = sum(write.size for write in writes)
        with self._write() as connection:
            self._admission.check_room(connection, self._database.used_bytes(connection), more)
            statements.execute(connection, writes, now)
        return run

    @contextmanager
    def _query(self) -> Iterator[sqlite3.Connection]:
        with self._database.read_transaction() as connection:
            yield connection

    def _retitle(self, run: str, **title: str) -> None:
        self._flush(LOCK_TIMEOUT)
        now = self._clock()
        with self._write() as connection:
            row = queries.run(connection, run)
            if row is None:
                raise Problem(UNKNOWN, run=text(run)[:60])
            titles = {"name": row.name, "note": row.note, **title}
            write = statements.retitle(row.id, **titles, task=row.task, cell=row.cell, now=now)
            statements.execute(connection, [write], now)
        self._live.record([write])
