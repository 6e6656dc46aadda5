"""Garbage collection beside visitors: what lasts as long as the process is not looked at again."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

SLOW_SECONDS = 0.02
"""Processor time of a full collection, during which nobody is served, that calls for a remedy."""

MAX_FREEZES = 5
"""How often what survives is exempted: cycles in the visits that are open then are never freed."""


@contextmanager
def short_collections() -> Iterator[None]:
    """Exempt from collections what is there now, and what survives those that turn out slow.

    With PyTorch and the pages imported there are 300,000 objects, and everybody waits while all of
    them are looked at. What is imported or cached later, mostly in the first few minutes, makes a
    few collections slow before it is exempted, too.
    """
    gc.collect()
    gc.freeze()
    start, count = 0.0, 0

    def note(phase: str, info: dict[str, int]) -> None:
        nonlocal start, count
        if info["generation"] < 2:
            return
        if phase == "start":
            start = time.thread_time()
        elif time.thread_time() - start >= SLOW_SECONDS and count < MAX_FREEZES:
            gc.freeze()
            count += 1

    gc.callbacks.append(note)
    try:
        yield
    finally:
        gc.callbacks.remove(note)
        gc.unfreeze()
