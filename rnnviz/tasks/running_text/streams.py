"""Pieces of a text: at each step a symbol that is read, and the label of the next.

N symbols, B streams, T steps.
"""

import math

import torch
from torch import Tensor

from rnnviz.tasks.framework.batches import Batch
from rnnviz.text import SPECIALS


def windows(ids: Tensor, starts: Tensor, T: int) -> Batch:
    """T symbols of `ids` from each of `starts` (B,) on, and at each step the label of the next."""
    rows = ids[starts[:, None] + torch.arange(T + 1)]
    # The labels are the unknown symbol and, after it, those that the vocabulary adds.
    targets = (rows[:, 1:] - len(SPECIALS) + 1).clamp(min=0)
    return Batch(
        rows[:, :-1],
        torch.full((len(rows),), T),
        targets,
        torch.ones_like(targets, dtype=torch.bool),
    )


def batches_per_epoch(ids: Tensor, n: int, longest: int) -> int:
    """How many pieces each of `n` streams has in its part of `ids` (N,)."""
    return math.ceil(_steps(ids, n) / longest)


def _steps(ids: Tensor, n: int) -> int:
    return max(1, (len(ids) - 1) // n)


def consecutive_batch(ids: Tensor, n: int, index: int, longest: int) -> tuple[Batch, bool]:
    """Piece `index` of `n` parallel streams of `ids` (N,), and whether they restart with it.

    Each stream walks through its n-th of the text in pieces of nearly equal length, at most
    `longest` steps, and restarts at its end.
    """
    steps, count = _steps(ids, n), batches_per_epoch(ids, n, longest)
    place = index % count
    first, last = (at * steps // count for at in (place, place + 1))
    starts = torch.arange(n) * (len(ids) - 1) // n + first
    return windows(ids, starts, last - first), place == 0
