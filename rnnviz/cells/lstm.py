"""Long short-term memory: a cell state behind three gates and a candidate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import torch
from torch import Tensor, nn

from rnnviz.cells.base import Cell, Gates, Slopes, States, Step
from rnnviz.formulas import Formula, gate, state

STATE_FORMULAS: Mapping[str, Formula] = MappingProxyType(
    {
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
)
"""How the gates make the states: the same with peepholes."""


@dataclass(frozen=True, eq=False, repr=False)
class LSTM(Cell):
    """Long short-term memory: c_t = f · c_{t-1} + i · g,  h_t = o · tanh(c_t).

    Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000; PyTorch's order of
    the blocks: input i, forget f, candidate g, output o.
    """

    name: ClassVar[str] = "lstm"
    layer: ClassVar[type[nn.RNNBase] | None] = nn.LSTM
    states: ClassVar[tuple[str, ...]] = ("h", "c")
    gates: ClassVar[tuple[str, ...]] = ("input", "forget", "candidate", "output")
    blocks: ClassVar[tuple[str, ...]] = ("input", "forget", "candidate", "output")
    # The output gate acts on h alone, the other three on c.
    rows: ClassVar[tuple[slice, ...]] = (slice(3, 4), slice(0, 3))
    forget_block: ClassVar[str | None] = "forget"

    @property
    def fused(self) -> Callable[..., Sequence[Tensor]]:
        return torch.lstm

    @property
    def formulas(self) -> Mapping[str, Formula]:
        return {
            "input": Formula.of_gate("input", "i", "σ"),
            "forget": Formula.of_gate("forget", "f", "σ"),
            "candidate": Formula.of_gate("candidate", "g", "tanh"),
            "output": Formula.of_gate("output", "o", "σ"),
            **STATE_FORMULAS,
        }

    def step(self, x_proj: Tensor, before: States) -> Step:
        h, c = before
        h_proj = self.from_hidden(h)
        i, f, g, o = self._activate(x_proj, h_proj)
        c = f * c + i * g
        h = o * c.tanh()
        return Step((h, c), (i, f, g, o), h_proj)

    def replay(self, x_proj: Tensor, h_before: Tensor) -> Step:
        h_proj = self.from_hidden(h_before)
        i, f, g, o = self._activate(x_proj, h_proj)
        steps = [torch.zeros_like(h_before[0])]
        for forget, added in zip(f, i * g, strict=True):
            steps.append(forget * steps[-1] + added)
        c = torch.stack(steps[1:])
        return Step((o * c.tanh(), c), (i, f, g, o), h_proj)

    @staticmethod
    def _activate(x_proj: Tensor, h_proj: Tensor) -> Gates:
        i, f, g, o = (h_proj + x_proj).chunk(4, -1)
        return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()

    def slopes(
        self, before: States, after: States, gates: Mapping[str, Tensor], h_proj: Tensor
    ) -> Slopes:
        c_before, tanh_c = before[1], after[1].tanh()
        i, f, g, o = (gates[name] for name in self.gates)
        to_h = (tanh_c * o * (1 - o)).unsqueeze(-2)
        to_c = torch.stack([g * i * (1 - i), c_before * f * (1 - f), i * (1 - g * g)], -2)
        through = (to_h, to_c)
        c_to_h = o * (1 - tanh_c * tanh_c)
        return Slopes(recurrent=through, inputs=through, skip=(None, f), c_to_h=c_to_h)
