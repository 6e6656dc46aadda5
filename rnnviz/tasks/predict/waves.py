"""What is the next value of a wave, the next position of a ball? B sequences, T time steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import torch
from torch import Tensor

from rnnviz.messages import N_
from rnnviz.settings import Choice, Range
from rnnviz.tasks.framework.batches import Answer, Baseline, Batch, Example
from rnnviz.tasks.framework.examples import evaluation_generator
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.framework.task import Task
from rnnviz.tasks.predict.motion import (
    MEAN_DISTANCE,
    MEAN_SQUARE,
    PIXELS,
    SHAPES,
    cycles,
    picture,
    position,
)

LAST_VALUE = N_("the last value again")
EXTRAPOLATION = N_("a straight line through the last two values")

READ = N_("read")
WANTED = N_("wanted")
GIVEN = N_("given")

N_SHOWN = 3
"""How many of the values that were read are repeated beside an answer."""


@dataclass(frozen=True)
class Wave(Task):
    """Read a wave step by step and say at each step what comes next: a value between -1 and 1.

    Every sequence has its own period, 8 to 40 steps, and begins anywhere in it; both have to be
    found out while reading. One value does not say whether the wave is rising or falling, so the
    first step is not judged. The ball flies to and fro between two walls at a steady speed and is
    seen as a row of 16 pixels: a still picture tells where it is, but not where it is going; a
    sequence tells both. On the sawtooth and the ball a straight line through the last two values is
    right except where the sawtooth drops or the ball bounces, and one step after that: there one
    has to remember when it happened before. Noise blurs what is read, but not what is asked for.

    The sequences are made by a seeded generator. Always answering 0, the mean, is off by 0.64 on
    the sine and by 0.50 on the sawtooth and the ball.
    """

    name: ClassVar[str] = "wave"
    title: ClassVar[str] = N_("Waves and a bouncing ball")
    kind: ClassVar[Kind] = "many-to-many"
    family: ClassVar[str] = N_("Predict what comes next")
    metric_name: ClassVar[str] = N_("mean absolute error")
    metric_unit: ClassVar[str] = ""
    best_metric: ClassVar[float] = 0.0
    synthetic: ClassVar[bool] = True
    recipe: ClassVar[Mapping[str, float | str]] = {"hidden": 32, "lr": 0.01, "steps": 600}

    shape: Annotated[
        Literal["sine", "sawtooth", "ball"],
        Choice(
            {"sine": N_("sine"), "sawtooth": N_("sawtooth"), "ball": N_("bouncing ball")},
            label=N_("Shape"),
            help=N_("The sine is smooth; the sawtooth drops and the ball bounces all of a sudden."),
        ),
    ] = "sine"
    length: Annotated[
        int,
        Range(
            10,
            200,
            label=N_("Length"),
            unit=N_("steps"),
            help=N_("How many steps are read; a period has 8 to 40."),
        ),
    ] = 50
    noise: Annotated[
        float,
        Range(
            0.0,
            0.5,
            step=0.05,
            label=N_("Noise"),
            help=N_("The standard deviation of what is added to the values that are read."),
        ),
    ] = 0.0

    @property
    def features(self) -> tuple[str, ...]:
        if self.shape == "ball":
            return tuple(f"p{pixel}" for pixel in range(1, PIXELS + 1))
        return ("x",)

    @property
    def values(self) -> tuple[str, ...]:
        return ("x",)

    @property
    def steps(self) -> int:
        return self.length

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        T = self.length
        wave = SHAPES[self.shape](cycles(n, T + 1, generator))
        blur = torch.randn(n, T, generator=generator, dtype=torch.float64) * self.noise
        seen = wave[:, :-1] + blur
        # The ball does not fly through the walls, however badly it is seen.
        inputs = picture(seen.clamp(-1, 1)) if self.shape == "ball" else seen[..., None]
        mask = torch.ones(n, T, dtype=torch.bool)
        mask[:, 0] = False
        lengths = torch.full((n,), T)
        return Batch(inputs.float(), lengths, wave[:, 1:, None].float(), mask)

    def example(self) -> Example:
        batch = self.batch(1, evaluation_generator(3))
        return Example(tuple(f"{value:.2f}" for value in self._observed(batch)[0].tolist()), batch)

    @property
    def chance(self) -> float:
        return MEAN_DISTANCE[self.shape]

    @property
    def chance_loss(self) -> float:
        return MEAN_SQUARE[self.shape]

    def baselines(self, split: Split = "validation") -> tuple[Baseline, ...]:
        batch = self.evaluation_batch(split)
        values = self._observed(batch)
        line = values.clone()
        line[:, 1:] += values[:, 1:] - values[:, :-1]
        return tuple(
            self.measured_baseline(title, forecast[..., None], batch)
            for title, forecast in ((LAST_VALUE, values), (EXTRAPOLATION, line))
        )

    def answers(self, output: Tensor, batch: Batch) -> list[Answer]:
        """The end of each sequence in numbers, and the whole of it as curves of T + 1 points."""
        answers = []
        for row, values in enumerate(self._observed(batch).tolist()):
            targets, predictions = (each[row, :, 0].tolist() for each in (batch.targets, output))
            curves = {READ: (*values, None), WANTED: (None, *targets), GIVEN: (None, *predictions)}
            question = " → ".join(f"{value:.2f}" for value in values[-N_SHOWN:])
            answers.append(
                Answer(question, f"{targets[-1]:.2f}", f"{predictions[-1]:.2f}", None, curves)
            )
        return answers

    def _observed(self, batch: Batch) -> Tensor:
        """The values (B,T) that the inputs show."""
        return position(batch.inputs) if self.shape == "ball" else batch.inputs[..., 0]
