"""What the gradient becomes in many networks of one cell: norms, factors, and their medians.

Dimensions: S networks (one per seed), T time steps.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from rnnviz.cells import CELLS
from rnnviz.gradient_flow.outcome import Outcome, limit_of, outcome, steps_until
from rnnviz.gradient_flow.settings import FlowSettings

SMALLEST_NORM = 1e-290
"""Below this float64 soon runs out of digits, and two numbers no longer have a ratio."""


@dataclass(frozen=True, eq=False)
class CellFlow:
    """What S networks of one cell do to the gradient as it flows back.

    norms           (S,T)  |dL/dh_t|, before clipping; infinite beyond what float64 can hold
    from_last       (S,T)  the same from the last step's loss alone (equal if it sits there)
    state_norms     (S,T)  that of the whole state, h_t and c_t as independent variables; equal to
                           `from_last` where h_t is the whole state. J_t multiplies it
    input_norms     (S,T)  |dL/dx_t|
    step_spectral   (S,T)  |J_t|: the largest factor by which step t can multiply `state_norms`
    total           (S,)   norm of the gradient of all weights and biases together
    scale           (S,)   what clipping multiplies the gradient by: min(1, clip / total)
    bound           (S,)   γ |W_hh|, which no |J_t| exceeds; None for gated cells
    slope           (S,)   the mean slope at which the activations worked; None for gated cells
    """

    cell: str
    norms: Tensor
    from_last: Tensor
    state_norms: Tensor
    input_norms: Tensor
    step_spectral: Tensor
    total: Tensor
    scale: Tensor
    bound: Tensor | None
    slope: Tensor | None

    @property
    def clipped_norms(self) -> Tensor:
        """(S,T): |dL/dh_t| of the loss after clipping."""
        return (self.norms * self.scale[:, None]).nan_to_num(math.inf, math.inf)

    @property
    def remaining_by_step(self) -> Tensor:
        """(S,T): how much of the last loss's gradient at the last step is left at each step."""
        return self.from_last / self.from_last[:, -1:]

    @property
    def remaining(self) -> Tensor:
        """(S,): how much of it is left at the first step."""
        return self.remaining_by_step[:, 0]

    @property
    def mean_factor(self) -> Tensor:
        """(S,): the factor that, at every step back, leaves `remaining`: a geometric mean."""
        return self.remaining ** (1 / (self.from_last.shape[1] - 1))

    @property
    def outcome(self) -> Outcome:
        """What becomes of the gradient in the median network."""
        return outcome(float(band(self.remaining)[1]), self.from_last.shape[1])

    @property
    def steps_to_limit(self) -> int | None:
        """After how many steps back less than 1 % is left, or 100 times as much, in the median.

        Within the sequence they are counted; beyond it, the gradient is taken to go on at the pace
        of the farther half of the way. None where it survives, or does not go there.
        """
        limit = limit_of(self.outcome)
        if limit is None:
            return None
        sizes = band(self.remaining_by_step)[1].flip(0)
        if self.outcome in ("vanishes", "explodes"):
            passed = sizes < limit if limit < 1 else sizes > limit
            return int(passed.nonzero()[0])
        last, half = len(sizes) - 1, (len(sizes) - 1) // 2
        pace = float(sizes[last] / sizes[half]) ** (1 / (last - half))
        more = steps_until(limit, float(sizes[last]), pace)
        return None if more is None else last + more

    @property
    def factors(self) -> Tensor:
        """(S,T-1): what one step back multiplied `state_norms` by, never more than |J_t|."""
        return _steps_back(self.state_norms)

    @property
    def factors_of_h(self) -> Tensor:
        """(S,T-1): the same of `from_last`, which |J_t| does not bound: h may gain from c."""
        return _steps_back(self.from_last)

    @property
    def first_step_shrinks_most(self) -> bool:
        """Whether the cell has a further state, and the first step back shrinks dL/dh the most."""
        steps = self.factors_of_h
        usual = steps.nanmedian(1).values
        return len(CELLS[self.cell].states) > 1 and bool((steps[:, -1] < usual / 2).all())

    @property
    def largest_factor(self) -> Tensor:
        """(S,): the largest |J_t| of all the steps through which the gradient flows back."""
        return self.step_spectral[:, 1:].amax(1)

    @property
    def median_factor(self) -> Tensor:
        """(S,): the median factor of a network; 0 where the gradient vanishes at once."""
        return self.factors.nanmedian(1).values


@dataclass(frozen=True, eq=False)
class FlowResult:
    """The study of `settings`: one `CellFlow` per cell, by its code."""

    settings: FlowSettings
    flows: Mapping[str, CellFlow]

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is pickled: as a plain dictionary, since a view of one cannot be."""
        return FlowResult._restore, (self.settings, dict(self.flows))

    @staticmethod
    def _restore(settings: FlowSettings, flows: dict[str, CellFlow]) -> "FlowResult":
        return FlowResult(settings, MappingProxyType(flows))

    @property
    def bounded_flow(self) -> CellFlow | None:
        """The first of the cells whose |J_t| has a bound, if there is one."""
        return next((flow for flow in self.flows.values() if flow.bound is not None), None)


def band(values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The 10 % quantile, the median and the 90 % quantile over networks: (S, ...) -> (...) each.

    Always the value of one of the networks: between 0 or infinity and a number there is no middle.
    A network that has no value (NaN) is left out; where none has one, the answer is NaN.
    """
    ordered = values.sort(0).values  # NaN comes last
    last = ((~values.isnan()).sum(0) - 1).clamp_min(0)

    def at(share: float) -> Tensor:
        index = (share * last - 1e-9).round().long()
        return ordered.gather(0, index.unsqueeze(0)).squeeze(0)

    return at(0.1), at(0.5), at(0.9)


def _steps_back(norms: Tensor) -> Tensor:
    """(S,T) -> (S,T-1): each norm over the next; NaN where float64 has no digits for the ratio."""
    here, after = norms[:, :-1], norms[:, 1:]
    known = (after > SMALLEST_NORM) & here.isfinite() & ((here > SMALLEST_NORM) | (here == 0))
    return torch.where(known, here / after, math.nan)
