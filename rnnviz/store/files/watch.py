"""Whether the files of the database are still those that were opened.

SQLite goes on writing into a file that was deleted or moved, and trusts that nobody else writes
into one that it has open. What the system says of the files shows both; they are never opened here,
because to close them would release SQLite's locks.
"""

from dataclasses import dataclass
from pathlib import Path


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
        self.remember()

    def remember(self) -> None:
        """Take the files as they are for right, as after a write of one's own."""
        self._stamp = stamp(self._file)
        self._identities = [each and each.identity for each in map(stamp, self._helpers)]

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
            known is not None and (now is None or now.identity != known)
            for known, now in zip(self._identities, map(stamp, self._helpers), strict=True)
        )

    @property
    def knows_log(self) -> bool:
        """Whether the log that is there now is the one that belonged to the file."""
        log = stamp(self._helpers[0])
        return log is not None and log.identity == self._identities[0]
