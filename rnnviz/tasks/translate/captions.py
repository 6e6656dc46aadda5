"""What is drawn there? A picture of 8 x 8 pixels goes in, its caption comes out word by word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar, Literal

import torch
from torch import Tensor

from rnnviz.messages import N_
from rnnviz.settings import Choice
from rnnviz.tasks.framework.batches import Answer, Batch, Example
from rnnviz.tasks.framework.datasets import SequencePairs
from rnnviz.tasks.framework.kinds import END_LABEL, Kind, Split
from rnnviz.tasks.framework.task import Task
from rnnviz.tasks.translate.drawings import (
    PIXELS,
    RELATIONS,
    SHAPES,
    SIDE,
    Caption,
    bits,
    drawings,
    split_drawings,
)
from rnnviz.text import Unit

KOREAN = {
    "ring": "동그라미",
    "bar": "가로선",
    "pole": "세로선",
    "cross": "십자",
    "over": "위",
    "beside": "옆",
}
EXAMPLE: Caption = ("ring", "over", "bar")

_BRAILLE = 0x2800
"""The sign without dots; its dots are bits, 2 columns by 4 rows, in this order of (row, column)."""
_DOTS = ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1))


def word_order(caption: Caption, language: str) -> Caption:
    """The words of `caption`; Korean names what is further back first: "the bar's upside: ring"."""
    if language == "en":
        return caption
    return tuple(KOREAN[word] for word in reversed(caption))


@dataclass(frozen=True)
class Captions(Task):
    """Look at a picture of 8 x 8 pixels and say what is drawn there, word by word: "ring over bar".

    Image captioning in miniature: one input that is no sequence, and an answer that is one. There
    are rings, bars, poles and crosses, alone or two of them, one over or beside the other, of any
    size and at any place. The pictures are made by a seeded generator; those that are measured
    never occur in training. Only a caption without any mistake is right, and always giving the
    same one is right once in as many as there are.
    """

    name: ClassVar[str] = "captions"
    title: ClassVar[str] = N_("Picture captions")
    kind: ClassVar[Kind] = "one-to-many"
    unit: ClassVar[Unit] = "word"
    family: ClassVar[str] = N_("One to many")
    metric_name: ClassVar[str] = N_("exact match")
    splits_apart: ClassVar[bool] = True
    synthetic: ClassVar[bool] = True
    recipe: ClassVar[Mapping[str, float | str]] = {
        "cell": "gru",
        "hidden": 48,
        "embedding_size": 8,
        "lr": 0.01,
        "clip": 1.0,
        "batch": 64,
        "steps": 600,
    }

    language: Annotated[
        Literal["en", "ko"],
        Choice(
            {"en": N_("English"), "ko": N_("Korean")},
            label=N_("Language of the captions"),
            help=N_("Korean has the words in another order."),
        ),
    ] = "en"

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(f"r{row}c{column}" for row in range(1, 9) for column in range(1, 9))

    @property
    def labels(self) -> tuple[str, ...]:
        words = SHAPES + RELATIONS
        return ("<eos>", *(words if self.language == "en" else (KOREAN[word] for word in words)))

    @property
    def steps(self) -> int:
        return 1

    @property
    def chance(self) -> float:
        return 1 / len(drawings())

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        """Every caption is drawn equally often, and each of its pictures."""
        starts, sizes, pictures = _by_caption(split)
        captions = torch.randint(len(sizes), (n,), generator=generator)
        places = torch.rand(n, generator=generator, dtype=torch.float64) * sizes[captions]
        rows = starts[captions] + places.long()
        answers = _answers(self.language).select(captions)
        return Batch(pictures[rows][:, None].float(), *_one_step(n), answers.targets, answers.mask)

    def of_picture(self, picture: int) -> Tensor:
        """The input (1,1,64) that `picture` is."""
        return torch.tensor([[bits(picture)]], dtype=torch.float32)

    def example(self) -> Example:
        caption = [*drawings()].index(EXAMPLE)
        answers = _answers(self.language).select([caption])
        picture = self.of_picture(split_drawings()["validation"][EXAMPLE][0])
        batch = Batch(picture, *_one_step(1), answers.targets, answers.mask)
        return Example((_as_text(picture[0, 0]),), batch)

    def answers(self, output: Tensor, batch: Batch) -> list[Answer]:
        answers = []
        for row, picture in enumerate(batch.inputs[:, 0]):
            target = self.answer_text(batch.targets, row, batch)
            prediction = self.answer_text(output.argmax(-1), row, batch)
            answers.append(Answer(_as_text(picture), target, prediction, target == prediction))
        return answers


def _one_step(n: int) -> tuple[Tensor]:
    return (torch.ones(n, dtype=torch.int64),)


def _as_text(picture: Tensor) -> str:
    """`picture` (64,) as two rows of braille signs, the lower one after a stroke."""
    ink = picture.reshape(SIDE, SIDE) > 0.5
    rows = []
    for top in (0, SIDE // 2):
        signs = [
            sum(1 << dot for dot, (r, c) in enumerate(_DOTS) if bool(ink[top + r, left + c]))
            for left in range(0, SIDE, 2)
        ]
        rows.append("".join(chr(_BRAILLE + sign) for sign in signs))
    return "/".join(rows)


@cache
def _by_caption(split: Split) -> tuple[Tensor, Tensor, Tensor]:
    """Where the pictures of each caption begin, how many they are, and all of them (N,64)."""
    groups = split_drawings()[split]
    sizes = torch.tensor([len(group) for group in groups.values()])
    numbers = [picture for group in groups.values() for picture in group]
    pictures = torch.tensor([bits(picture) for picture in numbers], dtype=torch.uint8)
    assert pictures.shape == (len(numbers), PIXELS)
    return sizes.cumsum(0) - sizes, sizes, pictures


@cache
def _answers(language: str) -> SequencePairs:
    """The labels of every caption and the end."""
    labels = Captions("en" if language == "en" else "ko").labels
    targets: list[tuple[Sequence[int], Sequence[int]]] = [
        ([1], [*(labels.index(word) for word in word_order(caption, language)), END_LABEL])
        for caption in drawings()
    ]
    return SequencePairs.of(targets)
