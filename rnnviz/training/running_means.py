"""The measurements of a run so far: recent losses, means per history row, the best validation."""

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

SMOOTHING = 20
"""Steps over which the loss is smoothed."""


class RunningMeans:
    """Means of what the training steps measure, and the best validation so far.

    `normalised` maps a metric to a number that is larger for a better one. `best_step`: the step of
    the best validation, the first of equals.
    """

    def __init__(self, normalised: Callable[[float], float], metric: float) -> None:
        self._normalised = normalised
        self._best, self.best_step = metric, 0
        self._recent_losses: deque[float] = deque(maxlen=SMOOTHING)
        self._since_row: list[tuple[float, float, float]] = []

    def add_step(self, loss: float, metric: float, norm: float) -> None:
        """Add the measurements of a training step."""
        self._recent_losses.append(loss)
        self._since_row.append((loss, metric, norm))

    def add_validation(self, metric: float, step: int) -> None:
        """Add the metric on the validation examples after `step`."""
        if self._normalised(metric) > self._normalised(self._best):
            self._best, self.best_step = metric, step

    @property
    def smooth_loss(self) -> float:
        """The mean of the latest losses; infinite until there are enough of them."""
        full = len(self._recent_losses) == SMOOTHING
        return sum(self._recent_losses) / SMOOTHING if full else math.inf

    def take_means(self) -> Sequence[float | None]:
        """The means of loss, metric and norm since the last call; None if there was no step."""
        steps, self._since_row = self._since_row, []
        if len(steps) == 1:  # in short runs, where a row costs most, every step has one
            return steps[0]
        return [sum(each) / len(steps) for each in zip(*steps, strict=True)] or [None] * 3

    def state_dict(self) -> dict[str, Any]:
        """All measurements, as JSON types."""
        return {
            "best_validation": [self._best, self.best_step],
            "recent_losses": list(self._recent_losses),
            "since_row": self._since_row,
        }

    def load_state_dict(self, numbers: Mapping[str, Any]) -> None:
        """Continue from `state_dict`."""
        self._best, self.best_step = numbers["best_validation"]
        self._recent_losses.extend(numbers["recent_losses"])
        self._since_row = [tuple(each) for each in numbers["since_row"]]
