"""The registry of cells, the layers that run them, and the cells inside a layer."""

from typing import Any

from torch import nn

from rnnviz.cells.base import Cell
from rnnviz.cells.cell_layer import CellLayer, Layer, cells_in, parameter_name, suffixes
from rnnviz.cells.gru import GRU
from rnnviz.cells.lstm import LSTM
from rnnviz.cells.lstm_peephole import PeepholeLSTM
from rnnviz.cells.mgu import MGU
from rnnviz.cells.rnn import RNN
from rnnviz.messages import N_, Problem

NOT_RECURRENT = N_("The layer is a {actual}; allowed are {allowed}.")
PROJECTED = N_("The layer projects its hidden state (proj_size is {size}); allowed is proj_size 0.")
BAD_WEIGHT = N_(
    "The parameter {name} holds {value}, as after a training that diverged; "
    "allowed are finite numbers."
)

CELLS: dict[str, type[Cell]] = {cell.name: cell for cell in (RNN, LSTM, GRU, MGU, PeepholeLSTM)}
"""All cells, by their code."""


def make_layer(cell_type: type[Cell], input_size: int, hidden_size: int, **options: Any) -> Layer:
    """A layer of the cell `cell_type`: torch.nn's own where there is one, else a `CellLayer`.

    `options`: further arguments of torch.nn's recurrent layers, and those of the cell.
    """
    if cell_type.layer is not None:
        return cell_type.layer(input_size, hidden_size, **options)  # type: ignore[arg-type]
    return CellLayer(cell_type, input_size, hidden_size, **options)


def cell_type_of(layer: nn.Module) -> type[Cell]:
    """The cell that `layer` runs.

    Raises:
        Problem: not the layer of a cell, or a projected LSTM.
    """
    if isinstance(layer, CellLayer):
        return layer.cell_type
    for cell_type in CELLS.values():
        if cell_type.layer is not None and isinstance(layer, cell_type.layer):
            if layer.proj_size:
                raise Problem(PROJECTED, size=layer.proj_size)
            return cell_type
    names = [
        f"torch.nn.{cell_type.layer.__name__}" for cell_type in CELLS.values() if cell_type.layer
    ]
    allowed = ", ".join([*names, CellLayer.__name__])
    raise Problem(NOT_RECURRENT, actual=type(layer).__name__, allowed=allowed)


def cells_of(layer: Layer) -> tuple[tuple[Cell, ...], ...]:
    """The cells of `layer`, with its parameters as they are, so that autograd follows."""
    return cells_in(layer, cell_type_of(layer))


def from_layer(layer: nn.Module) -> tuple[tuple[Cell, ...], ...]:
    """The cells of a layer, with detached weights: per layer, one or two directions.

    Raises:
        Problem: not the layer of a cell; a projected LSTM; NaN or infinity in a weight.
    """
    cell_type = cell_type_of(layer)
    assert isinstance(layer, Layer)
    cells = cells_in(layer, cell_type)
    options = {name: getattr(layer, name) for name in cell_type.options}
    return tuple(
        tuple(
            cell_type(**_checked_weights(cell, suffix), **options)
            for cell, suffix in zip(sides, suffixes(layer, k), strict=True)
        )
        for k, sides in enumerate(cells)
    )


def _checked_weights(cell: Cell, suffix: str) -> dict[str, Any]:
    weights = {name: weight.detach() for name, weight in cell.weights.items()}
    for name, weight in weights.items():
        finite = weight.isfinite()
        if not finite.all():
            value = weight[~finite][0].item()
            raise Problem(BAD_WEIGHT, name=parameter_name(name) + suffix, value=value)
    return weights
