"""The source sequence as a decoder reads it, and attention over it.

B sequences, T source steps, S numbers at each of them, U steps of the answer, H hidden units.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class Source:
    """The encoding of B sequences: `outputs` (B,T,S), of which those in `valid` (B,T) count.

    `summary` (B,S): the last state of each direction. `keys` (B,T,H): what attention compares the
    decoder's state with; None without attention.
    """

    outputs: Tensor
    valid: Tensor
    summary: Tensor
    keys: Tensor | None

    def select(self, index: Tensor) -> "Source":
        """The sequences with these numbers, which may repeat."""
        keys = None if self.keys is None else self.keys[index]
        return Source(self.outputs[index], self.valid[index], self.summary[index], keys)


class Attention(nn.Module):
    """Attends to every source step before each answer.

    The global attention with the "general" score of Luong, Pham and Manning 2015, "Effective
    Approaches to Attention-based Neural Machine Translation", equations 5, 7 and 8, without input
    feeding, so that all steps of a known answer can be computed at once.
    """

    def __init__(self, hidden: int, source: int) -> None:
        super().__init__()
        self.score = nn.Linear(source, hidden, bias=False)
        self.combine = nn.Linear(source + hidden, hidden, bias=False)

    def forward(self, h: Tensor, source: Source) -> tuple[Tensor, Tensor]:
        """The attentional states (B,U,H) of the decoder's h (B,U,H), and the weights (B,U,T)."""
        assert source.keys is not None, "a source for attention has keys"
        scores = h @ source.keys.mT
        weights = scores.masked_fill(~source.valid[:, None], -torch.inf).softmax(-1)
        context = weights @ source.outputs
        return torch.tanh(self.combine(torch.cat([context, h], dim=-1))), weights

    def multiply_adds(self, T: int, U: int) -> int:
        """The multiplications of one answer of U steps to a source of T steps."""
        H, S = self.score.weight.shape
        return T * H * S + U * (T * H + T * S + self.combine.weight.numel())
