"""How regular points in time are."""

import numpy as np
from numpy.typing import NDArray


def is_monotone(values: NDArray[np.float64] | NDArray[np.int64]) -> bool:
    """Whether values never fall, or never rise."""
    steps = np.diff(values)
    return bool((steps >= 0).all() or (steps <= 0).all())


def usual_step(sorted_values: NDArray[np.int64]) -> tuple[int, float]:
    """The most frequent step between distinct values, and the share of steps that equal it."""
    steps = np.diff(sorted_values)
    steps = steps[steps > 0]
    if not len(steps):
        return 0, 0.0
    sizes, counts = np.unique(steps, return_counts=True)
    best = int(counts.argmax())
    return int(sizes[best]), float(counts[best] / len(steps))


def months_apart(instants: NDArray[np.datetime64]) -> int:
    """How many months apart sorted, distinct times lie, such as 1, 3 or 12; 0 if not regularly.

    Regular are the same day of the month, or the last of each, at the same time.
    """
    months = instants.astype("datetime64[M]")
    steps = np.unique(np.diff(months).astype(np.int64))
    if not len(steps) or steps[0] < 1 or (steps % steps[0]).any():
        return 0
    behind_first = instants - months.astype(instants.dtype)
    before_next = (months + 1).astype(instants.dtype) - instants
    same = (behind_first == behind_first[0]).all() or (before_next == before_next[0]).all()
    return int(steps[0]) if same else 0


def regularity(days: NDArray[np.float64]) -> float:
    """The share of the usual step among the steps of times in days, 1 for even months."""
    seconds = np.unique(np.rint(days * 86_400).astype(np.int64))
    if len(seconds) > 2 and months_apart(seconds.astype("datetime64[s]")):
        return 1.0
    return usual_step(seconds)[1]
