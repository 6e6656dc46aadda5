"""What this server would have to write again if the database were lost: the runs that it trains.

Their history is kept in memory until they have ended and all of it is stored, so that a new or an
older database receives them whole. Weights are not kept, but for the latest checkpoint.
"""

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rnnviz.store import queries, statements
from rnnviz.store.bundle import Upload, upload_key
from rnnviz.store.columns import LIVE
from rnnviz.store.write_queue import Write

MAX_ROWS = 200_000
"""History rows that are kept for all runs together, in about 60 MB; beyond, the longest history
loses every second row of those that would be written again."""

MAX_STATES = 20
"""States of a run that are kept: those of the start have its facts, the last one is its state."""


@dataclass
class LiveRun:
    """The writes that make a run whole; `is_stored` says whether the database has it."""

    begin: tuple[Write, ...] = ()
    file: Write | None = None
    title: Write | None = None
    states: list[Write] = field(default_factory=list)
    rows: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    checkpoint: Write | None = None
    is_stored: bool = False
    has_ended: bool = False

    def writes(self, run: str) -> list[Write]:
        """All of them, in an order in which they can be executed."""
        rows = [self.rows[step] for step in sorted(self.rows)]
        history = [statements.append_values(run, rows)] if rows else []
        several = (self.file, self.title, self.checkpoint)
        others = [write for write in several if write is not None]
        return [*self.begin, *history, *others, *self.states]


class LiveRuns:
    """The runs that this server is responsible for, by id. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._runs: dict[str, LiveRun] = {}
        self._foreign: set[str] = set()

    def record(self, writes: Iterable[Write]) -> None:
        """Note `writes` that have been requested; those about other runs are ignored."""
        with self._lock:
            for write in writes:
                self._record(write)

    def _record(self, write: Write) -> None:
        if write.kind == "begin":
            self._foreign.discard(write.run)
            live = self._runs.setdefault(write.run, LiveRun())
            if write.statement == statements.BEGIN:
                live.begin, live.states, live.has_ended = (), [], False
            live.begin = (*live.begin, write)
        is_live = write.statement == statements.STATE and _is_live(write)
        if is_live and write.run not in self._foreign:
            self._runs.setdefault(write.run, LiveRun())
        live_run = self._runs.get(write.run)
        if live_run is None:
            return
        match write.kind:
            case "state":
                del live_run.states[MAX_STATES // 2 : -MAX_STATES // 2]
                live_run.states.append(write)
                if write.statement == statements.STATE:
                    live_run.has_ended = not _is_live(write)
            case "file":
                live_run.file = write
            case "title":
                live_run.title = write
            case "history":
                live_run.rows |= {row[0]: row for row in write.rows}
                self._bound()
            case "checkpoint":
                live_run.checkpoint = write
            case "rewind":
                step = write.rows[0][1]
                live_run.rows = {k: row for k, row in live_run.rows.items() if k <= step}
                last = live_run.checkpoint
                if last is not None and last.rows[0][0] > step:
                    live_run.checkpoint = None

    def _bound(self) -> None:
        while sum(len(run.rows) for run in self._runs.values()) > MAX_ROWS:
            longest = max(self._runs.values(), key=lambda run: len(run.rows))
            longest.rows = dict(list(longest.rows.items())[1::2])

    def load(self, connection: sqlite3.Connection, run: str, server: str, now: float) -> None:
        """Note a stored run that this server has claimed."""
        row = queries.run(connection, run)
        if row is None:
            return
        live = LiveRun(is_stored=True)
        live.begin = statements.begin(row.id, server, row.race, row.experiment, row.facts, now)
        live.title = statements.retitle(row.id, row.name, row.note, row.task, row.cell, now)
        live.rows = {
            step: (step, *values, row.id)
            for step, *values in queries.history(connection, row.id, MAX_ROWS // 4)
        }
        file = queries.file(connection, upload_key(row.experiment))
        if file is not None:
            live.file = statements.save_file(row.id, Upload(*file), now)
        last = queries.checkpoint(connection, row.id)
        if last is not None:
            live.checkpoint = statements.save_checkpoint(row.id, *last)
        with self._lock:
            self._foreign.discard(row.id)
            self._runs[row.id] = live

    def __contains__(self, run: str) -> bool:
        with self._lock:
            return run in self._runs

    def items(self) -> list[tuple[str, LiveRun]]:
        """The runs with their ids."""
        with self._lock:
            return list(self._runs.items())

    def disown(self, run: str) -> None:
        """Forget a run that is no longer this server's, until it begins again."""
        with self._lock:
            self._runs.pop(run, None)
            self._foreign.add(run)

    def is_foreign(self, run: str) -> bool:
        """Whether the run was disowned."""
        with self._lock:
            return run in self._foreign

    def confirm(self, writes: Sequence[Write]) -> None:
        """Note that `writes` are durable; a run that has ended needs not be kept any longer."""
        with self._lock:
            for write in writes:
                live = self._runs.get(write.run)
                if live is None:
                    continue
                live.is_stored = True
                is_end = write.statement == statements.STATE and not _is_live(write)
                if is_end and live.has_ended:
                    del self._runs[write.run]


def _is_live(state: Write) -> bool:
    """Whether a write sets one of the states in which a run has a server."""
    return state.rows[0][0] in LIVE
