"""Errors of methods on the same windows, and whether two of them clearly differ."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

START = 0.04
"""What another random start alone changes the error of a network by, in °C, and more."""


def mean_error(answers: Sequence[float], targets: Sequence[float]) -> float:
    """The mean absolute error."""
    return sum(abs(a - b) for a, b in zip(answers, targets, strict=True)) / len(targets)


@dataclass(frozen=True)
class Difference:
    """How much larger the first error is than the second, and what is no clear difference.

    `margin`: two standard errors, or `START` if that is more.
    """

    value: float
    margin: float

    @property
    def is_clear(self) -> bool:
        """Whether it is larger than what the windows and the random start alone do."""
        return abs(self.value) > self.margin


def difference(
    first: Sequence[float], second: Sequence[float], targets: Sequence[float]
) -> Difference:
    """Of two methods on the same windows, in pairs; those lie more than a day apart."""
    pairs = [
        abs(a - target) - abs(b - target)
        for a, b, target in zip(first, second, targets, strict=True)
    ]
    n, mean = len(pairs), sum(pairs) / len(pairs)
    variance = sum((each - mean) ** 2 for each in pairs) / max(1, n - 1)
    return Difference(mean, max(START, 2 * math.sqrt(variance / n)))
