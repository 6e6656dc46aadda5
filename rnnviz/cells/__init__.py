"""The equations of the recurrent cells: one step forward, and the slopes that lead one step back.

A cell holds the weights of one layer and direction in PyTorch's own layout. Its rows come in G
blocks of H, named in `blocks`. One time step reads

    a = W_ih x_t + b_ih        what the input says            (..., G*H)
    r = W_hh h_{t-1} + b_hh    what the memory says           (..., G*H)
    states, gates = cell.step(a, r, states)

Dimensions: T time steps, I inputs, H hidden units, G blocks; `...` are batch dimensions, which the
weights may share. A state is always a tuple of tensors, gates are always named.

A step back is linear in the gradients that arrive at the states, so a cell only says its slopes;
the chain rule itself stands once, in `rnnviz.gradients`.
"""

from rnnviz.cells.base import Cell, Gates, Slopes, States, affine
from rnnviz.cells.gru import GRU
from rnnviz.cells.layers import CELLS, from_layer
from rnnviz.cells.lstm import LSTM
from rnnviz.cells.rnn import RNN, SLOPE_BOUND

__all__ = [
    "CELLS",
    "GRU",
    "LSTM",
    "RNN",
    "SLOPE_BOUND",
    "Cell",
    "Gates",
    "Slopes",
    "States",
    "affine",
    "from_layer",
]
