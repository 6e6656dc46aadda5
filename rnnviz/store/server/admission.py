"""Which queued writes are executed: not those about runs of others, nor beyond the limits."""

import sqlite3
from collections.abc import Sequence

from rnnviz.messages import N_, Problem, excerpt
from rnnviz.store import heartbeat
from rnnviz.store.server.limits import Limits, thin_saved_steps
from rnnviz.store.server.live_runs import LiveRun, LiveRuns
from rnnviz.store.write_queue import Write

TAKEN_OVER = N_(
    "The run {run} was taken for dead, and then deleted or resumed elsewhere; what is trained of "
    "it here is no longer stored."
)


class Admission:
    """Compares the live runs of `server` with the database before each transaction.

    `problem`: why some writes were not executed, until all are again.
    """

    def __init__(self, live: LiveRuns, server: heartbeat.Server, limits: Limits) -> None:
        self._live, self._server, self.limits = live, server, limits
        self._weight_bytes: dict[str, int] = {}
        self.problem: Problem | None = None

    def admit(
        self,
        connection: sqlite3.Connection,
        writes: Sequence[Write],
        used: int,
        is_known: bool,
        is_new: bool,
    ) -> list[Write]:
        """The writes to execute: those of `writes` that may be, after those to repeat.

        `used`: bytes of the database. `is_known`: whether the server was recorded in it. `is_new`:
        whether it was opened anew, so that nothing is known of it.
        """
        self.problem = None
        live_runs = self._live.items()
        stored = heartbeat.stored_states(connection, [run for run, _ in live_runs])
        begun = {write.run for write in writes if write.kind == "begin"}
        repeated: list[Write] = []
        refused: set[str] = set()
        for run, live in live_runs:
            state = stored.get(run)
            if live.is_stored and self._is_of_another(state, is_new):
                self._live.disown(run)
            elif live.is_stored and is_new:
                repeated += live.writes(run)
            elif live.is_stored:
                if not is_known and state and state.state == "interrupted" and not live.has_ended:
                    repeated += live.states
            elif state is None and self._exceeds_limits(connection, live, used):
                refused.add(run)
            elif run not in begun:
                repeated += live.writes(run)  # refused before, or begun in the database before
        is_full = used >= self.limits.total_bytes
        if is_full and live_runs:
            self.problem = self.problem or self.limits.problem(used, 0)
        return repeated + [write for write in writes if self._is_allowed(write, refused, is_full)]

    def _is_of_another(self, state: heartbeat.StoredState | None, is_new: bool) -> bool:
        if state is None:
            return not is_new  # deleted
        return state.is_deleted or state.server not in (self._server.server, None)

    def _exceeds_limits(self, connection: sqlite3.Connection, live: LiveRun, used: int) -> bool:
        if not live.begin:
            return False
        (runs,) = connection.execute("SELECT count(*) FROM runs").fetchone()
        problem = self.limits.problem(used, runs)
        self.problem = self.problem or problem
        return problem is not None

    def check_room(self, connection: sqlite3.Connection, used: int, more: int) -> None:
        """Raise a Problem if a whole run of `more` bytes exceeds the limits."""
        (runs,) = connection.execute("SELECT count(*) FROM runs").fetchone()
        problem = self.limits.problem(used, runs, more)
        if problem is not None:
            raise problem

    def _is_allowed(self, write: Write, refused: set[str], is_full: bool) -> bool:
        if self._live.is_foreign(write.run):
            self.problem = Problem(TAKEN_OVER, run=excerpt(write.run))
            return False
        return write.run not in refused and not (is_full and write.kind == "saved_step")

    def thin(self, connection: sqlite3.Connection, writes: Sequence[Write]) -> None:
        """Thin the saved steps of a run that has too many bytes of them after `writes`."""
        for write in writes:
            if write.kind != "saved_step":
                continue
            size = self._weight_bytes.get(write.run)
            size = None if size is None else size + write.size
            if size is None or size > self.limits.run_bytes:
                size = thin_saved_steps(connection, write.run, self.limits.run_bytes)
            self._weight_bytes[write.run] = size
        for run in [run for run in self._weight_bytes if run not in self._live]:
            del self._weight_bytes[run]
