"""The equations of the recurrent cells: one step forward, and how to go one step back.

A cell holds the weights of one layer and direction. The rows of its weights come in G blocks of H,
named in `blocks`. One time step reads

    x_proj = W_ih x_t + b_ih                             what the input contributes   (..., G*H)
    states, gates, h_proj = cell.step(x_proj, states)    h_proj: what the states do   (..., G*H)

Dimensions: T time steps, I inputs, H hidden units, G blocks; `...` are batch dimensions, which the
weights may share. The states are always a tuple of tensors, gates are always named.

A cell that torch.nn has no layer for is run by a `CellLayer`. A cell may give the `Slopes` of its
step; else its step is differentiated by autograd. The chain rule is applied in `rnnviz.gradients`.
"""

from rnnviz.cells.base import Cell, Gates, Slopes, States, Step, affine, stack_steps
from rnnviz.cells.cell_layer import (
    CellLayer,
    Layer,
    parameter_name,
    reverse_sequences,
    suffixes,
)
from rnnviz.cells.gru import GRU
from rnnviz.cells.keras_weights import KERAS_FORGET_BIAS, keras_start
from rnnviz.cells.layers import (
    CELLS,
    cell_type_of,
    cells_of,
    from_layer,
    is_plain,
    make_layer,
    own_cells,
    require_values,
)
from rnnviz.cells.lstm import LSTM
from rnnviz.cells.rnn import RNN, SLOPE_BOUND
from rnnviz.cells.run_layers import LayerCells, run_layers

__all__ = [
    "CELLS",
    "GRU",
    "KERAS_FORGET_BIAS",
    "LSTM",
    "RNN",
    "SLOPE_BOUND",
    "Cell",
    "CellLayer",
    "Gates",
    "Layer",
    "LayerCells",
    "Slopes",
    "States",
    "Step",
    "affine",
    "cell_type_of",
    "cells_of",
    "from_layer",
    "is_plain",
    "keras_start",
    "make_layer",
    "own_cells",
    "parameter_name",
    "require_values",
    "reverse_sequences",
    "run_layers",
    "stack_steps",
    "suffixes",
]
