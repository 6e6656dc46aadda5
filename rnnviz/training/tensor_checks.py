"""Stored tensors, which may come from anywhere, measured before a kernel of PyTorch meets them.

The kernels that move weights and walk recurrent layers trust the sizes that they are given: with
others they read and write memory that is not theirs.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor


def require_tensor(
    tensors: Mapping[str, Tensor],
    name: str,
    shape: Sequence[int],
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """The tensor `name`.

    Raises:
        ValueError: there is none, or it has another shape or type.
    """
    found = tensors.get(name)
    if found is None:
        raise ValueError(f"{name} is missing")
    if tuple(found.shape) != tuple(shape) or found.dtype != dtype:
        raise ValueError(
            f"{name} has the shape {list(found.shape)} and the type {found.dtype}; "
            f"allowed are {list(shape)} and {dtype}"
        )
    return found
