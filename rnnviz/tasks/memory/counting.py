"""As many b as a: the smallest language that no finite memory can read at every length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from rnnviz.messages import N_
from rnnviz.settings import Range
from rnnviz.tasks.framework.batches import Answer, Batch, Example, valid_mask
from rnnviz.tasks.framework.examples import evaluation_generator
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.framework.task import Task
from rnnviz.tasks.memory.run_lengths import compress_runs
from rnnviz.text import PAD, Unit, Vocabulary

START, A, B, STOP = "^", "a", "b", "$"


@dataclass(frozen=True)
class Counting(Task):
    """Read some a, then as many b, and predict each next symbol: where the b stop must be counted.

    From the first b on everything is determined, so from there it is judged: b as often as needed,
    then the end. Training uses sequences with up to so many a, the metric longer ones, and only a
    sequence without any mistake counts as right (Gers and Schmidhuber 2001). Blind guessing at each
    step is right once in 3 to the power of the number of b: practically never.
    """

    name: ClassVar[str] = "counting"
    title: ClassVar[str] = N_("aⁿbⁿ")
    kind: ClassVar[Kind] = "many-to-many"
    recipe: ClassVar[Mapping[str, float | str]] = {"hidden": 32, "lr": 0.005, "steps": 1600}
    unit: ClassVar[Unit] = "character"
    metric_name: ClassVar[str] = N_("sequences without a mistake")
    synthetic: ClassVar[bool] = True
    family: ClassVar[str] = N_("Memory")

    longest: Annotated[
        int,
        Range(
            1,
            50,
            label=N_("Longest in training"),
            help=N_("How many a a sequence has at most while training."),
        ),
    ] = 10
    beyond: Annotated[
        int,
        Range(
            1,
            50,
            label=N_("Longer by"),
            help=N_("How many more a the sequences may have on which the model is measured."),
        ),
    ] = 4

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of((START, A, B), fold=False)

    @property
    def labels(self) -> tuple[str, ...]:
        return (A, B, STOP)

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        low = 1 if split == "train" else self.longest + 1
        high = self.longest if split == "train" else self.longest + self.beyond
        counts = torch.randint(low, high + 1, (n,), generator=generator)[:, None]
        lengths = 2 * counts[:, 0] + 1
        T = int(lengths.max())
        step = torch.arange(T).expand(n, T)
        start, a, b = self.vocabulary.encode((START, A, B))
        inputs = torch.where(step <= counts, a, b)
        inputs[:, 0] = start
        valid = valid_mask(lengths, T)
        targets = (step >= counts).long() + (step == 2 * counts)
        mask = valid & (step > counts)
        return Batch(torch.where(valid, inputs, PAD), lengths, targets * valid, mask)

    def example(self) -> Example:
        batch = self.batch(1, evaluation_generator(3), "validation")
        return Example(tuple(self.vocabulary.decode(batch.inputs[0].tolist())), batch)

    @property
    def chance(self) -> float:
        counts = range(self.longest + 1, self.longest + self.beyond + 1)
        blind = 1 / len(self.labels)
        return sum(float(blind**n) for n in counts) / self.beyond

    def metric(self, output: Tensor, batch: Batch) -> float:
        right = (output.argmax(-1) == batch.targets) | ~batch.mask
        return right.all(-1).float().mean().item()

    def answers(self, output: Tensor, batch: Batch) -> list[Answer]:
        return [
            replace(each, question=compress_runs(each.question, A + B))
            for each in super().answers(output, batch)
        ]

    def join_labels(self, labels: Sequence[str]) -> str:
        return compress_runs(labels, A + B)
