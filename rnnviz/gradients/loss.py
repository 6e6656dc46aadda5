"""The gradient of a visitor's loss with respect to the outputs. T time steps, D*H outputs."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from rnnviz.messages import N_, Problem

Loss = Callable[[Tensor], Tensor]

NOT_A_SCALAR = N_(
    "The loss gave {actual}; allowed is one number computed from the outputs by torch operations."
)
NO_GRADIENT = N_(
    "The loss gave {actual}, from which no gradient flows back: argmax, rounding, comparisons, "
    "detach, item and torch.no_grad cut it off; allowed is one number computed from the outputs by "
    "differentiable torch operations, such as a cross entropy or logsumexp."
)
NOT_REACHED = N_("The loss does not depend on the outputs, so no gradient reaches them.")
NOT_FINITE = N_("The loss is {value}; allowed is a finite number.")
GRADIENT_NOT_FINITE = N_(
    "The gradient of the loss is {value} at step {step}, unit {unit} of the outputs, although the "
    "loss itself is {loss}: as where a root, a norm or a logarithm is taken of zero. Allowed is a "
    "loss with a finite gradient, such as one with (... + 1e-12).sqrt()."
)


class LossGradient(NamedTuple):
    """The value of a loss, its gradient (T, D*H) in double precision, and its type as evaluated."""

    value: float
    gradient: Tensor
    dtype: torch.dtype


def loss_gradient(loss: Loss, outputs: Tensor, dtype: torch.dtype) -> LossGradient:
    """Evaluate `loss` on the outputs (T, D*H) in double precision, and differentiate it.

    A loss that refuses double precision, as one with a head of float32 weights does, is evaluated
    once more, in `dtype`; if that fails as well, its error is raised.

    Raises:
        Problem: the loss is not one finite number that depends on the outputs, or its gradient is
            not finite.
    """
    if dtype != torch.float64:
        try:
            return _evaluate(loss, outputs.double())
        except Problem:
            raise
        except Exception:  # Whatever a loss raises when the types do not match.
            return _evaluate(loss, outputs.to(dtype))
    return _evaluate(loss, outputs.double())


def _evaluate(loss: Loss, outputs: Tensor) -> LossGradient:
    with torch.enable_grad():
        leaf = outputs.detach().requires_grad_()
        # A copy, because a loss may change its argument, and a leaf cannot be changed.
        value = loss(leaf.clone())
        if isinstance(value, int | float):
            raise Problem(NO_GRADIENT, actual=value)
        if not isinstance(value, Tensor) or value.numel() != 1 or value.is_complex():
            is_tensor = isinstance(value, Tensor)
            result = f"{value.dtype} {tuple(value.shape)}" if is_tensor else value
            raise Problem(NOT_A_SCALAR, actual=result)
        if not value.requires_grad:
            raise Problem(NO_GRADIENT, actual=f"{value.item()} ({value.dtype})")
        (gradient,) = torch.autograd.grad(value.sum(), leaf, allow_unused=True)
    if gradient is None:
        raise Problem(NOT_REACHED)
    number = float(value.detach())
    if not math.isfinite(number):
        raise Problem(NOT_FINITE, value=number)
    bad = (~gradient.isfinite()).nonzero()
    if len(bad):
        step, unit = bad[0].tolist()
        entry = gradient[step, unit].item()
        raise Problem(GRADIENT_NOT_FINITE, value=entry, step=step, unit=unit, loss=number)
    return LossGradient(number, gradient.to(torch.float64, copy=True), outputs.dtype)
