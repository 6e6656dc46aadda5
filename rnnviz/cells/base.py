"""What all cells share: their weights, one time step, and its derivatives where they are known.

Dimensions: T time steps, B sequences, I inputs, H hidden units, G blocks of rows of the weights;
`...` are batch dimensions.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnviz.formulas import Formula

States = tuple[Tensor, ...]
Gates = tuple[Tensor, ...]


class Step(NamedTuple):
    """What one time step computes; of many steps, each tensor has a leading dimension T.

    states  (..., H) each, in the order of the cell's `states`
    gates   (..., H) each, in the order of its `gates`
    h_proj  (..., G*H), what the earlier states contribute to each block, before the nonlinearity
    """

    states: States
    gates: Gates
    h_proj: Tensor


@dataclass(frozen=True)
class Slopes:
    """The local derivatives of one or many time steps of a cell that starts with W_hh h_{t-1}.

    recurrent[s]   (..., g, H)  d state_s / d h_proj, for the blocks in `rows[s]` of the cell
    inputs[s]      (..., g, H)  d state_s / d x_proj, likewise
    skip[s]        (..., H)     d state_s,t / d state_s,t-1 past W_hh; None where there is none
    c_to_h         (..., H)     d h_t / d c_t, c being the second state; None where h is the only
    """

    recurrent: States
    inputs: States
    skip: tuple[Tensor | None, ...]
    c_to_h: Tensor | None


@dataclass(frozen=True, eq=False, repr=False)
class Cell(ABC):
    """The job of a cell: carry a state from one time step to the next.

    A cell declares its states, gates, blocks and the shapes of its weights, and computes one step;
    everything else follows from that. Its fields are the weights of one layer and direction; those
    that it does not have are None. A weight `w_…` multiplies, a bias `b_…` is added.
    """

    w_ih: Tensor
    w_hh: Tensor | None = None
    b_ih: Tensor | None = None
    b_hh: Tensor | None = None
    state_mask: Tensor | None = None
    """(B,G,H): what recurrent dropout multiplies h_{t-1} by before each block of W_hh."""

    name: ClassVar[str]
    """Its code, a key of `rnnviz.names.CELL_NAMES`."""
    layer: ClassVar[type[nn.RNNBase] | None] = None
    """The torch.nn layer that runs it; None: a `CellLayer`, made from the cell itself."""
    options: ClassVar[tuple[str, ...]] = ()
    """Arguments of the layer and the cell other than sizes and weights, by the name in both."""
    states: ClassVar[tuple[str, ...]] = ("h",)
    gates: ClassVar[tuple[str, ...]] = ()
    """The gates in reading order."""
    blocks: ClassVar[tuple[str, ...]] = ("h",)
    """What the blocks of H rows of W_ih feed, in their order: gates, or a state itself."""
    rows: ClassVar[tuple[slice, ...]] = (slice(0, 1),)
    """Per state, the blocks that act on it: the order of `Slopes`, for cells that have them."""
    forget_block: ClassVar[str | None] = None
    """The block of a gate that keeps a state when it is open, on which a forget bias acts."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(I={self.w_ih.shape[-1]}, H={self.hidden})"

    @classmethod
    def shapes(cls, inputs: int, hidden: int) -> dict[str, tuple[int, ...]]:
        """The shape of every weight, by its field, in the order of the layer's parameters.

        Unless overridden, the four of torch.nn. `w_ih` is required; `w_hh` is made of H x H blocks.
        """
        G = len(cls.blocks)
        return {
            "w_ih": (G * hidden, inputs),
            "w_hh": (G * hidden, hidden),
            "b_ih": (G * hidden,),
            "b_hh": (G * hidden,),
        }

    @property
    def weights(self) -> dict[str, Tensor]:
        """The weights that this cell has, by field, in the order of `shapes`."""
        fields = {name: getattr(self, name) for name in self.shapes(1, 1)}
        return {name: weight for name, weight in fields.items() if weight is not None}

    @property
    def hidden(self) -> int:
        """H, the number of hidden units."""
        return self.w_ih.shape[-2] // len(self.blocks)

    @property
    def non_smooth(self) -> bool:
        """Whether a derivative jumps, so that rounding has to be PyTorch's to the last digit."""
        return False

    @property
    def max_slope(self) -> float | None:
        """γ, the largest slope of the one activation through which the state passes.

        No step back multiplies a gradient by more than γ |W_hh|. None for a cell with another path
        from state to state.
        """
        return None

    @property
    def fused(self) -> Callable[..., Sequence[Tensor]] | None:
        """PyTorch's own function for a whole layer, if it has one for this cell."""
        return None

    @property
    @abstractmethod
    def formulas(self) -> Mapping[str, Formula]:
        """How each gate and state is computed, for display with its numbers."""

    def from_input(self, x: Tensor) -> Tensor:
        """W_ih x + b_ih: x (..., I) -> (..., G*H), for one step or all at once."""
        return affine(x, self.w_ih, self.b_ih)

    def from_hidden(self, h: Tensor) -> Tensor:
        """W_hh h + b_hh: h (..., H) -> (..., G*H)."""
        assert self.w_hh is not None, "only for cells that have a recurrent matrix"
        if self.state_mask is None:
            return affine(h, self.w_hh, self.b_hh)
        blocks = torch.unflatten(self.w_hh, 0, (len(self.blocks), -1))
        masked = h.unsqueeze(-2) * self.state_mask
        h_proj = torch.einsum("bgh,gkh->bgk", masked, blocks).flatten(-2)
        return h_proj if self.b_hh is None else h_proj + self.b_hh

    def split(self, rows: Tensor) -> dict[str, Tensor]:
        """Split (..., G*H) into its named blocks of (..., H)."""
        return dict(zip(self.blocks, rows.chunk(len(self.blocks), -1), strict=True))

    @abstractmethod
    def step(self, x_proj: Tensor, before: States) -> Step:
        """Compute one time step from x_proj (..., G*H) and the states before it (..., H) each."""

    def replay(self, x_proj: Tensor, h_before: Tensor) -> Step:
        """Compute all time steps of x_proj (T, ..., G*H), whose every h_{t-1} (T, ..., H) is known.

        With one state all steps are computed at once; further states are computed step by step.
        """
        if len(self.states) == 1:
            return self.step(x_proj, (h_before,))
        others = tuple(torch.zeros_like(h_before[0]) for _ in self.states[1:])
        steps = []
        for inputs, h in zip(x_proj, h_before, strict=True):
            steps.append(self.step(inputs, (h, *others)))
            others = steps[-1].states[1:]
        return stack_steps(steps)

    def run(
        self, x: Tensor, before: States, lengths: Tensor | None = None
    ) -> tuple[Tensor, States]:
        """Run over x (B,T,I) from the states `before` (B,H): every h (B,T,H), and the last states.

        With `lengths` (B,) on the device of x, the states of a sequence stay as they are after its
        last step. One matrix product computes x_proj of all steps; autograd can differentiate this.
        """
        if self.fused is not None and lengths is None and self.state_mask is None:
            weights, starts = list(self.weights.values()), [each[None] for each in before]
            hx, biased = starts if len(starts) > 1 else starts[0], self.b_ih is not None
            h, *last = self.fused(x, hx, weights, biased, 1, 0.0, True, False, True)
            return h, tuple(each[0] for each in last)
        outputs, states = [], before
        for t, x_proj in enumerate(self.from_input(x).unbind(1)):
            after = self.step(x_proj, states).states
            if lengths is not None:
                is_valid = (t < lengths)[:, None]
                after = tuple(map(torch.where, (is_valid,) * len(after), after, states))
            states = after
            outputs.append(states[0])
        return torch.stack(outputs, 1), states

    def slopes(
        self, before: States, after: States, gates: Mapping[str, Tensor], h_proj: Tensor
    ) -> Slopes | None:
        """The local derivatives at computed steps: states and gates (..., H), h_proj (..., G*H).

        None for a cell without closed formulas: its steps are differentiated by autograd.
        """
        return None


def affine(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x W^T + b; weights may carry batch dimensions (..., G*H, I), with the bias (..., 1, G*H)."""
    if weight.dim() == 2:
        return functional.linear(x, weight, bias)
    return x @ weight.mT if bias is None else x @ weight.mT + bias


def stack_steps(steps: Sequence[Step]) -> Step:
    """One `Step` of T time steps."""
    states, gates, h_proj = zip(*steps, strict=True)
    return Step(
        states=tuple(torch.stack(each) for each in zip(*states, strict=True)),
        gates=tuple(torch.stack(each) for each in zip(*gates, strict=True)),
        h_proj=torch.stack(h_proj),
    )
