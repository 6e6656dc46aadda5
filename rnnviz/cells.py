"""The equations of the recurrent cells: one step forward, and the slopes that lead one step back.

A cell holds the weights of one layer and direction in PyTorch's own layout. Its rows come in G
blocks of H, named in `blocks`. One time step reads

    a = W_ih x_t + b_ih        what the input says            (..., G*H)
    r = W_hh h_{t-1} + b_hh    what the memory says           (..., G*H)
    states, gates = cell.step(a, r, states)

Dimensions: T time steps, I inputs, H hidden units, G blocks; `...` are batch dimensions, which the
weights may share. A state is always a tuple of tensors, gates are always named.

A step back is linear in the gradients that arrive at the states, so a cell only says its slopes;
the chain rule itself stands once, in `rnnviz.gradients`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnviz.formulas import Formula, gate, hidden_part, input_part, state
from rnnviz.messages import N_, Problem

State = tuple[Tensor, ...]
Gates = tuple[Tensor, ...]

NOT_RECURRENT = N_(
    "The layer is a {given}; allowed are torch.nn.RNN, torch.nn.GRU and torch.nn.LSTM."
)
PROJECTED = N_("The layer projects its hidden state (proj_size is {size}); allowed is proj_size 0.")
BAD_WEIGHT = N_(
    "The parameter {name} holds {value}, as after a training that diverged; "
    "allowed are finite numbers."
)


@dataclass(frozen=True)
class Slopes:
    """The local derivatives of one or many time steps: all that a walk back needs to know.

    recurrent[s]   (..., g, H)  d state_s / d r, for the blocks in `rows[s]` of the cell
    inputs[s]      (..., g, H)  d state_s / d a, likewise
    direct[s]      (..., H)     d state_s,t / d state_s,t-1 past the weights; None: there is none
    within         (..., H)     d c_t / how h_t reads it: dh_t/dc_t; None where h is the only state
    """

    recurrent: State
    inputs: State
    direct: tuple[Tensor | None, ...]
    within: Tensor | None


@dataclass(frozen=True, eq=False)
class Cell(ABC):
    """The job of a cell: carry a state from one time step to the next.

    w_ih (G*H, I), w_hh (G*H, H), b_ih and b_hh (G*H,) or None.
    """

    w_ih: Tensor
    w_hh: Tensor
    b_ih: Tensor | None
    b_hh: Tensor | None

    name: ClassVar[str]
    states: ClassVar[tuple[str, ...]] = ("h",)
    gates: ClassVar[tuple[str, ...]] = ()
    """The gates in the order in which one reads them."""
    blocks: ClassVar[tuple[str, ...]] = ("h",)
    """What the blocks of rows of the weights feed, in PyTorch's order: gates, or a state itself."""
    rows: ClassVar[tuple[slice, ...]] = (slice(0, 1),)
    """Per state, the blocks through which the step's weights reach it."""

    @property
    def hidden(self) -> int:
        """H, the number of hidden units."""
        return self.w_hh.shape[-1]

    @property
    def kinked(self) -> bool:
        """Whether a slope jumps: then the last digit decides it, and rounding must be PyTorch's."""
        return False

    @property
    @abstractmethod
    def formulas(self) -> Mapping[str, Formula]:
        """How each gate and state is computed, to be shown with its numbers."""

    def from_input(self, x: Tensor) -> Tensor:
        """W_ih x + b_ih: x (..., I) -> (..., G*H), for one step or all at once."""
        return affine(x, self.w_ih, self.b_ih)

    def from_hidden(self, h: Tensor) -> Tensor:
        """W_hh h + b_hh: h (..., H) -> (..., G*H)."""
        return affine(h, self.w_hh, self.b_hh)

    def split(self, rows: Tensor) -> dict[str, Tensor]:
        """Cut (..., G*H) into its named blocks of (..., H)."""
        return dict(zip(self.blocks, rows.chunk(len(self.blocks), -1), strict=True))

    @abstractmethod
    def step(self, a: Tensor, r: Tensor, before: State) -> tuple[State, Gates]:
        """One time step: what input and memory say, and the states before -> states and gates.

        The states are in the order of `states`, the gates in the order of `gates`.
        """

    @abstractmethod
    def slopes(self, before: State, after: State, gates: Mapping[str, Tensor], r: Tensor) -> Slopes:
        """The local derivatives at steps that were walked; every tensor (..., H), r (..., G*H)."""


def affine(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """x W^T + b; weights may carry batch dimensions (..., G*H, I), with the bias (..., 1, G*H)."""
    if weight.dim() == 2:
        return functional.linear(x, weight, bias)
    return x @ weight.mT if bias is None else x @ weight.mT + bias


@dataclass(frozen=True, eq=False)
class RNN(Cell):
    """The simple recurrent cell: h_t = φ(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh).

    φ is `nonlinearity`: tanh (Elman 1990, "Finding structure in time"), relu or sigmoid. PyTorch
    has no sigmoid RNN; it is here for the study of activations.
    """

    name: ClassVar[str] = "rnn"
    nonlinearity: str = "tanh"

    @property
    def kinked(self) -> bool:
        return self.nonlinearity == "relu"

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

    def step(self, a: Tensor, r: Tensor, before: State) -> tuple[State, Gates]:
        return (ACTIVATIONS[self.nonlinearity](r + a),), ()

    def slopes(self, before: State, after: State, gates: Mapping[str, Tensor], r: Tensor) -> Slopes:
        (h,) = after
        slope = {
            "tanh": lambda: 1 - h * h,
            "relu": lambda: (h > 0).to(h.dtype),
            "sigmoid": lambda: h * (1 - h),
        }[self.nonlinearity]()
        through = (slope.unsqueeze(-2),)
        return Slopes(recurrent=through, inputs=through, direct=(None,), within=None)


ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}


