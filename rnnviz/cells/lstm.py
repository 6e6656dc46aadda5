"""Long short-term memory: a cell state behind three gates and a candidate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from rnnviz.cells.base import Cell, Gates, Slopes, States
from rnnviz.formulas import Formula, gate, state


@dataclass(frozen=True, eq=False)
class LSTM(Cell):
    """Long short-term memory: c_t = f · c_{t-1} + i · g,  h_t = o · tanh(c_t).

    Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000; PyTorch's order of
    the blocks: input i, forget f, candidate g, output o.
    """

    name: ClassVar[str] = "lstm"
    layer: ClassVar[type[nn.LSTM]] = nn.LSTM
    states: ClassVar[tuple[str, ...]] = ("h", "c")
    gates: ClassVar[tuple[str, ...]] = ("input", "forget", "candidate", "output")
    blocks: ClassVar[tuple[str, ...]] = ("input", "forget", "candidate", "output")
    # The output gate acts on h alone, the other three on c.
    rows: ClassVar[tuple[slice, ...]] = (slice(3, 4), slice(0, 3))

    @property
    def formulas(self) -> Mapping[str, Formula]:
        return {
            "input": Formula.of_gate("input", "i", "σ"),
            "forget": Formula.of_gate("forget", "f", "σ"),
            "candidate": Formula.of_gate("candidate", "g", "tanh"),
            "output": Formula.of_gate("output", "o", "σ"),
            "c": Formula(
                symbol="c_t",
                text="f_t · c_{t-1} + i_t · g_t",
                numbers="{0} · {1} + {2} · {3}",
                sources=(gate("forget"), state("c", lag=1), gate("input"), gate("candidate")),
            ),
            "h": Formula(
                symbol="h_t",
                text="o_t · tanh(c_t)",
                numbers="{0} · tanh({1})",
                sources=(gate("output"), state("c")),
            ),
        }

    def step(self, x_proj: Tensor, h_proj: Tensor, before: States) -> tuple[States, Gates]:
        _, c = before
        i, f, g, o = self._open(x_proj, h_proj)
        c = f * c + i * g
        h = o * c.tanh()
        return (h, c), (i, f, g, o)

    def replay(self, x_proj: Tensor, h_proj: Tensor, before: Tensor) -> tuple[States, Gates]:
        i, f, g, o = self._open(x_proj, h_proj)
        c = [torch.zeros_like(before[0])]
        for keep, add in zip(f, i * g, strict=True):
            c.append(keep * c[-1] + add)
        states = torch.stack(c[1:])
        return (o * states.tanh(), states), (i, f, g, o)

    @staticmethod
    def _open(a: Tensor, r: Tensor) -> Gates:
        i, f, g, o = (r + a).chunk(4, -1)
        return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()

    def slopes(
        self, before: States, after: States, gates: Mapping[str, Tensor], h_proj: Tensor
    ) -> Slopes:
        c_before, squashed = before[1], after[1].tanh()
        i, f, g, o = (gates[name] for name in self.gates)
        to_h = (squashed * o * (1 - o)).unsqueeze(-2)
        to_c = torch.stack([g * i * (1 - i), c_before * f * (1 - f), i * (1 - g * g)], -2)
        through = (to_h, to_c)
        within = o * (1 - squashed * squashed)
        return Slopes(recurrent=through, inputs=through, skip=(None, f), c_to_h=within)
