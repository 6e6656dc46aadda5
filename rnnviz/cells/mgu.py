"""The minimal gated unit: one state and a single gate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from rnnviz.cells.base import Cell, States, Step, affine
from rnnviz.formulas import Formula, gate, hidden_part, input_part, state


@dataclass(frozen=True, eq=False, repr=False)
class MGU(Cell):
    """The minimal gated unit: h_t = (1 - f) · h_{t-1} + f · n, n = tanh(W x + U (f · h_{t-1}) + b).

    Zhou, Wu, Zhang and Zhou 2016, "Minimal gated unit for recurrent neural networks". Order of the
    blocks: forget f, candidate n. An open forget gate lets the candidate in, so a forget bias, by
    which an LSTM keeps its state, has no place here. The candidate's matrix does not meet h_{t-1}
    itself, so the steps are differentiated by autograd.
    """

    name: ClassVar[str] = "mgu"
    gates: ClassVar[tuple[str, ...]] = ("forget", "candidate")
    blocks: ClassVar[tuple[str, ...]] = ("forget", "candidate")

    @classmethod
    def shapes(cls, inputs: int, hidden: int) -> dict[str, tuple[int, ...]]:
        return {
            "w_ih": (2 * hidden, inputs),
            "w_hh": (2 * hidden, hidden),
            "b_ih": (2 * hidden,),
        }

    @property
    def formulas(self) -> Mapping[str, Formula]:
        gated = hidden_part("candidate", symbol="W (f_t · h_{t-1})")
        return {
            "forget": Formula(
                symbol="f_t",
                text="σ(W_if x_t + b_if + W_hf h_{t-1})",
                numbers="σ({0} + {1})",
                sources=(input_part("forget"), hidden_part("forget", symbol="W h_{t-1}")),
            ),
            "candidate": Formula(
                symbol="n_t",
                text="tanh(W_in x_t + b_in + W_hn (f_t · h_{t-1}))",
                numbers="tanh({0} + {1})",
                sources=(input_part("candidate"), gated),
            ),
            "h": Formula(
                symbol="h_t",
                text="(1 − f_t) · h_{t-1} + f_t · n_t",
                numbers="(1 − {0}) · {1} + {0} · {2}",
                sources=(gate("forget"), state("h", lag=1), gate("candidate")),
            ),
        }

    def step(self, x_proj: Tensor, before: States) -> Step:
        (h,) = before
        assert self.w_hh is not None, "every minimal gated unit has one"
        w_f, w_n = self.w_hh.chunk(2, -2)
        x_f, x_n = x_proj.chunk(2, -1)
        m_f, m_n = (1, 1) if self.state_mask is None else self.state_mask.unbind(-2)
        h_f = affine(m_f * h, w_f)
        f = (x_f + h_f).sigmoid()
        h_n = affine(f * h * m_n, w_n)
        n = (x_n + h_n).tanh()
        h = (1 - f) * h + f * n
        return Step((h,), (f, n), torch.cat([h_f, h_n], -1))
