"""The writes that are not durable yet, in the order in which they were requested."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "begin",
    "file",
    "state",
    "title",
    "rewind",
    "update",
    "history",
    "saved_step",
    "checkpoint",
]

MAX_BYTES = 64 * 2**20
"""About how many bytes of rows and weights may wait for a disk that has refused them."""

MAX_CHECKPOINT_BYTES = 512 * 2**20
"""And how many of checkpoints, the latest of each run: a large model's has a hundred million."""

DROP_ORDER: tuple[Kind, ...] = ("saved_step", "history")
"""The kinds that are dropped when there are too many bytes, in this order."""

VALUE_BYTES = 16
"""Bytes that one value of a row takes, about."""


@dataclass(frozen=True)
class Write:
    """An SQL statement about the run `run`, executed once per row of values."""

    kind: Kind
    run: str
    statement: str
    rows: Sequence[tuple[Any, ...]]

    @property
    def size(self) -> int:
        """The bytes that it holds, about."""
        return sum(
            VALUE_BYTES + len(value) if isinstance(value, bytes | str) else VALUE_BYTES
            for row in self.rows
            for value in row
        )


class WriteQueue:
    """A queue of writes. Thread-safe; adding never waits for the disk.

    As long as the disk accepts what is queued, nothing is dropped, however large it is. What the
    disk has refused is bounded: saved steps are dropped first, and history rows only when no saved
    step is left; the latest checkpoint of a run is kept as long as all of them fit into
    `checkpoint_bytes`. Updates of a run are few and never dropped; nor are visitors' files, which
    the runs that read them have in memory anyway.
    """

    def __init__(
        self, max_bytes: int = MAX_BYTES, checkpoint_bytes: int = MAX_CHECKPOINT_BYTES
    ) -> None:
        self._max_bytes, self._checkpoint_bytes = max_bytes, checkpoint_bytes
        self._lock = threading.Lock()
        self._writes: list[Write] = []
        self._in_flight: list[Write] = []

    def add(self, *writes: Write) -> None:
        """Queue `writes`, which stay together."""
        with self._lock:
            self._writes.extend(writes)

    def take_all(self) -> list[Write]:
        """Remove and return all writes: they are in flight until `settle` or `requeue`."""
        with self._lock:
            self._in_flight, self._writes = self._writes, []
            return self._in_flight

    def settle(self) -> None:
        """The writes in flight are durable."""
        with self._lock:
            self._in_flight = []

    def requeue(self, writes: list[Write]) -> None:
        """Queue writes that failed before everything else, and drop what exceeds the bounds."""
        with self._lock:
            self._in_flight = []
            self._writes[:0] = writes
            checkpoints = self._size("checkpoint")
            others = sum(write.size for write in self._writes) - checkpoints - self._size("file")
            if others + checkpoints > self._max_bytes:
                self._drop_replaced_checkpoints()
            self._drop("checkpoint", self._size("checkpoint") - self._checkpoint_bytes)
            for kind in DROP_ORDER:
                others -= self._drop(kind, others - self._max_bytes)

    def saved_steps(self, run: str) -> tuple[dict[int, bytes], int | None]:
        """The weights of `run` in here, by step; and the step after which durable ones go, if any.

        In here is also what is in flight. Steps arrive in any order.
        """
        with self._lock:
            writes = [each for each in (*self._in_flight, *self._writes) if each.run == run]
        saved: dict[int, bytes] = {}
        rewound: int | None = None
        for write in writes:
            match write.kind:
                case "saved_step":
                    saved |= {row[0]: row[2] for row in write.rows}
                case "rewind":
                    rewound = min(row[1] for row in write.rows)
                    saved = {step: weights for step, weights in saved.items() if step <= rewound}
        return saved, rewound

    def __len__(self) -> int:
        return len(self._writes)

    def _size(self, kind: Kind) -> int:
        return sum(write.size for write in self._writes if write.kind == kind)

    def _drop(self, kind: Kind, least: int) -> int:
        """Drop the oldest writes of a kind, at least `least` bytes; returns how many bytes."""
        remaining, dropped = [], 0
        for write in self._writes:
            if write.kind == kind and dropped < least:
                dropped += write.size
            else:
                remaining.append(write)
        self._writes = remaining
        return dropped

    def _drop_replaced_checkpoints(self) -> None:
        latest = {write.run: write for write in self._writes if write.kind == "checkpoint"}
        self._writes = [
            write
            for write in self._writes
            if write.kind != "checkpoint" or write is latest[write.run]
        ]
