"""Is the number of ones odd? One bit of memory, but it must be exact at every step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch

from rnnviz.messages import N_
from rnnviz.settings import Choice, Range
from rnnviz.tasks.framework.batches import Batch, Example, last_step_mask, valid_mask
from rnnviz.tasks.framework.examples import evaluation_generator
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.framework.task import Task
from rnnviz.text import PAD, SPECIALS, Unit, Vocabulary

BITS = ("0", "1")

PARITY = N_(
    "{cells} nearly always knew whether the number of ones in {length} {length:bit|bits} is odd."
)
PARITY_PARTLY = N_(
    "{cells} knew more often than by guessing whether the number of ones in {length} "
    "{length:bit|bits} is odd."
)
NO_PARITY = N_(
    "{cells} could hardly do more than guess whether the number of ones in {length} "
    "{length:bit|bits} is odd."
)


@dataclass(frozen=True)
class Parity(Task):
    """Read zeros and ones and say whether the number of ones so far is odd: 1 if so, else 0.

    Every bit matters as much as every other, so no part of the sequence is enough to do better than
    chance: one time in two. Training uses sequences of all lengths up to the longest; what is
    measured is the answer at the end of the longest. If only that answer is judged in training too,
    the task is far harder to learn.
    """

    name: ClassVar[str] = "parity"
    title: ClassVar[str] = N_("Parity")
    kind: ClassVar[Kind] = "many-to-many"
    recipe: ClassVar[Mapping[str, float | str]] = {"hidden": 16, "lr": 0.01, "steps": 600}
    unit: ClassVar[Unit] = "character"
    verdicts: ClassVar[tuple[str, str, str]] = (PARITY, PARITY_PARTLY, NO_PARITY)
    synthetic: ClassVar[bool] = True
    family: ClassVar[str] = N_("Memory")

    length: Annotated[
        int,
        Range(
            1,
            200,
            label=N_("Length"),
            unit=N_("{count} {count:step|steps}"),
            help=N_("How many bits the longest sequence has."),
        ),
    ] = 20
    judged: Annotated[
        str,
        Choice(
            {"steps": N_("after every bit"), "end": N_("after the last bit")},
            label=N_("Judged in training"),
            help=N_("What is measured is always the answer after the last bit."),
        ),
    ] = "steps"

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(BITS, fold=False)

    @property
    def labels(self) -> tuple[str, ...]:
        return BITS

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        lengths = torch.full((n,), self.length)
        if split == "train":
            lengths = torch.randint(1, self.length + 1, (n,), generator=generator)
        T = int(lengths.max())
        bits = torch.randint(2, (n, T), generator=generator)
        valid = valid_mask(lengths, T)
        inputs = torch.where(valid, bits + len(SPECIALS), PAD)
        every = split == "train" and self.judged == "steps"
        mask = valid if every else last_step_mask(lengths, T)
        return Batch(inputs, lengths, (bits * valid).cumsum(1) % 2, mask)

    def example(self) -> Example:
        batch = self.batch(1, evaluation_generator(3), "validation")
        return Example(tuple(self.vocabulary.decode(batch.inputs[0].tolist())), batch)
