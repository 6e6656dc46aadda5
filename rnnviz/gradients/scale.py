"""Powers of two beside the numbers, for gradients beyond the range of double precision.

A gradient is held as value * 2**exponent. Scaling by a power of two is exact; within the range
below, the exponent stays 0 and the numbers are as they would be without.
"""

import math

import torch
from torch import Tensor

LIMIT = 300
"""Numbers between 2**-300 and 2**300 are not scaled: their squares and sums stay in range."""


def exponent_of(largest: float) -> int:
    """The power of two by which to divide numbers up to `largest`: 0 within the range."""
    if largest == 0 or not math.isfinite(largest):
        return 0
    exponent = math.frexp(largest)[1]
    return exponent if abs(exponent) > LIMIT else 0


def largest_of(*tensors: Tensor) -> float:
    """The largest absolute value in several tensors."""
    # Of a matrix, several times as fast as torch.linalg.vector_norm(each, math.inf).
    return max(float(each.abs().max()) for each in tensors)


def shift(tensor: Tensor, exponent: int) -> Tensor:
    """tensor * 2**exponent, infinite or zero only where double precision cannot hold it."""
    while exponent:
        # In steps, because 2**exponent itself may be out of range where the product is not.
        step = max(-1000, min(1000, exponent))
        tensor, exponent = tensor * 2.0**step, exponent - step
    return tensor


def shift_rows(tensor: Tensor, exponents: list[int]) -> Tensor:
    """Row t of `tensor` (T, ...) times 2**exponents[t]; the tensor itself where all are 0."""
    if not any(exponents):
        return tensor
    rows = zip(tensor.unbind(), exponents, strict=True)
    return torch.stack([shift(row, exponent) for row, exponent in rows])


def log_norms(norms: Tensor, exponents: list[int]) -> Tensor:
    """The natural logarithms of norms (T,) times 2**exponents; -inf where a norm is zero."""
    return norms.log() + math.log(2) * norms.new_tensor(exponents)
