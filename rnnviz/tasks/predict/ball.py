"""Which way is the ball flying? B sequences, T pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from rnnviz.messages import N_
from rnnviz.settings import Range
from rnnviz.tasks.framework.batches import Answer, Baseline, Batch, Example, last_step_mask
from rnnviz.tasks.framework.examples import evaluation_generator
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.framework.task import Task
from rnnviz.tasks.predict.motion import PIXELS, SHAPES, cycles, picture, position

ONE_PICTURE = N_("one still picture: a guess")
TWO_PICTURES = N_("which way it went between the last two pictures")

TITLES = {"left": N_("to the left"), "right": N_("to the right")}

PLACE = N_("position")

N_SHOWN = 3
"""How many of the positions are repeated beside an answer."""


@dataclass(frozen=True)
class Ball(Task):
    """Look at pictures of a ball that flies to and fro, and say which way it is flying at the last.

    Each picture is a row of 16 pixels. A single one tells where the ball is, but not its direction:
    with one picture nobody is right more often than one time in two. From two pictures on the
    direction can be seen, unless the ball has bounced in between; with more of them one knows its
    speed, and so when it bounces. The sequences are made by a seeded generator.
    """

    name: ClassVar[str] = "ball"
    title: ClassVar[str] = N_("Which way does the ball fly?")
    kind: ClassVar[Kind] = "many-to-one"
    family: ClassVar[str] = N_("Predict what comes next")
    synthetic: ClassVar[bool] = True
    recipe: ClassVar[Mapping[str, float | str]] = {"hidden": 16, "lr": 0.01, "steps": 600}

    pictures: Annotated[
        int,
        Range(
            1,
            50,
            label=N_("Pictures"),
            help=N_("How many pictures are seen, one per time step; try a single one."),
        ),
    ] = 6

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(f"p{pixel}" for pixel in range(1, PIXELS + 1))

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(TITLES)

    @property
    def label_titles(self) -> Mapping[str, str]:
        return TITLES

    @property
    def steps(self) -> int:
        return self.pictures

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        T = self.pictures
        flown = cycles(n, T, generator)
        # In the first half of a period the ball flies to the right.
        targets = (flown[:, -1].frac() < 0.5).long()
        lengths = torch.full((n,), T)
        return Batch(
            picture(SHAPES["ball"](flown)).float(), lengths, targets, last_step_mask(lengths, T)
        )

    def example(self) -> Example:
        batch = self.batch(1, evaluation_generator(3))
        return Example(tuple(f"{place:.2f}" for place in position(batch.inputs)[0].tolist()), batch)

    def baselines(self, split: Split = "validation") -> tuple[Baseline, ...]:
        baselines = [Baseline(ONE_PICTURE, 1 / len(TITLES))]
        if self.pictures > 1:
            batch = self.evaluation_batch(split)
            positions = position(batch.inputs)
            right = (positions[:, -1] > positions[:, -2]).long() == batch.targets
            baselines.append(Baseline.from_correct(TWO_PICTURES, right.tolist()))
        return tuple(baselines)

    def answers(self, output: Tensor, batch: Batch) -> list[Answer]:
        """The last positions in numbers, and all of them as a curve of T points."""
        answers = []
        for row, positions in enumerate(position(batch.inputs).tolist()):
            target = self.answer_text(batch.targets, row, batch)
            prediction = self.answer_text(output.argmax(-1), row, batch)
            question = " → ".join(f"{place:.2f}" for place in positions[-N_SHOWN:])
            curves = {PLACE: tuple(positions)}
            answers.append(Answer(question, target, prediction, target == prediction, curves))
        return answers
