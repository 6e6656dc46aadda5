"""Feedforward networks as contestants: a dense one and a 1D convolution.

B sequences, T time steps, I inputs, H hidden units, V answers.
"""

from abc import ABC, abstractmethod
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from rnnviz.messages import N_, Problem
from rnnviz.model.layers import Dropout, identity, make_dropout
from rnnviz.model.parts import ConvolutionFront, Embedding, apply_head, count_products, head
from rnnviz.model.spec import IOSpec, ModelSpec
from rnnviz.tasks import Batch
from rnnviz.tasks.framework.batches import valid_mask

ONE_ANSWER = N_(
    "The kind of network is {family}; this task asks for an answer at every step or for a "
    "sequence, for which allowed is: recurrent."
)


class FeedforwardModel(nn.Module, ABC):
    """The base of both: input vectors (B,T,I) in, one vector (B,·) out, then the head."""

    def __init__(self, spec: ModelSpec, io_spec: IOSpec) -> None:
        super().__init__()
        if not io_spec.single_answer:
            raise Problem(ONE_ANSWER, family=spec.family)
        self.spec, self.io_spec = spec, io_spec
        self.embedding = Embedding(spec, io_spec)
        self.head: nn.Module = nn.Identity()

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        return next(self.parameters()).device

    def forward(
        self, inputs: Tensor, lengths: Tensor, generator: torch.Generator | None = None
    ) -> Tensor:
        """Answers (B,V) to `inputs` (B,T) or (B,T,I) with valid `lengths` (B,)."""
        dropout = make_dropout(self.spec.dropout, generator if self.training else None)
        summary = self.summary(self.embedding(inputs, dropout), lengths, dropout)
        return apply_head(self.head, dropout(summary), dropout)

    @abstractmethod
    def summary(self, x: Tensor, lengths: Tensor, dropout: Dropout) -> Tensor:
        """The one vector (B,·) of each sequence x (B,T,I); `dropout` acts between layers."""

    def training_output(
        self, batch: Batch, generator: torch.Generator | None = None, forcing: float = 1.0
    ) -> Tensor:
        """The outputs for `batch` in training mode, with dropout."""
        return self.forward(batch.inputs, batch.lengths, generator)

    def predict(self, batch: Batch) -> Tensor:
        """The outputs for `batch`, without dropout."""
        return self.forward(batch.inputs, batch.lengths)

    def multiply_adds(self, T: int, U: int | None = None) -> int:
        """The multiplications of one sequence of T steps, forward."""
        return count_products(self.head)


class DenseModel(FeedforwardModel):
    """Layers of H units with ReLU over all time steps side by side.

    In sequences of different lengths a step has no fixed position: they are read as the mean of
    their input vectors, which ignores order.
    """

    def __init__(self, spec: ModelSpec, io_spec: IOSpec) -> None:
        super().__init__(spec, io_spec)
        self.size = self.embedding.size * (io_spec.steps or 1)
        sizes = [self.size, *[spec.hidden] * spec.layers]
        self.stack = nn.Sequential(*(nn.Linear(a, b) for a, b in pairwise(sizes)))
        self.head = head(spec, spec.hidden, io_spec.n_out)

    def summary(self, x: Tensor, lengths: Tensor, dropout: Dropout = identity) -> Tensor:
        if self.io_spec.steps:
            x = x.flatten(1)
        else:
            valid = valid_mask(lengths, x.shape[1]).to(x.device)[..., None]
            x = (x * valid).sum(1) / lengths.to(x.device)[:, None]
        for index, layer in enumerate(self.stack):
            x = relu(layer(dropout(x) if index else x))
        return x

    def multiply_adds(self, T: int, U: int | None = None) -> int:
        return count_products(self.stack) + super().multiply_adds(T)


class ConvolutionModel(FeedforwardModel):
    """Convolutions over time, each with ReLU and pooling; then what is left is pooled at once."""

    def __init__(self, spec: ModelSpec, io_spec: IOSpec) -> None:
        super().__init__(spec, io_spec)
        sizes = [self.embedding.size, *[spec.hidden] * (spec.layers - 1)]
        self._stack = [ConvolutionFront(spec, size) for size in sizes]
        self.stack = nn.ModuleList(self._stack)
        self.head = head(spec, spec.hidden, io_spec.n_out)

    def summary(self, x: Tensor, lengths: Tensor, dropout: Dropout = identity) -> Tensor:
        for index, layer in enumerate(self._stack):
            x = layer(dropout(x) if index else x, lengths)
            lengths = layer.lengths(lengths)
        # What lies beyond a sequence's end is zero, and ReLU leaves nothing below that.
        if self.spec.pooling == "average":
            return x.sum(1) / lengths.to(x.device)[:, None]
        return x.max(1).values

    def multiply_adds(self, T: int, U: int | None = None) -> int:
        total = super().multiply_adds(T)
        for layer in self._stack:
            total += layer.multiply_adds(T)
            T = int(layer.lengths(torch.tensor([T]))[0])
        return total
