"""What becomes of a gradient, in one word: from how much is left, and after how many steps back.

Five words, from least to most: it vanishes, shrinks, survives, grows or explodes.
"""

import math
from typing import Literal

Outcome = Literal["vanishes", "shrinks", "survives", "grows", "explodes"]

VANISHED_BELOW = 0.01
"""A gradient of which less than this is left has vanished."""

EXPLODED_ABOVE = 100.0
"""A gradient that has grown to more than this has exploded."""

SURVIVING_CHANGE = 2.0
"""A gradient survives if it becomes neither smaller nor larger by more than this factor."""

FEWEST_STEPS = 10
"""Over so many steps at least: what a factor does shows when it is multiplied again and again.

A step that leaves 0.7 leaves 3 % after ten, so a single one of them is no survival.
"""

FARTHEST = 10_000
"""Steps beyond which a pace says nothing any more."""


def outcome(remaining: float, length: int) -> Outcome:
    """What becomes of a gradient of which `remaining` is left over a sequence of `length` steps.

    Below 1/100 it vanishes, above 100 it explodes. Between them it survives if it stays within a
    factor of two, and would over ten steps at the same factor per step; else it shrinks or grows.
    """
    if remaining < VANISHED_BELOW:
        return "vanishes"
    if remaining > EXPLODED_ABOVE:
        return "explodes"
    change = math.log(remaining) * max(1.0, FEWEST_STEPS / (length - 1))
    if abs(change) <= math.log(SURVIVING_CHANGE):
        return "survives"
    return "shrinks" if change < 0 else "grows"


def limit_of(outcome: Outcome) -> float | None:
    """What a gradient with this outcome passes sooner or later; None if it survives."""
    if outcome == "survives":
        return None
    return VANISHED_BELOW if outcome in ("vanishes", "shrinks") else EXPLODED_ABOVE


def steps_until(limit: float, size: float, factor: float) -> int | None:
    """In how many steps a gradient of `size`, multiplied by `factor` at each, passes `limit`.

    None if it does not go there, or in more steps than `FARTHEST`.
    """
    if factor <= 0 or (factor < 1) != (limit < size) or abs(math.log(factor)) < 1e-9:
        return None
    # Rounding may not lose a step where the limit is met exactly, and not yet passed.
    steps = math.floor(math.log(limit / size) / math.log(factor) + 1e-9) + 1
    return steps if steps <= FARTHEST else None
