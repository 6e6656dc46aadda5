"""How much of each hidden state is left in the last one: norms of Jacobians.

Dimensions: T time steps, I inputs, H hidden units, S states of a cell.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor

from rnnviz.cells import Cell, Layer, cell_type_of, run_layers
from rnnviz.gradients.bptt import double_cell, double_walk
from rnnviz.gradients.jacobian_sweep import scaled_jacobians, step_jacobians
from rnnviz.gradients.scale import log_norms, shift_rows
from rnnviz.messages import N_, Problem
from rnnviz.tracing import (
    LayerRun,
    Result,
    Walk,
    layer_run,
    relative_difference,
    require_finite,
    rewalk,
    saturation,
)
from rnnviz.tracing.results import (
    Fact,
    agreement_facts,
    norm_facts,
    saturation_facts,
    size_facts,
)

ONE_LAYER = N_(
    "The layer has {layers} {layers:layer|layers} and {directions} "
    "{directions:direction|directions}; allowed is one of each."
)


@dataclass(frozen=True, eq=False, repr=False)
class Jacobians(Result):
    """How much of each h_t is left in the last hidden state, with numbers of its own.

    matrices (T, H, H) holds dh_T/dh_t for every t, with every other state of step t held fixed, in
    double precision. Where that cannot hold them, at a factor beyond 1e308 or below 1e-308, the
    matrices and norms are infinite or zero; `log_spectral` and `log_frobenius` are right all the
    same. The norms are computed on first use.

    `agreement` compares with autograd's vector-Jacobian product of the last hidden state, for a
    random vector and the first step whose Jacobian double precision can hold, through all steps
    after it: the largest difference, relative to the largest number in the product; NaN without a
    check. For ReLU, autograd walks in the layer's own precision; where hooks or a forward of its
    own stand between a layer and its cell, it also goes back through the call of the layer itself.
    """

    matrices: Tensor
    scaled: Tensor
    """(T, H, H): the matrices divided by powers of two, so that they are in range."""
    exponents: list[int]
    """(T,): these powers; 0 where the matrix itself is in the usual range."""
    agreement: float
    cell: Cell
    walk: Walk

    @cached_property
    def spectral(self) -> Tensor:
        """(T,): the largest factor by which a change of h_t can reach h_T."""
        return shift_rows(self._scaled_spectral, self.exponents)

    @cached_property
    def frobenius(self) -> Tensor:
        """(T,): the same over all directions, the root of the sum of squares."""
        return shift_rows(self._scaled_frobenius, self.exponents)

    @cached_property
    def log_spectral(self) -> Tensor:
        """(T,): the natural logarithm of `spectral`; -inf only where nothing is left at all."""
        return log_norms(self._scaled_spectral, self.exponents)

    @cached_property
    def log_frobenius(self) -> Tensor:
        """(T,): the natural logarithm of `frobenius`; -inf only where nothing is left at all."""
        return log_norms(self._scaled_frobenius, self.exponents)

    @cached_property
    def step_spectral(self) -> Tensor:
        """(T,): the most by which step t can stretch a change: norm of d(h, c)_t/d(h, c)_{t-1}."""
        return _norms(step_jacobians(self.cell, self.walk), 2)

    @cached_property
    def _scaled_spectral(self) -> Tensor:
        return _norms(self.scaled, 2)

    @cached_property
    def _scaled_frobenius(self) -> Tensor:
        return _norms(self.scaled, "fro")

    @property
    def saturation(self) -> float:
        """The share of gates and states near their bounds, see `rnnviz.tracing.saturation`."""
        states = dict(zip(self.cell.states, self.walk.states, strict=True))
        return saturation(self.cell, {**self.walk.gates, **states})

    def facts(self) -> list[Fact]:
        ends = _norms(self.scaled[[0, -1]], 2)
        powers = [self.exponents[0], self.exponents[-1]]
        return [
            *size_facts(self.cell, len(self.matrices)),
            *agreement_facts(self.agreement, "largest relative difference from autograd"),
            *saturation_facts(self.saturation),
            *norm_facts("|dh_T/dh_t|", shift_rows(ends, powers), log_norms(ends, powers)),
        ]


def _norms(matrices: Tensor, order: Literal[2, "fro"]) -> Tensor:
    """Norms (T,) of matrices (T, N, N), through those of numbers up to 1, whose squares fit."""
    largest = matrices.abs().amax((-2, -1), keepdim=True)
    is_finite = largest.isfinite()
    # No decomposition of what is not finite: it fails, and the norm is known.
    matrices, scale = matrices.where(is_finite, 0), largest.where((largest > 0) & is_finite, 1)
    norms: Tensor = torch.linalg.matrix_norm(matrices / scale, order) * scale[..., 0, 0]
    return norms.where(is_finite[..., 0, 0], torch.inf)


@torch.inference_mode(False)
@torch.no_grad()
def jacobians(layer: Layer, x: Tensor, *, check: bool = True) -> Jacobians:
    """dh_T/dh_t for every t, by one analytic sweep in double precision, and their norms.

    Args:
        layer: one layer, one direction; otherwise as for `rnnviz.trace`.
        x: (T, I).
        check: whether to compare with autograd. Without it `agreement` is NaN, and a layer without
            hooks is not called.

    Raises:
        Problem: as `rnnviz.trace`; or several layers or directions.
    """
    cell_type_of(layer)
    if layer.num_layers > 1 or layer.bidirectional:
        raise Problem(ONE_LAYER, layers=layer.num_layers, directions=1 + layer.bidirectional)
    with layer_run(layer, x, check=check, gradient=True) as run:
        cell, steps = _walk(run)
        scaled, exponents = scaled_jacobians(cell, steps)
        result = Jacobians(
            matrices=shift_rows(scaled, exponents),
            scaled=scaled,
            exponents=exponents,
            agreement=_agreement(run, steps, scaled, exponents) if check else math.nan,
            cell=cell,
            walk=steps,
        )
    return result


def _walk(run: LayerRun) -> tuple[Cell, Walk]:
    """The cell and its walk in double precision, or, with a kink, in its own and then widened."""
    ((cell,),) = run.cells
    x = run.x
    if not cell.non_smooth:
        cell, x = double_cell(cell), x.double()
    with torch.autocast(x.device.type, enabled=False):
        # The states from PyTorch's own function: with h known, steps need not wait for each other.
        h = run_layers(((cell,),), x[:, None])[0][:, 0]
        require_finite(h.to(run.x.dtype))
        steps = rewalk(cell, x, h)
    return double_cell(cell), double_walk(steps)


def _agreement(run: LayerRun, steps: Walk, scaled: Tensor, exponents: list[int]) -> float:
    """The largest relative difference of a vector-Jacobian product from autograd's."""
    ((cell,),) = run.cells
    precision = run.x.dtype if cell.non_smooth else torch.float64
    T, H = steps.states[0].shape
    vector = torch.randn(H, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    vector = vector.to(run.x.device)
    arriving = torch.zeros(T, H, dtype=torch.float64, device=run.x.device)
    arriving[-1] = vector
    through_layer = run.gradient_difference(arriving)
    t = _first_in_range(scaled, exponents, precision)
    if t == T - 1:
        return through_layer  # dh_T/dh_T
    with torch.enable_grad(), torch.autocast(run.x.device.type, enabled=False):
        starts = tuple(state[t].view(1, 1, H).to(precision, copy=True) for state in steps.states)
        starts[0].requires_grad_()
        exact = double_cell(cell) if precision == torch.float64 else cell
        rest = run.x[t + 1 :, None].to(precision)
        last = run_layers(((exact,),), rest, starts)[0][-1, 0]
        (expected,) = torch.autograd.grad(last, starts[0], vector.to(precision))
    ours = vector @ shift_rows(scaled[t : t + 1], exponents[t : t + 1])[0]
    return max(through_layer, relative_difference([ours], [expected[0, 0]]))


def _first_in_range(scaled: Tensor, exponents: list[int], precision: torch.dtype) -> int:
    """The first step whose Jacobian is in range for autograd in `precision`, and not zero."""
    bound = math.log(torch.finfo(precision).max) * 0.8
    logs = log_norms(_norms(scaled, "fro"), exponents)
    return int((logs.abs() < bound).nonzero()[0])
