"""The simple recurrent cell: one state, no gate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import torch
from torch import Tensor, nn

from rnnviz.cells.base import Cell, Slopes, States, Step
from rnnviz.formulas import Formula, hidden_part, input_part


@dataclass(frozen=True, eq=False, repr=False)
class RNN(Cell):
    """The simple recurrent cell: h_t = φ(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh).

    φ is `nonlinearity`: tanh (Elman 1990, "Finding structure in time"), relu or sigmoid. PyTorch
    has no sigmoid RNN; it is here for the study of activations.
    """

    name: ClassVar[str] = "rnn"
    layer: ClassVar[type[nn.RNNBase] | None] = nn.RNN
    options: ClassVar[tuple[str, ...]] = ("nonlinearity",)
    nonlinearity: str = "tanh"

    @property
    def max_slope(self) -> float:
        return SLOPE_BOUND[self.nonlinearity]

    @property
    def non_smooth(self) -> bool:
        return self.nonlinearity == "relu"

    @property
    def fused(self) -> Callable[..., Sequence[Tensor]] | None:
        return {"tanh": torch.rnn_tanh, "relu": torch.rnn_relu}.get(self.nonlinearity)

    @property
    def formulas(self) -> Mapping[str, Formula]:
        phi = "σ" if self.nonlinearity == "sigmoid" else self.nonlinearity
        return {
            "h": Formula(
                symbol="h_t",
                text=f"{phi}(W_ih x_t + b_ih + W_hh h_{{t-1}} + b_hh)",
                numbers=phi + "({0} + {1})",
                sources=(input_part("h"), hidden_part("h")),
            )
        }

    def step(self, x_proj: Tensor, before: States) -> Step:
        (h,) = before
        h_proj = self.from_hidden(h)
        return Step((ACTIVATIONS[self.nonlinearity](h_proj + x_proj),), (), h_proj)

    def slopes(
        self, before: States, after: States, gates: Mapping[str, Tensor], h_proj: Tensor
    ) -> Slopes:
        (h,) = after
        slope = {
            "tanh": lambda: 1 - h * h,
            "relu": lambda: (h > 0).to(h.dtype),
            "sigmoid": lambda: h * (1 - h),
        }[self.nonlinearity]()
        through = (slope.unsqueeze(-2),)
        return Slopes(recurrent=through, inputs=through, skip=(None,), c_to_h=None)


ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}

SLOPE_BOUND: Mapping[str, float] = MappingProxyType({"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0})
"""γ, the largest slope of each activation (Pascanu, Mikolov and Bengio 2013, section 2.1)."""
