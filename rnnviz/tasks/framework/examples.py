"""Where a task's examples come from, and which of them are shown and evaluated."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property

import torch
from torch import Tensor

from rnnviz.tasks.framework.batches import Batch, Example
from rnnviz.tasks.framework.description import TaskDescription
from rnnviz.tasks.framework.kinds import ExampleKind, Split
from rnnviz.text import Vectoriser

EVALUATION_SIZE = 128
"""The most examples of a split on which models and baselines are evaluated."""

TEST_STREAM = 5
"""The stream of `evaluation_generator` that draws the test examples."""

MAX_DRAWS = 4
"""How many times as many test examples are drawn to get enough that are apart."""

TRAINING_DRAWS = 4096
"""How many training examples are drawn to see whether they are the same ones."""

N_QUESTIONS = 6
"""How many examples are shown with the models' answers while they train."""


def evenly_spaced(size: int, most: int = EVALUATION_SIZE) -> list[int]:
    """At most `most` of the numbers below `size`, equally far apart.

    Of examples in the order of time or of their labels that is a fairer sample than a random one.
    """
    n = min(size, most)
    return [(2 * k + 1) * size // (2 * n) for k in range(n)]


def evaluation_generator(stream: int = 0) -> torch.Generator:
    """A generator of evaluation examples, with a seed that no experiment can have.

    With a seed of an experiment's the same examples would be drawn for training.
    """
    return torch.Generator().manual_seed(2**31 + stream)


def fingerprints(batch: Batch) -> list[bytes]:
    """The sequence of each example without its padding, as something to compare."""
    lengths = batch.lengths.tolist()
    return [
        row[:length].contiguous().numpy().tobytes()
        for row, length in zip(batch.inputs, lengths, strict=True)
    ]


class TaskExamples(TaskDescription):
    """A task with examples: drawn anew, selected from a finite set, or pieces of a text."""

    def size(self, split: Split = "train") -> int | None:
        """How many examples `split` has, or None where they are drawn anew each time."""
        return None

    def select(self, indices: Sequence[int], split: Split = "train") -> Batch:
        """The examples with these numbers."""
        raise LookupError(f"{self.name} draws its examples")

    def consecutive_batch(self, n: int, index: int) -> tuple[Batch, bool]:
        """Piece `index` of `n` parallel streams of the text, and whether they restart with it."""
        raise LookupError(f"{self.name} does not run on from batch to batch")

    def batches_per_epoch(self, n: int) -> int:
        """How many pieces `n` parallel streams have until they restart."""
        raise LookupError(f"{self.name} does not run on from batch to batch")

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        """`n` examples of `split`, drawn by `generator`."""
        size = self.size(split)
        assert size is not None, "a task without a size draws its own examples"
        return self.select(torch.randint(size, (n,), generator=generator).tolist(), split)

    def evaluation_indices(self, split: Split = "validation") -> list[int]:
        """The indices of the examples of a finite `split` that models are evaluated on."""
        size = self.size(split)
        assert size is not None, "a task without a size draws its own examples"
        return evenly_spaced(size)

    def evaluation_batch(self, split: Split = "validation") -> Batch:
        """The examples of `split` on which models and baselines are evaluated.

        The same for every seed and model, so that they can be compared. While a run goes on it is
        judged on "validation"; what it came to, on `final_split`.
        """
        if self.size(split) is not None:
            return self.select(self.evaluation_indices(split), split)
        if split != "test":
            return self.batch(EVALUATION_SIZE, evaluation_generator(), split)
        if self.splits_apart:
            return self.batch(EVALUATION_SIZE, evaluation_generator(TEST_STREAM), split)
        unseen = self._unseen_batch
        return self.evaluation_batch("validation") if unseen is None else unseen

    @property
    def final_split(self) -> Split:
        """The split that says what a run came to: "test" where there are such examples."""
        return "test" if self.final_examples == "test" else "validation"

    @property
    def curve_examples(self) -> ExampleKind:
        """What the validation examples, by which a run is judged as it goes on, really are."""
        if self.memorised:
            return "memorised"
        is_drawn = not self._holds_out and self._is_met_in_training
        return "drawn" if is_drawn else "validation"

    @property
    def final_examples(self) -> ExampleKind:
        """What the examples are on which the final score is measured."""
        if self.curve_examples != "validation":
            return self.curve_examples
        has_test = self._holds_out or self._unseen_batch is not None
        return "test" if has_test else "validation"

    @property
    def _holds_out(self) -> bool:
        """Whether no example of one split can be in another."""
        return self.splits_apart or self.size("test") is not None

    @cached_property
    def _unseen_batch(self) -> Batch | None:
        """Test examples none of which is among the validation examples; None if too few are left.

        They come from a generator of their own.
        """
        seen = {*fingerprints(self.evaluation_batch())}
        batch = self.batch(MAX_DRAWS * EVALUATION_SIZE, evaluation_generator(TEST_STREAM), "test")
        rows = [row for row, each in enumerate(fingerprints(batch)) if each not in seen]
        return batch.rows(rows[:EVALUATION_SIZE]) if len(rows) >= EVALUATION_SIZE else None

    @cached_property
    def _is_met_in_training(self) -> bool:
        """Whether there are so few different examples that training draws the others' as well."""
        batch = self.batch(MAX_DRAWS * EVALUATION_SIZE, evaluation_generator(TEST_STREAM), "test")
        held_out = fingerprints(batch)
        if len({*held_out}) > 0.99 * len(held_out):
            return False
        training = self.batch(TRAINING_DRAWS, evaluation_generator(7), "train")
        met = {*fingerprints(training)}
        return sum(each in met for each in held_out) >= 0.25 * len(held_out)

    @abstractmethod
    def example(self) -> Example:
        """The fixed example that training is watched on."""

    def questions(self) -> Batch:
        """The fixed examples that are shown with the models' answers while they train.

        None is there twice: tasks with few different questions show fewer.
        """
        batch = self.batch(N_QUESTIONS, evaluation_generator(1), "validation")
        first = {
            tuple(row.flatten().tolist()): k for k, row in reversed([*enumerate(batch.inputs)])
        }
        return batch.rows(sorted(first.values()))

    @property
    def lags(self) -> tuple[int, ...]:
        """The lags at which recall is worth measuring; none where nothing has to be recalled."""
        return ()

    def batch_with_lags(self, lags: Tensor, generator: torch.Generator) -> Batch:
        """One example for each of `lags` (B,), in which the symbol stands that far from the end."""
        raise LookupError(f"{self.name} has nothing to recall")

    def encode(self, text: str) -> tuple[list[str], list[int]]:
        """The tokens of a visitor's `text`, as typed, and their ids.

        Raises:
            Problem: the text is empty.
        """
        tokens = Vectoriser(self.unit).tokens(text)
        return tokens, self.vocabulary.encode(tokens)
