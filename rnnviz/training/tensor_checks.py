"""Check stored tensors, which may come from anywhere, before a kernel of PyTorch uses them.

The kernels that copy weights and walk recurrent layers trust the sizes they are given: with others
they read and write memory that is not theirs.
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
    """Return the tensor `name`.

    Raises:
        ValueError: it is missing, or has another shape or type.
    """
    tensor = tensors.get(name)
    if tensor is None:
        raise ValueError(f"{name} is missing")
    if tuple(tensor.shape) != tuple(shape) or tensor.dtype != dtype:
        raise ValueError(
            f"{name} has the shape {list(tensor.shape)} and the type {tensor.dtype}; "
            f"allowed are {list(shape)} and {dtype}"
        )
    return tensor
