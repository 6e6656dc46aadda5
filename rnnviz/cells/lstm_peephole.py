"""Long short-term memory with peepholes: gates that see the cell state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor

from rnnviz.cells.base import Cell, Slopes, States, Step
from rnnviz.cells.lstm import STATE_FORMULAS
from rnnviz.formulas import Formula, hidden_part, input_part


@dataclass(frozen=True, eq=False, repr=False)
class PeepholeLSTM(Cell):
    """An LSTM whose gates see the cell state: c_t = f · c_{t-1} + i · g,  h_t = o · tanh(c_t).

    Gers and Schmidhuber 2000, "Recurrent nets that time and count": i and f see c_{t-1} and o sees
    c_t, each unit its own alone. Blocks as in the LSTM; w_ch (3*H,): the peepholes of i, f, o.
    """

    w_ch: Tensor = field(kw_only=True)

    name: ClassVar[str] = "lstm_peephole"
    states: ClassVar[tuple[str, ...]] = ("h", "c")
    gates: ClassVar[tuple[str, ...]] = ("input", "forget", "candidate", "output")
    blocks: ClassVar[tuple[str, ...]] = ("input", "forget", "candidate", "output")
    # The output gate acts on h alone, the other three on c.
    rows: ClassVar[tuple[slice, ...]] = (slice(3, 4), slice(0, 3))
    forget_block: ClassVar[str | None] = "forget"

    @classmethod
    def shapes(cls, inputs: int, hidden: int) -> dict[str, tuple[int, ...]]:
        return {
            "w_ih": (4 * hidden, inputs),
            "w_hh": (4 * hidden, hidden),
            "w_ch": (3 * hidden,),
            "b_ih": (4 * hidden,),
        }

    @property
    def formulas(self) -> Mapping[str, Formula]:
        return {
            "input": _gate("input", "i", "p_i · c_{t-1}"),
            "forget": _gate("forget", "f", "p_f · c_{t-1}"),
            "candidate": Formula(
                symbol="g_t",
                text="tanh(W_ig x_t + b_ig + W_hg h_{t-1})",
                numbers="tanh({0} + {1})",
                sources=(input_part("candidate"), hidden_part("candidate", symbol="W h_{t-1}")),
            ),
            "output": _gate("output", "o", "p_o · c_t"),
            **STATE_FORMULAS,
        }

    def step(self, x_proj: Tensor, before: States) -> Step:
        h, c = before
        p_i, p_f, p_o = self.w_ch.chunk(3, -1)
        x_i, x_f, x_g, x_o = x_proj.chunk(4, -1)
        h_i, h_f, h_g, h_o = self.from_hidden(h).chunk(4, -1)
        h_i, h_f = h_i + p_i * c, h_f + p_f * c
        i, f, g = (x_i + h_i).sigmoid(), (x_f + h_f).sigmoid(), (x_g + h_g).tanh()
        c = f * c + i * g
        h_o = h_o + p_o * c
        o = (x_o + h_o).sigmoid()
        return Step((o * c.tanh(), c), (i, f, g, o), torch.cat([h_i, h_f, h_g, h_o], -1))

    def slopes(
        self, before: States, after: States, gates: Mapping[str, Tensor], h_proj: Tensor
    ) -> Slopes:
        c_before, tanh_c = before[1], after[1].tanh()
        i, f, g, o = (gates[name] for name in self.gates)
        p_i, p_f, p_o = self.w_ch.chunk(3, -1)
        to_o = tanh_c * o * (1 - o)
        to_i, to_f, to_g = g * i * (1 - i), c_before * f * (1 - f), i * (1 - g * g)
        through = (to_o.unsqueeze(-2), torch.stack([to_i, to_f, to_g], -2))
        return Slopes(
            recurrent=through,
            inputs=through,
            skip=(None, f + to_i * p_i + to_f * p_f),
            c_to_h=o * (1 - tanh_c * tanh_c) + to_o * p_o,
        )


def _gate(name: str, letter: str, peephole: str) -> Formula:
    return Formula(
        symbol=f"{letter}_t",
        text=f"σ(W_i{letter} x_t + b_i{letter} + W_h{letter} h_{{t-1}} + {peephole})",
        numbers="σ({0} + {1})",
        sources=(input_part(name), hidden_part(name, symbol=f"W h_{{t-1}} + {peephole}")),
    )
