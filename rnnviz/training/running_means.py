"""What a run has been measured at on its way: its losses, and the best of its tests."""

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

SMOOTHING = 20
"""Steps over which the loss is smoothed."""


class RunningMeans:
    """The measurements of a run; `way` of a score is the higher the better it is.

    `best_step`: the step of the best test so far, the first of equals.
    """

    def __init__(self, way: Callable[[float], float], score: float) -> None:
        self._way = way
        self._best, self.best_step = score, 0
        self._recent: deque[float] = deque(maxlen=SMOOTHING)
        self._since: list[tuple[float, float, float]] = []

    def add_step(self, loss: float, metric: float, norm: float) -> None:
        """What one step of training measured."""
        self._recent.append(loss)
        self._since.append((loss, metric, norm))

    def add_validation(self, score: float, step: int) -> None:
        """What a test after `step` measured."""
        if self._way(score) > self._way(self._best):
            self._best, self.best_step = score, step

    @property
    def smooth_loss(self) -> float:
        """The mean of the latest losses; infinite until there are enough of them."""
        full = len(self._recent) == SMOOTHING
        return sum(self._recent) / SMOOTHING if full else math.inf

    def take_means(self) -> Sequence[float | None]:
        """Of loss, metric and norm over the steps since this was last asked; None without any."""
        since, self._since = self._since, []
        if len(since) == 1:  # in short runs, where a row costs most, every step has one
            return since[0]
        return [sum(each) / len(since) for each in zip(*since, strict=True)] or [None] * 3

    def state_dict(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        best = [self._best, self.best_step]
        return {"best": best, "recent": list(self._recent), "since": self._since}

    def load_state_dict(self, numbers: Mapping[str, Any]) -> None:
        """Go on from what `standing` said."""
        self._best, self.best_step = numbers["best"]
        self._recent.extend(numbers["recent"])
        self._since = [tuple(each) for each in numbers["since"]]
