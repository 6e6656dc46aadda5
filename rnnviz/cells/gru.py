"""The gated recurrent unit: one state, of which a gate replaces a share at every step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from rnnviz.cells.base import Cell, Slopes, States, Step
from rnnviz.formulas import Formula, gate, hidden_part, input_part, state


@dataclass(frozen=True, eq=False, repr=False)
class GRU(Cell):
    """The gated recurrent unit: h_t = (1 - z) · n + z · h_{t-1}.

    Cho et al. 2014, in PyTorch's variant: the reset gate r acts after the matrix product. Order of
    the blocks: reset r, update z, candidate n.
    """

    name: ClassVar[str] = "gru"
    layer: ClassVar[type[nn.RNNBase] | None] = nn.GRU
    gates: ClassVar[tuple[str, ...]] = ("reset", "update", "candidate")
    blocks: ClassVar[tuple[str, ...]] = ("reset", "update", "candidate")
    rows: ClassVar[tuple[slice, ...]] = (slice(0, 3),)

    @property
    def fused(self) -> Callable[..., Sequence[Tensor]]:
        return torch.gru

    @property
    def formulas(self) -> Mapping[str, Formula]:
        return {
            "reset": Formula.of_gate("reset", "r", "σ"),
            "update": Formula.of_gate("update", "z", "σ"),
            "candidate": Formula(
                symbol="n_t",
                text="tanh(W_in x_t + b_in + r_t · (W_hn h_{t-1} + b_hn))",
                numbers="tanh({0} + {1} · ({2}))",
                sources=(input_part("candidate"), gate("reset"), hidden_part("candidate")),
            ),
            "h": Formula(
                symbol="h_t",
                text="(1 − z_t) · n_t + z_t · h_{t-1}",
                numbers="(1 − {0}) · {1} + {0} · {2}",
                sources=(gate("update"), gate("candidate"), state("h", lag=1)),
            ),
        }

    def step(self, x_proj: Tensor, before: States) -> Step:
        (h,) = before
        h_proj = self.from_hidden(h)
        x_r, x_z, x_n = x_proj.chunk(3, -1)
        h_r, h_z, h_n = h_proj.chunk(3, -1)
        r = (h_r + x_r).sigmoid()
        z = (h_z + x_z).sigmoid()
        n = (x_n + r * h_n).tanh()
        # (1 - z) · n + z · h, in the order in which PyTorch rounds it.
        h = (h - n) * z + n
        return Step((h,), (r, z, n), h_proj)

    def slopes(
        self, before: States, after: States, gates: Mapping[str, Tensor], h_proj: Tensor
    ) -> Slopes:
        (h,) = before
        r, z, n = (gates[name] for name in self.gates)
        to_n = (1 - z) * (1 - n * n)
        to_r = to_n * self.split(h_proj)["candidate"] * r * (1 - r)
        to_z = (h - n) * z * (1 - z)
        return Slopes(
            recurrent=(torch.stack([to_r, to_z, to_n * r], -2),),
            inputs=(torch.stack([to_r, to_z, to_n], -2),),
            skip=(z,),
            c_to_h=None,
        )