@dataclass(frozen=True, eq=False)
class LSTM(Cell):
    """Long short-term memory: c_t = f · c_{t-1} + i · g,  h_t = o · tanh(c_t).

    Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000; PyTorch's order of
    the blocks: input i, forget f, candidate g, output o.
    """

    name: ClassVar[str] = "lstm"
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

    def step(self, a: Tensor, r: Tensor, before: State) -> tuple[State, Gates]:
        _, c = before
        i, f, g, o = (r + a).chunk(4, -1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * c + i * g
        h = o * c.tanh()
        return (h, c), (i, f, g, o)

    def slopes(self, before: State, after: State, gates: Mapping[str, Tensor], r: Tensor) -> Slopes:
        c_before, squashed = before[1], after[1].tanh()
        i, f, g, o = (gates[name] for name in self.gates)
        to_h = (squashed * o * (1 - o)).unsqueeze(-2)
        to_c = torch.stack([g * i * (1 - i), c_before * f * (1 - f), i * (1 - g * g)], -2)
        through = (to_h, to_c)
        within = o * (1 - squashed * squashed)
        return Slopes(recurrent=through, inputs=through, direct=(None, f), within=within)


@dataclass(frozen=True, eq=False)
class GRU(Cell):
    """The gated recurrent unit: h_t = (1 - z) · n + z · h_{t-1}.

    Cho et al. 2014, in PyTorch's variant: the reset gate r acts after the matrix product. Order of
    the blocks: reset r, update z, candidate n.
    """

    name: ClassVar[str] = "gru"
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

    def step(self, a: Tensor, r: Tensor, before: State) -> tuple[State, Gates]:
        (h,) = before
        a_reset, a_z, a_n = a.chunk(3, -1)
        r_reset, r_z, r_n = r.chunk(3, -1)
        reset = (r_reset + a_reset).sigmoid()
        z = (r_z + a_z).sigmoid()
        n = (a_n + reset * r_n).tanh()
        # (1 - z) · n + z · h, in the order in which PyTorch rounds it.
        h = (h - n) * z + n
        return (h,), (reset, z, n)

    def slopes(self, before: State, after: State, gates: Mapping[str, Tensor], r: Tensor) -> Slopes:
        (h,) = before
        reset, z, n = (gates[name] for name in self.gates)
        to_n = (1 - z) * (1 - n * n)
        to_reset = to_n * self.split(r)["candidate"] * reset * (1 - reset)
        to_z = (h - n) * z * (1 - z)
        return Slopes(
            recurrent=(torch.stack([to_reset, to_z, to_n * reset], -2),),
            inputs=(torch.stack([to_reset, to_z, to_n], -2),),
            direct=(z,),
            within=None,
        )


CELLS: dict[str, type[Cell]] = {cell.name: cell for cell in (RNN, LSTM, GRU)}
"""The cells that a torch.nn layer can hold, by their code."""


def from_layer(layer: nn.Module) -> tuple[tuple[Cell, ...], ...]:
    """Read the cells out of a torch.nn layer: per layer, one or two directions.

    Raises:
        Problem: not a torch.nn.RNN, GRU or LSTM; a projected LSTM; NaN or infinity in a weight.
    """
    if not isinstance(layer, nn.RNN | nn.GRU | nn.LSTM):
        raise Problem(NOT_RECURRENT, given=type(layer).__name__)
    if layer.proj_size:
        raise Problem(PROJECTED, size=layer.proj_size)
    for name, parameter in layer.named_parameters():
        odd = parameter.detach()[~parameter.detach().isfinite()]
        if odd.numel():
            raise Problem(BAD_WEIGHT, name=name, value=odd[0].item())
    directions = ("", "_reverse") if layer.bidirectional else ("",)
    return tuple(
        tuple(_read(layer, f"_l{k}{direction}") for direction in directions)
        for k in range(layer.num_layers)
    )


def _read(layer: nn.RNNBase, suffix: str) -> Cell:
    def weight(name: str) -> Tensor:
        tensor: Tensor = getattr(layer, name + suffix)
        return tensor.detach()

    w_ih, w_hh = weight("weight_ih"), weight("weight_hh")
    b_ih, b_hh = (weight("bias_ih"), weight("bias_hh")) if layer.bias else (None, None)
    if isinstance(layer, nn.RNN):
        return RNN(w_ih, w_hh, b_ih, b_hh, nonlinearity=layer.nonlinearity)
    return CELLS[layer.mode.lower()](w_ih, w_hh, b_ih, b_hh)
