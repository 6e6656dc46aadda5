"""Which servers use the database, and which of them are still alive.

A server is identified by its process and by the kernel that runs it: the process id, when the
process started (ids are used again), and the boot and the container that the id belongs to. Where
that is unknown, as for a server on another machine, its heartbeat decides.
"""

import json
import os
import platform
import sqlite3
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rnnviz.messages import N_, Message
from rnnviz.store.columns import LIVE, ROW

GONE = N_("The server that trained this run ended before it did; it can be resumed.")

HEARTBEAT_TIMEOUT = 30.0
"""Seconds without a heartbeat after which a server on another machine counts as dead."""

_PROCESS = uuid.uuid4().hex[:12]
"""How the names of the servers of this process begin: another one may have had its process id."""


@dataclass(frozen=True)
class Server:
    """A process that uses the database; `server` is unique for each time it opens it."""

    server: str
    pid: int
    start_time: str
    host: str

    @classmethod
    def this_process(cls) -> "Server":
        """The process that calls."""
        pid = os.getpid()
        return cls(_PROCESS + uuid.uuid4().hex, pid, process_start_time(pid) or "", _host())

    def is_alive(self, heartbeat: float, now: float) -> bool:
        """Whether it is alive at `now`, given its last heartbeat; both in seconds."""
        is_fresh = now - heartbeat <= HEARTBEAT_TIMEOUT
        if not self._is_local:
            return is_fresh
        if self.pid == os.getpid() and not self.server.startswith(_PROCESS):
            # Ids and even start times are used again, as in a container that is started again.
            return False
        return process_start_time(self.pid) == self.start_time and (
            bool(self.start_time) or is_fresh
        )

    @cached_property
    def _is_local(self) -> bool:
        return bool(self.host) and self.host == _host()


def beat(connection: sqlite3.Connection, server: Server, now: float) -> bool:
    """Record that `server` is alive; returns whether it was recorded before.

    It was not if this is its first beat, if another server has taken it for dead, or if the
    database is another one.
    """
    updated = connection.execute(
        "UPDATE servers SET heartbeat = ? WHERE server = ?", (now, server.server)
    ).rowcount
    if not updated:
        connection.execute(
            "INSERT INTO servers VALUES (?, ?, ?, ?, ?)",
            (server.server, server.pid, server.start_time, server.host, now),
        )
    return bool(updated)


def dead_servers(connection: sqlite3.Connection, now: float) -> list[str]:
    """The recorded servers that are no longer alive."""
    return [server for server, is_alive in _servers(connection, now) if not is_alive]


def has_live_server(connection: sqlite3.Connection, now: float) -> bool:
    """Whether any recorded server is alive."""
    return any(is_alive for _, is_alive in _servers(connection, now))


def has_other_live_server(connection: sqlite3.Connection, server: Server, now: float) -> bool:
    """Whether another server than `server` is alive."""
    servers = _servers(connection, now)
    return any(is_alive for name, is_alive in servers if name != server.server)


def _servers(connection: sqlite3.Connection, now: float) -> list[tuple[str, bool]]:
    # All columns, in their order: an earlier version called one of them by another name.
    rows = connection.execute("SELECT * FROM servers").fetchall()
    return [(row[0], Server(*row[:4]).is_alive(row[4], now)) for row in rows]


def has_abandoned_runs(connection: sqlite3.Connection) -> bool:
    """Whether there are live runs for which no server is responsible."""
    (row,) = connection.execute(f"SELECT EXISTS (SELECT 1 FROM runs WHERE {_ABANDONED})", LIVE)
    return bool(row[0])


def stray_runs(connection: sqlite3.Connection, server: Server) -> list[str]:
    """The live runs for which `server` is responsible according to the database."""
    rows = connection.execute(
        f"SELECT id FROM runs WHERE server = ? AND state IN ({', '.join('?' * len(LIVE))})",
        (server.server, *LIVE),
    )
    return [run for (run,) in rows]


def release(connection: sqlite3.Connection, runs: Sequence[str]) -> None:
    """Make no server responsible for `runs`, so that they are marked as interrupted."""
    connection.executemany("UPDATE runs SET server = NULL WHERE id = ?", [(run,) for run in runs])


@dataclass(frozen=True)
class StoredState:
    """What the database says of a run; `is_deleted` if a visitor has deleted it."""

    server: str | None
    state: str
    is_deleted: bool


def stored_states(connection: sqlite3.Connection, runs: Sequence[str]) -> dict[str, StoredState]:
    """What the database says of each of `runs` that it has."""
    rows = connection.execute(
        "SELECT id, server, state, deleted IS NOT NULL FROM runs"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps([*runs]),),
    )
    return {run: StoredState(server, state, bool(gone)) for run, server, state, gone in rows}


def live_run(connection: sqlite3.Connection, runs: Sequence[str]) -> str | None:
    """One of `runs` that is live, if there is one."""
    return _first_run(connection, runs, f"state IN ({', '.join('?' * len(LIVE))})", LIVE)


def claim(
    connection: sqlite3.Connection,
    server: Server,
    runs: Sequence[str],
    states: Sequence[str],
    now: float,
) -> str | None:
    """Make `server` responsible for `runs` and queue them.

    Returns a run that is in none of `states`, if there is one; nothing has changed in that case.
    """
    condition = f"(deleted IS NOT NULL OR state NOT IN ({', '.join('?' * len(states))}))"
    conflict = _first_run(connection, runs, condition, states)
    if conflict is None:
        beat(connection, server, now)
        connection.executemany(
            "UPDATE runs SET state = 'queued', server = ?, changed = ? WHERE id = ?",
            [(server.server, now, run) for run in runs],
        )
    return conflict


def mark_interrupted(connection: sqlite3.Connection, servers: Sequence[str]) -> None:
    """Delete `servers`, and mark the live runs for which none is responsible as interrupted."""
    connection.executemany("DELETE FROM servers WHERE server = ?", [(name,) for name in servers])
    connection.execute(
        f"UPDATE details SET reason = ? WHERE key IN (SELECT key FROM runs WHERE {_ABANDONED})",
        (ROW["reason"].to_sql(Message(GONE)), *LIVE),
    )
    connection.execute(f"UPDATE runs SET state = 'interrupted' WHERE {_ABANDONED}", LIVE)


_ABANDONED = (
    f"state IN ({', '.join('?' * len(LIVE))})"
    " AND (server IS NULL OR server NOT IN (SELECT server FROM servers))"
)


def _first_run(
    connection: sqlite3.Connection, runs: Sequence[str], condition: str, values: Sequence[str]
) -> str | None:
    for run in runs:
        row = connection.execute(
            f"SELECT id FROM runs WHERE id = ? AND {condition}", (run, *values)
        ).fetchone()
        if row is not None:
            return str(row[0])
    return None


def process_start_time(pid: int) -> str | None:
    """When the process started; "" where the system does not say, None if there is no process."""
    if sys.platform == "linux":
        try:
            # The name in parentheses may hold anything; state and start time come after it.
            _, _, stat = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")
        except OSError:
            return None
        state, start_time = stat.split()[0], stat.split()[19]
        return None if state in "ZX" else start_time
    if sys.platform == "win32":
        return ""  # signal 0 does not test a process there: it would end it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        return ""  # a process of another user
    return ""


def _host() -> str:
    """The boot and the container that process ids belong to; "" where the system hides them."""
    if sys.platform == "linux":
        try:
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
            return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
        except OSError:  # hidden in some sandboxes
            return ""
    return "" if sys.platform == "win32" else platform.node()
