"""When a run writes a row of history, is tested, and keeps its weights: counted in steps.

Counted, never timed, so that equal experiments have equal histories.
"""

import math
from dataclasses import dataclass

from rnnviz.training.experiment import Experiment

ROWS = 500
"""The rows that the history of a whole run has, or up to twice as many.

Where the clock ends it: the rows of every doubling of its steps, and as many again behind tests.
"""
VALIDATION_SHARE = 0.012
"""The share of the work that testing may take."""
STEP_COST = 3
"""How much more a training step costs than reading the same examples forward."""
MIN_VALIDATION_COST = 0.35
"""What a test costs however few its examples are, in training steps."""
SAVED_STEPS = 32
"""How often the weights of a run are kept."""
MIN_SAVED_STEPS = 8
MAX_SAVED_BYTES = 16_000_000
"""The bytes that the kept weights of a run may fill."""


@dataclass(frozen=True)
class Schedule:
    """The number of steps between two rows, two tests and two kept weights.

    `rows` is the distance at first: where the clock ends a run nobody knows how many steps it will
    have, so the distance doubles each time that there are twice as many. Such a run is also `timed`
    in its tests: until the first that is due anyway there are two while the steps double, so that
    a model that does few steps in its time has a course as well.
    """

    row_interval: int
    validation_interval: int
    saved_step_interval: int
    timed: bool = False

    @classmethod
    def of(cls, experiment: Experiment, tested: int, weights: int) -> "Schedule":
        """`tested` validation examples, `weights` bytes of weights."""
        optimiser = experiment.optimiser
        timed = optimiser.seconds is not None
        rows = 1 if timed else max(1, optimiser.steps // ROWS)
        apart = max(MIN_VALIDATION_COST, tested / (STEP_COST * optimiser.batch)) / VALIDATION_SHARE
        # Whole runs are tested some times, however short they are.
        apart = min(apart, optimiser.steps / 4)
        tests = rows * max(1, math.ceil(apart / rows))
        kept = min(SAVED_STEPS, max(MIN_SAVED_STEPS, MAX_SAVED_BYTES // max(1, weights)))
        moments = rows * max(1, math.ceil(optimiser.steps / kept / rows))
        return cls(rows, tests, moments, timed)

    def is_row(self, step: int) -> bool:
        """Whether a row of history is written after `step`; behind the first tests there is one."""
        if step % _interval_at(self.row_interval, step) == 0:
            return True
        return self.is_validation(step) and (
            step < self.validation_interval
            or step % _interval_at(self.validation_interval, step) == 0
        )

    def is_validation(self, step: int) -> bool:
        """Whether the model is tested after `step`, even if the run goes on."""
        if step % self.validation_interval == 0:
            return True
        half = 1 << max(0, step.bit_length() - 2)  # 1, 2, 3, 4, 6, 8, 12, 16, 24, ...
        return self.timed and step < self.validation_interval and step % half == 0

    def is_saved_step(self, step: int) -> bool:
        """Whether the weights after `step` are kept: often at first, when most happens."""
        return step % self.saved_step_interval == 0 or (
            step < self.saved_step_interval and step & (step - 1) == 0
        )


def _interval_at(first: int, step: int) -> int:
    """The distance of rows around `step` that were `first` apart, and have become many."""
    return first << max(0, (step // (ROWS * first)).bit_length() - 1)
