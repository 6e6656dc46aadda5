"""When a run writes a history row, is validated, and stores its weights: counted in steps.

Counted, never timed, so that equal experiments have equal histories.
"""

import math
from dataclasses import dataclass

from rnnviz.training.experiment import Experiment

ROWS = 500
"""The least number of rows in the history of a whole run; the most is twice as many.

Where the clock ends the run: the rows of every doubling of its steps, and as many again at
validations.
"""
VALIDATION_SHARE = 0.012
"""The share of the work that validation may take."""
STEP_COST = 3
"""How many times as much a training step costs as reading the same examples forward."""
MIN_VALIDATION_COST = 0.35
"""What a validation costs however few its examples are, in training steps."""
SAVED_STEPS = 32
"""How often the weights of a run are stored."""
MIN_SAVED_STEPS = 8
MAX_SAVED_BYTES = 16_000_000
"""The bytes that the stored weights of a run may fill."""


@dataclass(frozen=True)
class Schedule:
    """The number of steps between two history rows, two validations and two saved steps.

    Where the clock ends a run, its number of steps is unknown: `row_interval` is the distance at
    first and doubles each time that there are twice as many rows. Such a run is also `timed` in its
    validations: before the first regular one there are two while the steps double, so that a model
    that does few steps in its time has a curve as well.
    """

    row_interval: int
    validation_interval: int
    saved_step_interval: int
    timed: bool = False

    @classmethod
    def of(cls, experiment: Experiment, examples: int, weight_bytes: int) -> "Schedule":
        """The schedule of `experiment`, from its number of validation examples and model size."""
        optimiser = experiment.optimiser
        timed = optimiser.seconds is not None
        rows = 1 if timed else max(1, optimiser.steps // ROWS)
        cost = max(MIN_VALIDATION_COST, examples / (STEP_COST * optimiser.batch))
        # A whole run is validated a few times, however short it is.
        interval = min(cost / VALIDATION_SHARE, optimiser.steps / 4)
        validation = rows * max(1, math.ceil(interval / rows))
        count = min(SAVED_STEPS, max(MIN_SAVED_STEPS, MAX_SAVED_BYTES // max(1, weight_bytes)))
        saved_step = rows * max(1, math.ceil(optimiser.steps / count / rows))
        return cls(rows, validation, saved_step, timed)

    def is_row(self, step: int) -> bool:
        """Whether `step` has a history row; so have the first validations."""
        if step % _interval_at(self.row_interval, step) == 0:
            return True
        interval = self.validation_interval
        return self.is_validation(step) and (
            step < interval or step % _interval_at(interval, step) == 0
        )

    def is_validation(self, step: int) -> bool:
        """Whether the model is validated after `step`, even if the run goes on."""
        if step % self.validation_interval == 0:
            return True
        half = 1 << max(0, step.bit_length() - 2)  # 1, 2, 3, 4, 6, 8, 12, 16, 24, ...
        return self.timed and step < self.validation_interval and step % half == 0

    def is_saved_step(self, step: int) -> bool:
        """Whether the weights after `step` are stored: often at first, when most happens."""
        interval = self.saved_step_interval
        return step % interval == 0 or (step < interval and step & (step - 1) == 0)


def _interval_at(first: int, step: int) -> int:
    """The interval between rows around `step`, of rows that were `first` steps apart at first."""
    return first << max(0, (step // (ROWS * first)).bit_length() - 1)
