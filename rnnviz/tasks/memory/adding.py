"""Add up two numbers that were marked, however long ago."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import torch
from torch import Tensor

from rnnviz.messages import N_, Message
from rnnviz.settings import Range
from rnnviz.tasks.framework.batches import Answer, Batch, Example, last_step_mask
from rnnviz.tasks.framework.examples import evaluation_generator
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.framework.task import Task

ADDED = N_(
    "{cells} added two numbers marked somewhere in {length} steps, to within {error} (root mean "
    "square)."
)
ADDED_PARTLY = N_("{cells} added the two marked numbers in {length} steps only roughly.")
NOT_ADDED = N_("{cells} did hardly better than always answering 1.")

WITHIN = N_("{cell} is off by at most {tolerance} in {count} of {total} sums.")

TOLERANCE = 0.08
"""How far a right answer may be off: 4 % of the range, as in Hochreiter and Schmidhuber (1997)."""


@dataclass(frozen=True)
class Adding(Task):
    """Each step brings a number between 0 and 1 and a mark; say the sum of the two marked numbers.

    One mark stands somewhere in the first half of the sequence and one in the second, so a number
    must be kept over half of the length on average, and exactly (Hochreiter and Schmidhuber 1997;
    marks as in Arjovsky et al. 2016). Always answering 1 gives a mean squared error of 1/6, about
    0.1667: the variance of the sum of two uniform numbers, wherever the marks stand. Le et al.
    (2015), and many after them, write 0.1767.
    """

    name: ClassVar[str] = "adding"
    title: ClassVar[str] = N_("Adding problem")
    kind: ClassVar[Kind] = "many-to-one"
    recipe: ClassVar[Mapping[str, float | str]] = {"hidden": 32, "lr": 0.005, "steps": 2500}
    metric_name: ClassVar[str] = N_("mean squared error")
    metric_unit: ClassVar[str] = ""
    best_metric: ClassVar[float] = 0.0
    verdicts: ClassVar[tuple[str, str, str]] = (ADDED, ADDED_PARTLY, NOT_ADDED)
    synthetic: ClassVar[bool] = True
    family: ClassVar[str] = N_("Memory")

    length: Annotated[
        int,
        Range(
            2,
            400,
            label=N_("Length"),
            unit=N_("steps"),
            help=N_("How many numbers are read; two of them are marked."),
        ),
    ] = 50

    @property
    def features(self) -> tuple[str, ...]:
        return ("value", "marker")

    @property
    def values(self) -> tuple[str, ...]:
        return ("sum",)

    @property
    def steps(self) -> int:
        return self.length

    @property
    def chance(self) -> float:
        return 1 / 6

    @property
    def chance_loss(self) -> float:
        return 1 / 6

    @property
    def verdict_values(self) -> dict[str, object]:
        """Also the largest error with which the task still counts as learned."""
        error = math.sqrt((1 - self.learned_threshold) * self.chance)
        return {"length": self.length, "error": f"{error:.2f}"}

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        T, half = self.length, self.length // 2
        inputs = torch.zeros(n, T, 2)
        inputs[..., 0] = torch.rand(n, T, generator=generator)
        rows = torch.arange(n)
        first = torch.randint(half, (n,), generator=generator)
        second = torch.randint(half, T, (n,), generator=generator)
        inputs[rows, first, 1] = inputs[rows, second, 1] = 1
        lengths = torch.full((n,), T)
        return Batch(inputs, lengths, _sums(inputs), last_step_mask(lengths, T))

    def example(self) -> Example:
        batch = self.batch(1, evaluation_generator(3), "validation")
        tokens = [f"{value:.2f}" + "+" * int(mark) for value, mark in batch.inputs[0].tolist()]
        return Example(tuple(tokens), batch)

    def metric(self, output: Tensor, batch: Batch) -> float:
        return self.loss(output, batch).item()

    def measurements(self, model: Any) -> dict[str, Any]:
        """How many sums of the evaluation examples are right to within the tolerance."""
        batch = self.evaluation_batch(self.final_split)
        with torch.no_grad():
            errors = (model.predict(batch.to(model.device)).cpu() - batch.targets).abs()
        return {"within": int((errors <= TOLERANCE).sum()), "total": len(batch)}

    def model_message(self, name: str, measurements: Mapping[str, Any]) -> Message | None:
        if not measurements:
            return None
        values = {"count": measurements["within"], "total": measurements["total"]}
        return Message(WITHIN, {"cell": name, "tolerance": TOLERANCE, **values})

    def answers(self, output: Tensor, batch: Batch) -> list[Answer]:
        marked = batch.inputs[..., 0][batch.inputs[..., 1] == 1].reshape(len(batch), 2)
        return [
            Answer(
                # A place more than in the answers: rounded terms do not add up.
                f"{one:.3f} + {two:.3f}",
                f"{target:.2f} ± {TOLERANCE}",
                f"{prediction:.2f}",
                abs(prediction - target) <= TOLERANCE,
            )
            for (one, two), (target,), (prediction,) in zip(
                marked.tolist(), batch.targets.tolist(), output.tolist(), strict=True
            )
        ]


def _sums(inputs: Tensor) -> Tensor:
    """(B,1): the sum of the marked values of inputs (B,T,2)."""
    return (inputs[..., 0] * inputs[..., 1]).sum(1, keepdim=True)
