"""What the longer computations of the page find, apart from them: reading it needs no torch."""

from dataclasses import dataclass
from statistics import fmean

LENGTHS = (25, 50, 100, 200, 400)
PIECE = 25
BATCH, INPUTS, HIDDEN = 8, 16, 32
REPEATS = 7


@dataclass(frozen=True)
class Cost:
    """By length of `LENGTHS`: bytes that autograd has saved at most at once, and time.

    memory, cut_memory: with one walk back over everything, and with cuts every `PIECE` steps.
    times, cut_times: of one training step, as multiples of that of the shortest; they differ from
    one measurement to the next.
    """

    memory: tuple[int, ...]
    cut_memory: tuple[int, ...]
    times: tuple[float, ...]
    cut_times: tuple[float, ...]


EPOCHS = 20
NAMES_IN_BATCH = 32
EMBEDDING = 16
EVERY = 4
"""One in so many of the validation names is measured."""


@dataclass(frozen=True)
class Curves:
    """Mean losses before training and after each epoch, dropout off; accuracy on the validation.

    `parameters` is how many numbers the model has.
    """

    training: tuple[float, ...]
    validation: tuple[float, ...]
    accuracy: tuple[float, ...]
    parameters: int

    @property
    def best(self) -> int:
        """The epoch with the least validation loss."""
        return self.validation.index(min(self.validation))

    @property
    def overfits(self) -> bool:
        """Whether the validation loss has risen by more than 5 % since its best."""
        return self.validation[-1] > 1.05 * self.validation[self.best]


LEFT_ON_NAMES, LEFT_ON_EPOCHS, LEFT_ON_RATE, UNITS = 1000, 6, 0.003, 48
ASKED = 20
"""How often the same names are asked."""


@dataclass(frozen=True)
class LeftOn:
    """What a model answers to the same names after eval(), again and again.

    on, off: the share of right answers in each evaluation, with dropout left on, and off.
    on_changed, off_changed: from the second on, the share of answers that differ from the one
    before. names: how many there are.
    """

    on: tuple[float, ...]
    off: tuple[float, ...]
    on_changed: tuple[float, ...]
    off_changed: tuple[float, ...]
    names: int

    @property
    def accuracy_on(self) -> float:
        """The mean share of right answers with dropout left on."""
        return fmean(self.on)

    @property
    def accuracy_off(self) -> float:
        """The same with dropout off."""
        return fmean(self.off)

    @property
    def changed(self) -> float:
        """The mean share of answers that change where dropout is left on."""
        return fmean(self.on_changed)
