"""The gated recurrent unit: one state that is kept or replaced."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from rnnviz.cells.base import Cell, Gates, Slopes, States
from rnnviz.formulas import Formula, gate, hidden_part, input_part, state


@dataclass(frozen=True, eq=False)
class GRU(Cell):
    """The gated recurrent unit: h_t = (1 - z) · n + z · h_{t-1}.

    Cho et al. 2014, in PyTorch's variant: the reset gate r acts after the matrix product. Order of
    the blocks: reset r, update z, candidate n.
    """

    name: ClassVar[str] = "gru"
    layer: ClassVar[type[nn.GRU]] = nn.GRU
    gates: ClassVar[tuple[str, ...]] = ("reset", "update", "candidate")
    blocks: ClassVar[tuple[str, ...]] = ("reset", "update", "candidate")
    rows: ClassVar[tuple[slice, ...]] = (slice(0, 3),)

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

    def step(self, x_proj: Tensor, h_proj: Tensor, before: States) -> tuple[States, Gates]:
        (h,) = before
        a_reset, a_z, a_n = x_proj.chunk(3, -1)
        r_reset, r_z, r_n = h_proj.chunk(3, -1)
        reset = (r_reset + a_reset).sigmoid()
        z = (r_z + a_z).sigmoid()
        n = (a_n + reset * r_n).tanh()
        # (1 - z) · n + z · h, in the order in which PyTorch rounds it.
        h = (h - n) * z + n
        return (h,), (reset, z, n)

    def slopes(
        self, before: States, after: States, gates: Mapping[str, Tensor], h_proj: Tensor
    ) -> Slopes:
        (h,) = before
        reset, z, n = (gates[name] for name in self.gates)
        to_n = (1 - z) * (1 - n * n)
        to_reset = to_n * self.split(h_proj)["candidate"] * reset * (1 - reset)
        to_z = (h - n) * z * (1 - z)
        return Slopes(
            recurrent=(torch.stack([to_reset, to_z, to_n * reset], -2),),
            inputs=(torch.stack([to_reset, to_z, to_n], -2),),
            skip=(z,),
            c_to_h=None,
        )
