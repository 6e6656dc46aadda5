"""What all cells share: their weights, the shape of a step, and the slopes of one.

Dimensions: I inputs, H hidden units, G blocks of weights; `...` are batch dimensions.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor
from torch.nn import functional

from rnnviz.formulas import Formula

States = tuple[Tensor, ...]
Gates = tuple[Tensor, ...]


@dataclass(frozen=True)
class Slopes:
    """The local derivatives of one or many time steps: all that a walk back needs to know.

    recurrent[s]   (..., g, H)  d state_s / d h_proj, for the blocks in `rows[s]` of the cell
    inputs[s]      (..., g, H)  d state_s / d x_proj, likewise
    skip[s]        (..., H)     d state_s,t / d state_s,t-1 past the weights; None: there is none
    c_to_h         (..., H)     d c_t / how h_t reads it: dh_t/dc_t; None where h is the only state
    """

    recurrent: States
    inputs: States
    skip: tuple[Tensor | None, ...]
    c_to_h: Tensor | None


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
    """Its code, a key of `rnnviz.names.CELL_NAMES`."""
    layer: ClassVar[type[Any]]
    """The torch.nn layer that runs it; their constructors have no type in common."""
    options: ClassVar[tuple[str, ...]] = ()
    """What the layer and the cell want to know beside their weights, by its name in both."""
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
    def non_smooth(self) -> bool:
        """Whether a slope jumps: then the last digit decides it, and rounding must be PyTorch's."""
        return False

    @property
    def max_slope(self) -> float | None:
        """γ, the largest slope of the one activation through which the state passes.

        Then no step back multiplies a gradient by more than γ |W_hh|. None where there is another
        road past it.
        """
        return None

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
    def step(self, x_proj: Tensor, h_proj: Tensor, before: States) -> tuple[States, Gates]:
        """One time step: what input and memory say, and the states before -> states and gates.

        The states are in the order of `states`, the gates in the order of `gates`.
        """

    def replay(self, x_proj: Tensor, h_proj: Tensor, before: Tensor) -> tuple[States, Gates]:
        """All time steps at once, where every h_{t-1} is known: a, r (T, ..., G*H), h (T, ..., H).

        A cell with a second state walks over that one alone.
        """
        return self.step(x_proj, h_proj, (before,))

    @abstractmethod
    def slopes(
        self, before: States, after: States, gates: Mapping[str, Tensor], h_proj: Tensor
    ) -> Slopes:
        """The local derivatives at steps that were walked; every tensor (..., H), r (..., G*H)."""


def affine(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """x W^T + b; weights may carry batch dimensions (..., G*H, I), with the bias (..., 1, G*H)."""
    if weight.dim() == 2:
        return functional.linear(x, weight, bias)
    return x @ weight.mT if bias is None else x @ weight.mT + bias
