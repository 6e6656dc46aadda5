"""Random balanced brackets, many sequences at once. B sequences, T steps, D levels of depth."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def nested_brackets(
    lengths: Ints, closes: NDArray[np.bool_], kinds: Ints, depth: int
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """At each step (B,T) the kind of its bracket, which kind is open after it, and if it closes.

    A row has `lengths` (B,) steps and never more than `depth` brackets open. `closes` (B,T):
    whether a bracket closes where it may or may not; `kinds` (B,T), from 0 on: which one opens.
    Where none is open, and behind a row's end, the kind is -1.
    """
    B, T = closes.shape
    heights = _heights(lengths, closes.T, depth)
    before, after = heights[:-1], heights[1:]
    closing = after < before
    levels, steps, rows = np.arange(depth + 1)[:, None, None], np.arange(T)[:, None], np.arange(B)
    # Brackets of one level follow each other, so the latest to open there is the one that is open:
    # steps and kinds in one number, of which the maximum up to now is the latest.
    base = int(kinds.max(initial=0)) + 1
    opened = (after > before) & (after == levels)
    latest = np.maximum.accumulate(opened * (steps * base + kinds.T), axis=1) % base
    latest[0] = -1  # on the ground
    own = latest[np.maximum(before, after), steps, rows]
    left = latest[after, steps, rows]
    return _rows(own), _rows(left), _rows(closing)


def _rows(steps: NDArray[Any]) -> NDArray[Any]:
    """From (T,B) to (B,T)."""
    return np.ascontiguousarray(steps.T)


def _heights(lengths: Ints, closes: NDArray[np.bool_], depth: int) -> Ints:
    """How many brackets are open (T+1,B) before the first step and after each; `closes` (T,B)."""
    T, B = closes.shape
    rule = _rule(T, depth)
    to_come = np.maximum(lengths - np.arange(T)[:, None], 0)
    heights = [np.zeros(B, dtype=np.int64)]
    for offset in (to_come * (depth + 1)) * 2 + closes:
        heights.append(rule.take(offset + heights[-1]))
    return np.stack(heights) // 2


@lru_cache(maxsize=32)
def _rule(T: int, depth: int) -> Ints:
    """Twice how many are open after a step: by the steps to come, twice how many before, the draw.

    Flat, and twice, so that the walk through the steps has nothing to do but add and look up.
    """
    to_come, height, closes = np.ogrid[: T + 1, : depth + 1, :2]
    must = (height == depth) | (height == to_come)
    closed = (height > 0) & (must | (closes > 0))
    return 2 * np.where(to_come > 0, height + 1 - 2 * closed, height).ravel()
