"""As many b as a: the smallest language that no finite memory can read at every length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

import torch
from torch import Tensor

from rnnviz.messages import N_, Message
from rnnviz.settings import Range
from rnnviz.tasks.framework.batches import Answer, Batch, Example, valid_mask
from rnnviz.tasks.framework.examples import evaluation_generator
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.framework.task import Task
from rnnviz.tasks.memory.run_lengths import compress_runs, number_ranges
from rnnviz.text import PAD, Unit, Vocabulary

START, A, B, STOP = "^", "a", "b", "$"

COUNTED = N_(
    "{cells} counted nearly every n from {first} to {last} right, all longer than in training."
)
COUNTED_PARTLY = N_(
    "{cells} counted some n from {first} to {last} right, all longer than in training."
)
NOT_COUNTED = N_(
    "{cells} counted hardly any n from {first} to {last} right, all longer than in training."
)

COUNTS_ON = N_("{cell} counts right up to n = {reach}; it was trained up to n = {longest}.")
COUNTS_ALL = N_(
    "{cell} counts right as far as was tried, up to n = {reach}; it was trained up to n = "
    "{longest}."
)
COUNTS_WITH_GAPS = N_(
    "{cell} counts right up to n = {reach}, and beyond it only some ({others}); it was trained up "
    "to n = {longest}."
)
COUNTS_NOTHING = N_("{cell} is wrong even at n = 1; it was trained up to n = {longest}.")
COUNTS_SOME = N_(
    "{cell} is wrong even at n = 1, and right only at n = {others}; it was trained up to n = "
    "{longest}."
)

TRIED = 3
"""How many times as long as in training the longest sequence is with which it is tried."""


@dataclass(frozen=True)
class Counting(Task):
    """Read some a, then as many b, and predict each next symbol: where the b stop must be counted.

    From the first b on everything is determined, so from there it is judged: b as often as needed,
    then the end. Training uses sequences with up to so many a, the metric longer ones, and only a
    sequence without any mistake counts as right (Gers and Schmidhuber 2001). At the end, every n up
    to three times the longest in training is tried, to see how far a model counts. Blind guessing
    at each step is right once in 3 to the power of the number of b: practically never.
    """

    name: ClassVar[str] = "counting"
    title: ClassVar[str] = N_("aⁿbⁿ")
    kind: ClassVar[Kind] = "many-to-many"
    recipe: ClassVar[Mapping[str, float | str]] = {"hidden": 32, "lr": 0.005, "steps": 1600}
    unit: ClassVar[Unit] = "character"
    metric_name: ClassVar[str] = N_("sequences without a mistake")
    verdicts: ClassVar[tuple[str, str, str]] = (COUNTED, COUNTED_PARTLY, NOT_COUNTED)
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

    @property
    def verdict_values(self) -> dict[str, object]:
        return {"first": self.longest + 1, "last": self.longest + self.beyond}

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        low = 1 if split == "train" else self.longest + 1
        high = self.longest if split == "train" else self.longest + self.beyond
        return self._sequences(torch.randint(low, high + 1, (n,), generator=generator))

    def _sequences(self, counts: Tensor) -> Batch:
        """A sequence for each of `counts` (B,): that many a, and as many b."""
        counts = counts[:, None]
        lengths = 2 * counts[:, 0] + 1
        n, T = len(counts), int(lengths.max())
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

    def measurements(self, model: Any) -> dict[str, Any]:
        """Every n that is counted without a mistake, of those from 1 to the longest `tried`.

        There is only one sequence for each n.
        """
        tried = max(self.longest + self.beyond, TRIED * self.longest)
        batch = self._sequences(torch.arange(1, tried + 1))
        with torch.no_grad():
            output = model.predict(batch.to(model.device)).cpu()
        right = self.scores(output, batch)
        return {"tried": tried, "right": [n for n, score in enumerate(right, 1) if score == 1]}

    def model_message(self, name: str, measurements: Mapping[str, Any]) -> Message | None:
        if not measurements:
            return None
        right, tried = measurements["right"], measurements["tried"]
        reach = next((n for n in range(tried) if n + 1 not in right), tried)
        others = [n for n in right if n > reach]
        values: dict[str, object] = {"cell": name, "longest": self.longest, "reach": reach}
        if others:
            template = COUNTS_WITH_GAPS if reach else COUNTS_SOME
            return Message(template, {**values, "others": number_ranges(others)})
        if not reach:
            return Message(COUNTS_NOTHING, values)
        return Message(COUNTS_ALL if reach == tried else COUNTS_ON, values)

    def answers(self, output: Tensor, batch: Batch) -> list[Answer]:
        return [
            replace(each, question=compress_runs(each.question, A + B))
            for each in super().answers(output, batch)
        ]

    def join_labels(self, labels: Sequence[str]) -> str:
        return compress_runs(labels, A + B)
