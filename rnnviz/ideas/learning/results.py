"""What the longer computations of the page find, apart from them: reading it needs no torch."""

from dataclasses import dataclass

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
