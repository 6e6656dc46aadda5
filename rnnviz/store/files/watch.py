"""Whether the files of the database are still those that were opened.

SQLite goes on writing into a file that was deleted or moved, and trusts that nobody else writes
into one that it has open. What the system says of the files shows both; they are never opened here,
because to close them would release SQLite's locks.
"""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SETTLE_SECONDS = 0.2
"""Seconds within which another server has ended its transaction, well or not."""

INDEX_BYTES = 8 * 2**20
"""Bytes of a new index of the log, for a log of up to 4 GB; they take no room on the disk."""


@dataclass(frozen=True)
class Stamp:
    """What the system says of a file."""

    device: int
    inode: int
    size: int
    modified: int

    @property
    def identity(self) -> tuple[int, int]:
        """The same as long as the path leads to the same file."""
        return self.device, self.inode


def stamp(file: Path) -> Stamp | None:
    """The stamp of `file`; None if there is no such file or it cannot be reached."""
    try:
        status = file.stat()
    except OSError:
        return None
    return Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


class FileWatch:
    """Remembers the files of a database, and says what has happened to them since."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._helpers = [Path(f"{file}-wal"), Path(f"{file}-shm")]
        self._known_helpers: list[Stamp | None] = [None, None]
        self.remember()

    def remember(self) -> None:
        """Take the files as they are for right, as after a write of one's own."""
        self._stamp = stamp(self._file)
        # An index that has shrunk in the meantime has to be made longer nevertheless.
        index = self._known_helpers[1] if self.index_has_shrunk else stamp(self._helpers[1])
        self._known_helpers = [stamp(self._helpers[0]), index]

    @property
    def has_moved(self) -> bool:
        """Whether the path no longer leads to the database."""
        now = stamp(self._file)
        return now is None or self._stamp is None or now.identity != self._stamp.identity

    @property
    def was_modified(self) -> bool:
        """Whether somebody else has written into the file."""
        return stamp(self._file) != self._stamp

    @property
    def lost_helpers(self) -> bool:
        """Whether the log or its index was deleted or replaced."""
        return any(
            known is not None and (now is None or now.identity != known.identity)
            for known, now in zip(self._known_helpers, map(stamp, self._helpers), strict=True)
        )

    @property
    def log_has_shrunk(self) -> bool:
        """Whether the log has become shorter: another server, or somebody else, has done that."""
        return self._has_shrunk(0)

    @property
    def index_has_shrunk(self) -> bool:
        """Whether the index of the log has become shorter, which no server ever does.

        Servers read it as memory, and the system ends one that reads what is no longer there.
        """
        return self._has_shrunk(1)

    def _has_shrunk(self, helper: int) -> bool:
        known, now = self._known_helpers[helper], stamp(self._helpers[helper])
        if known is None or now is None or known.identity != now.identity:
            return False
        return now.size < known.size

    def lengthen_index(self) -> None:
        """Make the index of the log long enough again; SQLite then builds its content anew.

        Not at once: another server that was just writing would go on with an empty index.
        """
        known = self._known_helpers[1]
        time.sleep(SETTLE_SECONDS)
        with suppress(OSError):
            os.truncate(self._helpers[1], max(INDEX_BYTES, known.size if known else 0))

    @property
    def knows_log(self) -> bool:
        """Whether the log that is there now is the one that belonged to the file."""
        log = stamp(self._helpers[0])
        known = self._known_helpers[0]
        return log is not None and known is not None and log.identity == known.identity
