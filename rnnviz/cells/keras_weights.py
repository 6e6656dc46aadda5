"""The weights with which Keras starts a recurrent layer.

I inputs, H hidden units, G blocks.
"""

import torch
from torch import Tensor, nn

from rnnviz.cells.base import Cell

KERAS_FORGET_BIAS = 1.0
"""What Keras adds to the forget gate (`unit_forget_bias`; Jozefowicz et al. 2015)."""


def keras_start(
    cell_type: type[Cell],
    inputs: int,
    hidden: int,
    generator: torch.Generator,
    dtype: torch.dtype = torch.float32,
) -> dict[str, Tensor]:
    """Draw the weights of a cell, by field, as Keras 3 does by default.

    W_ih by Glorot and Bengio 2010, uniform; W_hh orthogonal as a whole (Saxe et al. 2013), not
    block by block; biases 0, but that of a forget gate 1; peepholes, which Keras lacks, 0.
    """
    weights = {
        name: torch.zeros(shape, dtype=dtype)
        for name, shape in cell_type.shapes(inputs, hidden).items()
    }
    nn.init.xavier_uniform_(weights["w_ih"], generator=generator)
    if "w_hh" in weights:
        nn.init.orthogonal_(weights["w_hh"], generator=generator)
    if cell_type.forget_block is not None:
        start = cell_type.blocks.index(cell_type.forget_block) * hidden
        weights["b_ih"][start : start + hidden] = KERAS_FORGET_BIAS
    return weights
