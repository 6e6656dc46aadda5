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
TEST_SHARE = 0.012
"""The share of the work that testing may take."""
BACKWARD = 3
"""How much more a training step costs than reading the same examples forward."""
LEAST = 0.35
"""What a test costs however few its examples are, in training steps."""
MOMENTS = 32
"""How often the weights of a run are kept."""
FEWEST_MOMENTS = 8
TIMELINE = 16_000_000
"""The bytes that the kept weights of a run may fill."""


@dataclass(frozen=True)
class Cadence:
    """The number of steps between two rows, two tests and two kept weights.

    `rows` is the distance at first: where the clock ends a run nobody knows how many steps it will
    have, so the distance doubles each time that there are twice as many. Such a run is also `timed`
    in its tests: until the first that is due anyway there are two while the steps double, so that
    a model that does few steps in its time has a course as well.
    """

    rows: int
    tests: int
    moments: int
    timed: bool = False

    @classmethod
    def of(cls, experiment: Experiment, tested: int, weights: int) -> "Cadence":
        """`tested` validation examples, `weights` bytes of weights."""
        optimiser = experiment.optimiser
        timed = optimiser.seconds is not None
        rows = 1 if timed else max(1, optimiser.steps // ROWS)
        apart = max(LEAST, tested / (BACKWARD * optimiser.batch)) / TEST_SHARE
        # Whole runs are tested some times, however short they are.
        apart = min(apart, optimiser.steps / 4)
        tests = rows * max(1, math.ceil(apart / rows))
        kept = min(MOMENTS, max(FEWEST_MOMENTS, TIMELINE // max(1, weights)))
        moments = rows * max(1, math.ceil(optimiser.steps / kept / rows))
        return cls(rows, tests, moments, timed)

    def is_row(self, step: int) -> bool:
        """Whether a row of history is written after `step`; behind the first tests there is one."""
        if step % _apart(self.rows, step) == 0:
            return True
        return self.is_test(step) and (step < self.tests or step % _apart(self.tests, step) == 0)

    def is_test(self, step: int) -> bool:
        """Whether the model is tested after `step`, even if the run goes on."""
        if step % self.tests == 0:
            return True
        half = 1 << max(0, step.bit_length() - 2)  # 1, 2, 3, 4, 6, 8, 12, 16, 24, ...
        return self.timed and step < self.tests and step % half == 0

    def is_moment(self, step: int) -> bool:
        """Whether the weights after `step` are kept: often at first, when most happens."""
        return step % self.moments == 0 or (step < self.moments and step & (step - 1) == 0)


def _apart(first: int, step: int) -> int:
    """The distance of rows around `step` that were `first` apart, and have become many."""
    return first << max(0, (step // (ROWS * first)).bit_length() - 1)
