"""Which servers write into the folder, and which of them are still alive.

A server is known by its process and by the kernel that runs it: its number, when it was born (a
number is used again), and the boot and the container that the number belongs to. Where that says
nothing, as for a server on another machine, its heartbeat does.
"""

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
from rnnviz.store.rows import LIVE
from rnnviz.store.sanitise import to_json

GONE = N_("The server that trained this run ended before it did; it can be resumed.")

SILENCE = 30.0
"""Seconds without a heartbeat after which a server elsewhere counts as dead."""


@dataclass(frozen=True)
class Server:
    """A process that writes into the folder; `server` names this opening of it."""

    server: str
    pid: int
    birth: str
    host: str

    @classmethod
    def this(cls) -> "Server":
        """The process that asks."""
        pid = os.getpid()
        return cls(uuid.uuid4().hex, pid, _birth(pid) or "", _host())

    def alive(self, heartbeat: float, now: float) -> bool:
        """Whether it lives at `now`, having been heard at `heartbeat`, in seconds."""
        fresh = now - heartbeat <= SILENCE
        if not self._here:
            return fresh
        return _birth(self.pid) == self.birth and (bool(self.birth) or fresh)

    @cached_property
    def _here(self) -> bool:
        return bool(self.host) and self.host == _host()


def beat(connection: sqlite3.Connection, server: Server, now: float) -> None:
    """Note that `server` is alive."""
    connection.execute(
        "INSERT INTO servers VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET heartbeat = excluded.heartbeat",
        (server.server, server.pid, server.birth, server.host, now),
    )


def dead(connection: sqlite3.Connection, now: float) -> list[str]:
    """The servers that have ended without saying so."""
    rows = connection.execute("SELECT server, pid, birth, host, heartbeat FROM servers")
    return [row[0] for row in rows if not Server(*row[:4]).alive(row[4], now)]


def orphans(connection: sqlite3.Connection) -> bool:
    """Whether there are runs that nobody is responsible for any more."""
    (count,) = connection.execute(f"SELECT EXISTS (SELECT 1 FROM runs WHERE {_ORPHANED})", LIVE)
    return bool(count[0])


def trained(connection: sqlite3.Connection, runs: Sequence[str]) -> str | None:
    """One of `runs` that some server is responsible for, if there is one."""
    return _one_of(connection, runs, f"state IN ({', '.join('?' * len(LIVE))})", LIVE)


def claim(
    connection: sqlite3.Connection,
    server: Server,
    runs: Sequence[str],
    states: Sequence[str],
    now: float,
) -> str | None:
    """Make `server` responsible for `runs`, which are queued then.

    Returns one of them whose state is none of `states`; nothing has changed in that case.
    """
    other = f"state NOT IN ({', '.join('?' * len(states))})"
    found = _one_of(connection, runs, other, states)
    if found is None:
        beat(connection, server, now)
        connection.executemany(
            "UPDATE runs SET state = 'queued', server = ?, changed = ? WHERE run = ?",
            [(server.server, now, run) for run in runs],
        )
    return found


def bury(connection: sqlite3.Connection, dead: list[str]) -> None:
    """Forget the servers `dead`; what they have left alone is from now on interrupted."""
    connection.executemany("DELETE FROM servers WHERE server = ?", [(name,) for name in dead])
    reason = to_json(Message(GONE).to_plain())
    connection.execute(
        f"UPDATE details SET reason = ? WHERE key IN (SELECT key FROM runs WHERE {_ORPHANED})",
        (reason, *LIVE),
    )
    connection.execute(f"UPDATE runs SET state = 'interrupted' WHERE {_ORPHANED}", LIVE)


_ORPHANED = (
    f"state IN ({', '.join('?' * len(LIVE))})"
    " AND (server IS NULL OR server NOT IN (SELECT server FROM servers))"
)


def _one_of(
    connection: sqlite3.Connection, runs: Sequence[str], condition: str, values: Sequence[str]
) -> str | None:
    for run in runs:
        found = connection.execute(
            f"SELECT run FROM runs WHERE run = ? AND {condition}", (run, *values)
        ).fetchone()
        if found is not None:
            return str(found[0])
    return None


def _birth(pid: int) -> str | None:
    """When the process was born, "" where the system does not say, None where there is none."""
    if sys.platform == "linux":
        try:
            # The name in parentheses may hold anything; state and start time come after it.
            _, _, stat = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")
        except OSError:
            return None
        state, birth = stat.split()[0], stat.split()[19]
        return None if state in "ZX" else birth
    if sys.platform == "win32":
        return ""  # signal 0 is no question there: it would end the process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        return ""  # somebody else's process
    return ""


def _host() -> str:
    """The boot and the container that process numbers belong to; "" where nothing says."""
    if sys.platform == "linux":
        try:
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
            return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
        except OSError:  # hidden in some sandboxes
            return ""
    return "" if sys.platform == "win32" else platform.node()
