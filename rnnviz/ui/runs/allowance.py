"""How much each visitor may import: an archive takes memory, time and disk, which all share."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rnnviz.messages import N_, Problem
from rnnviz.ui.services.singletons import singleton

TOO_FAST = N_(
    "{count} files with {size} MB in a minute; allowed are up to {limit} files and {megabytes} MB. "
    "Try again in {seconds} s."
)
TOO_MUCH = N_(
    "You have imported {count} files with {size} MB since the server was started; allowed are up "
    "to {limit} files and {megabytes} MB."
)
ALL_BUSY = N_("Others are importing runs at the moment. Try again in {seconds} s.")

MB = 2**20
MINUTE = 60.0

PER_MINUTE = (10, 200 * MB)
"""Files, and bytes of them, that a visitor may import in a minute."""
IN_ALL = (200, 2000 * MB)
"""And as long as the server runs."""
OF_ALL_PER_MINUTE = (60, 1000 * MB)
"""What all visitors together may import in a minute."""

MAX_VISITORS = 10_000
"""Visitors whose imports are counted; of more, those whose last import is oldest are forgotten."""

MAX_WAIT = 20.0
"""Seconds to wait until others have finished: one file is read at a time."""


@dataclass
class _Imports:
    """When a visitor has imported files in the last minute, and their bytes; and what in all."""

    recent: deque[tuple[float, int]] = field(default_factory=deque)
    count: int = 0
    size: int = 0


class ImportAllowance:
    """Counts imports by visitor; those without a cookie, whose id is None, share one allowance."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock, self._reading = threading.Lock(), threading.Lock()
        self._visitors: OrderedDict[str | None, _Imports] = OrderedDict()
        self._all = _Imports()

    @contextmanager
    def use(self, visitor: str | None, size: int) -> Iterator[None]:
        """Import a file of `size` bytes within; it counts even if it is refused.

        Raises:
            Problem: the visitor, or all together, have imported too much, or others take too long.
        """
        with self._lock:
            self._count(visitor, size)
        if not self._reading.acquire(timeout=MAX_WAIT):
            raise Problem(ALL_BUSY, seconds=round(MAX_WAIT))
        try:
            yield
        finally:
            self._reading.release()

    def _count(self, visitor: str | None, size: int) -> None:
        now = self._clock()
        own = self._visitors.setdefault(visitor, _Imports())
        self._visitors.move_to_end(visitor)
        if len(self._visitors) > MAX_VISITORS:
            self._visitors.popitem(last=False)
        most, megabytes = IN_ALL[0], IN_ALL[1] // MB
        if own.count >= IN_ALL[0] or own.size + size > IN_ALL[1]:
            raise Problem(
                TOO_MUCH, count=own.count, size=own.size // MB, limit=most, megabytes=megabytes
            )
        for imports, limits in ((own, PER_MINUTE), (self._all, OF_ALL_PER_MINUTE)):
            _check_minute(imports, limits, size, now)
        for imports in (own, self._all):
            imports.recent.append((now, size))
            imports.count, imports.size = imports.count + 1, imports.size + size


def _check_minute(imports: _Imports, limits: tuple[int, int], size: int, now: float) -> None:
    recent = imports.recent
    while recent and now - recent[0][0] >= MINUTE:
        recent.popleft()
    total = sum(each for _, each in recent) + size
    if len(recent) >= limits[0] or total > limits[1]:
        raise Problem(
            TOO_FAST,
            count=len(recent) + 1,
            size=-(-total // MB),
            limit=limits[0],
            megabytes=limits[1] // MB,
            seconds=round(MINUTE - (now - recent[0][0])) if recent else 0,
        )


@singleton()
def import_allowance() -> ImportAllowance:
    """The allowances of this server's visitors."""
    return ImportAllowance()
