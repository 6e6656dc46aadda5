"""What has been said about runs and not been written yet, in the order in which it was said."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["word", "history", "moment", "checkpoint"]

ROOM = 64 * 2**20
"""About how many bytes may wait while the disk is full."""

EXPENDABLE: tuple[Kind, ...] = ("moment", "history", "checkpoint")
"""What is given up first when there is no more room. Words about a run are few and always kept."""

CELL = 16
"""Bytes that one value of a row takes, about."""


@dataclass(frozen=True)
class Write:
    """A statement about the run `run`, once per row of values."""

    kind: Kind
    run: str
    statement: str
    rows: Sequence[tuple[Any, ...]]

    @property
    def size(self) -> int:
        """The bytes that it holds, about."""
        return sum(
            CELL + len(value) if isinstance(value, bytes | str) else CELL
            for row in self.rows
            for value in row
        )


class Pending:
    """A queue of writes, bounded by `room` bytes. Thread-safe; adding never waits for the disk."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._writes: list[Write] = []
        self._size = 0

    def add(self, *writes: Write) -> None:
        """Queue `writes`, which stay together."""
        with self._lock:
            self._writes.extend(writes)
            self._size += sum(write.size for write in writes)
            self._make_room()

    def take(self) -> list[Write]:
        """All that is queued; the queue is empty then."""
        with self._lock:
            taken, self._writes, self._size = self._writes, [], 0
            return taken

    def give_back(self, writes: list[Write]) -> None:
        """Queue again, before everything else, what could not be written."""
        with self._lock:
            self._writes[:0] = writes
            self._size += sum(write.size for write in writes)
            self._make_room()

    def _make_room(self) -> None:
        if self._size <= self._room:
            return
        self._drop_replaced_checkpoints()
        for kind in EXPENDABLE:
            kept = []
            for write in self._writes:
                if self._size > self._room and write.kind == kind:
                    self._size -= write.size
                else:
                    kept.append(write)
            self._writes = kept

    def _drop_replaced_checkpoints(self) -> None:
        latest = {write.run: write for write in self._writes if write.kind == "checkpoint"}
        self._writes = [
            write
            for write in self._writes
            if write.kind != "checkpoint" or write is latest[write.run]
        ]
        self._size = sum(write.size for write in self._writes)
