"""What comes before and after the recurrent layer: input vectors, a convolution, a head.

B sequences, T time steps, I inputs, H hidden units.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool1d, max_pool1d, one_hot, relu

from rnnviz.model.layers import Dropout, identity
from rnnviz.model.spec import IOSpec, ModelSpec
from rnnviz.tasks.framework.batches import valid_mask
from rnnviz.text import PAD


class Embedding(nn.Module):
    """Input vectors (B,T,I) of token ids (B,T); features are their own. PAD is the zero vector.

    Dropout is for what a layer makes of its input. Numbers that were measured, and the one number
    of a one-hot vector that says which token it is, are the input itself: they are never left out.
    """

    def __init__(self, spec: ModelSpec, io_spec: IOSpec) -> None:
        super().__init__()
        self.n_in = io_spec.n_in
        self.size = spec.n_features(io_spec.n_in) if io_spec.tokens else io_spec.n_in
        self.tokens = io_spec.tokens
        self.table = None
        if io_spec.tokens and spec.embedding != "one-hot":
            self.table = nn.Embedding(io_spec.n_in, self.size, padding_idx=PAD)
            self.table.weight.requires_grad = spec.embedding != "glove"

    def forward(self, inputs: Tensor, dropout: Dropout = identity) -> Tensor:
        if not self.tokens:
            return inputs
        if self.table is not None:
            return dropout(self.table(inputs))
        vectors = one_hot(inputs, self.n_in).to(torch.get_default_dtype())
        vectors[..., PAD] = 0
        return vectors


class ConvolutionFront(nn.Module):
    """A convolution over time with ReLU and pooling: (B,T,I) to (B,T',H), T' = ceil(T/pool)."""

    def __init__(self, spec: ModelSpec, size: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(size, spec.hidden, spec.kernel, dilation=spec.dilation)
        self.pool, self.pooling = spec.pool, spec.pooling
        self.reach = (spec.kernel - 1) * spec.dilation
        """How many steps back the first input of a kernel lies."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        # Padding before the sequence only: no step sees what comes after it.
        padded = nn.functional.pad(x.transpose(1, 2), (self.reach, 0))
        features = relu(self.convolution(padded))
        # Zero is never larger than what ReLU lets pass, so nothing beyond a sequence's end counts.
        features = features * valid_mask(lengths, x.shape[1]).to(features.device)[:, None]
        features = nn.functional.pad(features, (0, -x.shape[1] % self.pool))
        if self.pooling == "max":
            return max_pool1d(features, self.pool).transpose(1, 2)
        sums = self.pool * avg_pool1d(features, self.pool).transpose(1, 2)
        starts = torch.arange(0, x.shape[1], self.pool, device=sums.device)
        # The last window of a sequence may have fewer steps.
        counts = (lengths.to(sums.device)[:, None] - starts).clamp(1, self.pool)
        means: Tensor = sums / counts[..., None]
        return means

    def lengths(self, lengths: Tensor) -> Tensor:
        """How many steps of each sequence are left."""
        return (lengths + self.pool - 1) // self.pool

    def multiply_adds(self, T: int) -> int:
        """The multiplications of one sequence of T steps."""
        return T * self.convolution.weight.numel()


def head(spec: ModelSpec, size: int, n_out: int) -> nn.Module:
    """From a state of `size` numbers to `n_out` answers: one linear layer, or two with ReLU."""
    if not spec.deep_head:
        return nn.Linear(size, n_out)
    return nn.Sequential(nn.Linear(size, spec.hidden), nn.ReLU(), nn.Linear(spec.hidden, n_out))


def apply_head(head: nn.Module, x: Tensor, dropout: Dropout = identity) -> Tensor:
    """The answers of `head` to the states x (...,S); `dropout` acts between its layers."""
    if not isinstance(head, nn.Sequential):
        answer: Tensor = head(x)
        return answer
    *first, last = head
    for layer in first:
        x = layer(x)
    answers: Tensor = last(dropout(x))
    return answers


def count_products(module: nn.Module) -> int:
    """The multiplications of one vector in the linear layers of `module`."""
    return sum(weight.numel() for weight in module.parameters() if weight.dim() == 2)
