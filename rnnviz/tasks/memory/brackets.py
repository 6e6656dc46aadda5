"""Which bracket must be closed next? A stack of them, trained short and measured long."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import torch

from rnnviz.messages import N_
from rnnviz.settings import Range
from rnnviz.tasks.framework.batches import Baseline, Batch, Example
from rnnviz.tasks.framework.examples import evaluation_generator
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.framework.task import Task
from rnnviz.tasks.memory.nesting import nested_brackets
from rnnviz.text import PAD, SPECIALS, Unit, Vocabulary

OPENING, CLOSING = "([{<", ")]}>"
NOTHING = "·"
"""The label where no bracket is open."""

CLOSED = N_(
    "{cells} nearly always named the bracket that must close next, in sequences of {longest} "
    "pairs; training had up to {pairs}."
)
CLOSED_PARTLY = N_(
    "{cells} named the bracket that must close next more often than by guessing, but not nearly "
    "always, in sequences of {longest} pairs; training had up to {pairs}."
)
NOT_CLOSED = N_(
    "{cells} hardly did more than guess which bracket must close next, in sequences of {longest} "
    "pairs; training had up to {pairs}."
)

DRAWN = 500
"""The sequences of which the most frequent answer is found."""


@dataclass(frozen=True)
class Brackets(Task):
    """Read nested brackets and say after each closing one which must close next, or that none may.

    After an opening bracket the answer is in plain sight; after a closing one it must be
    remembered, from as deep as the nesting goes, so only those answers are judged. Training uses
    sequences of up to a number of pairs, the metric longer ones of the same depth, which make no
    difference to a network that has learned the rule. With two kinds of brackets, blind guessing is
    right one time in three.
    """

    name: ClassVar[str] = "brackets"
    title: ClassVar[str] = N_("Bracket matching")
    kind: ClassVar[Kind] = "many-to-many"
    recipe: ClassVar[Mapping[str, float | str]] = {"hidden": 24, "lr": 0.01, "steps": 600}
    unit: ClassVar[Unit] = "character"
    verdicts: ClassVar[tuple[str, str, str]] = (CLOSED, CLOSED_PARTLY, NOT_CLOSED)
    synthetic: ClassVar[bool] = True
    family: ClassVar[str] = N_("Memory")

    pairs: Annotated[
        int,
        Range(
            2,
            20,
            label=N_("Pairs in training"),
            help=N_("How many pairs of brackets a sequence has at most while training."),
        ),
    ] = 8
    beyond: Annotated[
        int,
        Range(
            1,
            4,
            label=N_("Length factor"),
            help=N_(
                "Measured sequences have this many times as many pairs as the longest in training."
            ),
        ),
    ] = 2
    depth: Annotated[
        int,
        Range(
            2,
            8,
            label=N_("Depth"),
            help=N_("How many brackets are open at once, at most."),
        ),
    ] = 3
    kinds: Annotated[
        int,
        Range(
            1,
            len(OPENING),
            label=N_("Kinds of brackets"),
            help=N_("Round, square, curly and pointed, in this order."),
        ),
    ] = 2

    @property
    def verdict_values(self) -> dict[str, object]:
        return {"pairs": self.pairs, "longest": self.pairs * self.beyond}

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(OPENING[: self.kinds] + CLOSING[: self.kinds], fold=False)

    @property
    def labels(self) -> tuple[str, ...]:
        return (*CLOSING[: self.kinds], NOTHING)

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        if split == "train":
            pairs = torch.randint(1, self.pairs + 1, (n,), generator=generator)
        else:
            pairs = torch.full((n,), self.pairs * self.beyond)
        lengths = 2 * pairs
        T = int(lengths.max())
        # Whether a bracket closes where it may or may not, and which kind opens.
        drawn = torch.rand(n, T, 2, generator=generator).double().numpy()
        kinds = (drawn[..., 1] * self.kinds).astype(np.int64)
        own, left, closing = nested_brackets(
            lengths.numpy(), drawn[..., 0] < 0.5, kinds, self.depth
        )
        valid = own >= 0
        inputs = np.where(valid, own + len(SPECIALS) + self.kinds * closing, PAD)
        targets = np.where(left >= 0, left, self.kinds * valid)
        return Batch(*map(torch.from_numpy, (inputs, lengths.numpy(), targets, closing)))

    def example(self) -> Example:
        batch = self.batch(1, evaluation_generator(3), "validation")
        return Example(tuple(self.vocabulary.decode(batch.inputs[0].tolist())), batch)

    def baselines(self, split: Split = "validation") -> tuple[Baseline, ...]:
        training, batch = (
            self.batch(DRAWN, evaluation_generator(4), "train"),
            self.evaluation_batch(split),
        )
        counts = torch.bincount(training.targets[training.mask], minlength=len(self.labels)) + 1.0
        logits = (counts / counts.sum()).log().expand(*batch.targets.shape, -1)
        return (self.measured_baseline(N_("always the most frequent answer"), logits, batch),)
