"""What has been said about runs and not been written yet, in the order in which it was said."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["word", "history", "moment", "checkpoint"]

ROOM = 64 * 2**20
"""About how many bytes of rows and weights may wait for a disk that has refused them."""

CHECKPOINTS = 512 * 2**20
"""And how many of checkpoints, the latest of each run: a large model's has a hundred million."""

EXPENDABLE: tuple[Kind, ...] = ("moment", "history")
"""What is given up first for the room."""

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


class WriteQueue:
    """A queue of writes. Thread-safe; adding never waits for the disk.

    As long as the disk takes what is queued, nothing is given up, however large it is. What the
    disk has refused has bounds: the moments go first, and history only when they are gone; a run
    keeps its latest checkpoint as long as all of them fit into `checkpoints` bytes. Words about a
    run are few and always kept.
    """

    def __init__(self, room: int = ROOM, checkpoints: int = CHECKPOINTS) -> None:
        self._room, self._checkpoints = room, checkpoints
        self._lock = threading.Lock()
        self._writes: list[Write] = []

    def add(self, *writes: Write) -> None:
        """Queue `writes`, which stay together."""
        with self._lock:
            self._writes.extend(writes)

    def take(self) -> list[Write]:
        """All that is queued; the queue is empty then."""
        with self._lock:
            taken, self._writes = self._writes, []
            return taken

    def give_back(self, writes: list[Write]) -> None:
        """Queue again, before everything else, what could not be written, if there is room."""
        with self._lock:
            self._writes[:0] = writes
            others = self._size("word", "moment", "history")
            if others + self._size("checkpoint") > self._room:
                self._drop_replaced_checkpoints()
            self._drop("checkpoint", self._size("checkpoint") - self._checkpoints)
            for kind in EXPENDABLE:
                others -= self._drop(kind, others - self._room)

    def _size(self, *kinds: Kind) -> int:
        return sum(write.size for write in self._writes if write.kind in kinds)

    def _drop(self, kind: Kind, least: int) -> int:
        """Give up the oldest writes of a kind, `least` bytes of them or more; returns how many."""
        kept, dropped = [], 0
        for write in self._writes:
            if write.kind == kind and dropped < least:
                dropped += write.size
            else:
                kept.append(write)
        self._writes = kept
        return dropped

    def _drop_replaced_checkpoints(self) -> None:
        latest = {write.run: write for write in self._writes if write.kind == "checkpoint"}
        self._writes = [
            write
            for write in self._writes
            if write.kind != "checkpoint" or write is latest[write.run]
        ]
