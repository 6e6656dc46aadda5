"""Tasks that only this page needs: the shape of a picture, and numbers read digit by digit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import torch

from rnnviz.messages import N_
from rnnviz.tasks import END_LABEL, Batch, Example, Kind, Split, Task
from rnnviz.tasks.framework.batches import last_step_mask
from rnnviz.tasks.framework.datasets import SequencePairs
from rnnviz.tasks.translate.drawings import SHAPES, bits, split_drawings
from rnnviz.tasks.translate.numerals import cardinal
from rnnviz.text import Unit, Vocabulary

NUMBERS = 100
HELD_OUT = (26, 38, 43, 57, 64, 72, 85, 91)
"""Numbers that training never shows: each has parts that other numbers have, too."""


@dataclass(frozen=True)
class OneShape(Task):
    """Look at a picture with one shape and name it: one input, one answer, nothing before it."""

    name: ClassVar[str] = "one_shape"
    kind: ClassVar[Kind] = "many-to-one"
    unit: ClassVar[Unit] = "word"
    title: ClassVar[str] = N_("One shape")

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(f"p{pixel}" for pixel in range(64))

    @property
    def labels(self) -> tuple[str, ...]:
        return SHAPES

    @property
    def steps(self) -> int:
        return 1

    def size(self, split: Split = "train") -> int:
        return len(_shapes(split)[1])

    def select(self, indices: Sequence[int], split: Split = "train") -> Batch:
        pictures, targets = _shapes(split)
        rows = torch.as_tensor(indices)
        lengths = torch.ones(len(rows), dtype=torch.int64)
        inputs = pictures[rows][:, None]
        return Batch(inputs, lengths, targets[rows], last_step_mask(lengths, 1))

    def example(self) -> Example:
        return Example(("",), self.select([0], "validation"))


@cache
def _shapes(split: Split) -> tuple[torch.Tensor, torch.Tensor]:
    """All pictures with one shape (N,64) and which it is (N,)."""
    groups = split_drawings()[split]
    rows = [(bits(p), label) for label, shape in enumerate(SHAPES) for p in groups[(shape,)]]
    pictures, labels = zip(*rows, strict=True)
    return torch.tensor(pictures, dtype=torch.float32), torch.tensor(labels)


@dataclass(frozen=True)
class NumberWords(Task):
    """Read a number digit by digit and write it in words, letter by letter: 47, "forty-seven"."""

    name: ClassVar[str] = "number_words"
    kind: ClassVar[Kind] = "sequence-to-sequence"
    unit: ClassVar[Unit] = "character"
    title: ClassVar[str] = N_("Numbers")
    recipe: ClassVar[Mapping[str, float | str]] = {}

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of("0123456789", fold=False)

    @property
    def labels(self) -> tuple[str, ...]:
        return _letters()

    def size(self, split: Split = "train") -> int:
        return len(_numbers(split))

    def select(self, indices: Sequence[int], split: Split = "train") -> Batch:
        numbers = _numbers(split)
        return _encoded().select([numbers[index] for index in indices])

    def example(self) -> Example:
        return Example(("4", "7"), _encoded().select([47]))


def _numbers(split: Split) -> tuple[int, ...]:
    return tuple(n for n in range(NUMBERS) if (n in HELD_OUT) == (split != "train"))


@cache
def _letters() -> tuple[str, ...]:
    return ("<eos>", *sorted({letter for n in range(NUMBERS) for letter in cardinal(n)}))


@cache
def _encoded() -> SequencePairs:
    task, label = NumberWords(), {letter: k for k, letter in enumerate(_letters())}
    return SequencePairs.of(
        [
            (
                task.vocabulary.encode(list(str(n))),
                [*(label[letter] for letter in cardinal(n)), END_LABEL],
            )
            for n in range(NUMBERS)
        ]
    )
