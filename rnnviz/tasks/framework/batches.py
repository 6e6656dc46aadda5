"""Batches to learn from, and answers as pages show them.

Shapes: B sequences, T time steps, I features, U steps of an answer, O values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnviz.text import PAD


@dataclass(frozen=True)
class Batch:
    """B sequences, padded to T.

    `inputs` (B,T) token ids or (B,T,I) features; `lengths` (B,). `targets`: a label (B,), a label
    at every step (B,T), the labels of an answer (B,U), or in their place values, (B,O) or (B,T,O).
    `mask` (B,T) or (B,U): the steps that count in loss and metric.
    """

    inputs: Tensor
    lengths: Tensor
    targets: Tensor
    mask: Tensor

    def __len__(self) -> int:
        return len(self.inputs)

    def to(self, device: str | torch.device) -> "Batch":
        """The same batch on `device`; `lengths` stay on the CPU, where PyTorch wants them."""
        return Batch(
            self.inputs.to(device), self.lengths, self.targets.to(device), self.mask.to(device)
        )

    def rows(self, indices: Sequence[int]) -> "Batch":
        """Some of its sequences, still padded to T."""
        rows = list(indices)
        return Batch(self.inputs[rows], self.lengths[rows], self.targets[rows], self.mask[rows])

    def row(self, index: int) -> "Batch":
        """One of its sequences by itself, still padded to T."""
        return self.rows([index])


@dataclass(frozen=True)
class Example:
    """One sequence that never changes, with the tokens (or values) as they are shown."""

    tokens: tuple[str, ...]
    batch: Batch


@dataclass(frozen=True)
class Answer:
    """A model's answer to one example in words; `correct` is None for answers in numbers.

    `target` and `prediction` may be messages to translate. `curves` show question, target and
    prediction where they are numbers; all have one length, with None where a curve has no point.
    Their names are messages to translate.
    """

    question: str
    target: str
    prediction: str
    correct: bool | None = None
    curves: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)

    def to_plain(self) -> dict[str, Any]:
        """JSON types, under the keys with which answers are stored since the first version."""
        return {
            "question": self.question,
            "wanted": self.target,
            "given": self.prediction,
            "right": self.correct,
            "lines": dict(self.curves),
        }


@dataclass(frozen=True)
class Baseline:
    """The result of a method without a network on the evaluation examples of one split.

    `title` is a message to translate; `metric` in the task's own measure; `loss` where the method
    has one. `scores`: the metric of each example; none where `metric` is known exactly.
    `is_upper_bound`: no method, but the most that is possible with only the input of the title.
    """

    title: str
    metric: float
    loss: float | None = None
    scores: tuple[float, ...] = ()
    is_upper_bound: bool = False

    @classmethod
    def from_correct(cls, title: str, correct: Sequence[bool]) -> "Baseline":
        """The baseline that answers the examples as `correct` says."""
        return cls(title, sum(correct) / len(correct), scores=tuple(map(float, correct)))


def pad_sequences(sequences: Sequence[Sequence[int]], fill: int = PAD) -> tuple[Tensor, Tensor]:
    """(B,T) of B lists of ids, filled up at the end, and their lengths (B,)."""
    lengths = [len(ids) for ids in sequences]
    T = max(lengths)
    # One flat array at the end: tensors of rows, or of lists of lists, take several times as long.
    filled: list[int] = []
    for ids, length in zip(sequences, lengths, strict=True):
        filled += ids
        filled += [fill] * (T - length)
    table = torch.from_numpy(np.array(filled, dtype=np.int64))
    return table.view(len(lengths), T), torch.tensor(lengths)


def valid_mask(lengths: Tensor, T: int) -> Tensor:
    """The mask (B,T) that is true at each sequence's own steps."""
    return torch.arange(T) < lengths[:, None]


def last_step_mask(lengths: Tensor, T: int) -> Tensor:
    """The mask (B,T) that is true at each sequence's last step."""
    return torch.arange(T) == (lengths - 1)[:, None]


def stack(sequences: Sequence[Sequence[int]], targets: Sequence[int]) -> Batch:
    """A many-to-one batch of B token lists, padded at the end."""
    inputs, lengths = pad_sequences(sequences)
    return Batch(inputs, lengths, torch.tensor(targets), last_step_mask(lengths, inputs.shape[1]))


def stack_steps(sequences: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> Batch:
    """A many-to-many batch: B token lists with a label for each step, padded at the end."""
    inputs, lengths = pad_sequences(sequences)
    return Batch(inputs, lengths, pad_sequences(targets)[0], valid_mask(lengths, inputs.shape[1]))
