"""The cells inside the layers of torch.nn."""

from torch import Tensor, nn

from rnnviz.cells.base import Cell
from rnnviz.cells.gru import GRU
from rnnviz.cells.lstm import LSTM
from rnnviz.cells.rnn import RNN
from rnnviz.messages import N_, Problem

NOT_RECURRENT = N_("The layer is a {given}; allowed are {allowed}.")
PROJECTED = N_("The layer projects its hidden state (proj_size is {size}); allowed is proj_size 0.")
BAD_WEIGHT = N_(
    "The parameter {name} holds {value}, as after a training that diverged; "
    "allowed are finite numbers."
)


CELLS: dict[str, type[Cell]] = {cell.name: cell for cell in (RNN, LSTM, GRU)}
"""The cells that a torch.nn layer can hold, by their code."""


def from_layer(layer: nn.Module) -> tuple[tuple[Cell, ...], ...]:
    """Read the cells out of a torch.nn layer: per layer, one or two directions.

    Raises:
        Problem: not the layer of a cell; a projected LSTM; NaN or infinity in a weight.
    """
    kind = next((kind for kind in CELLS.values() if isinstance(layer, kind.layer)), None)
    if kind is None or not isinstance(layer, nn.RNNBase):
        allowed = ", ".join(f"torch.nn.{each.layer.__name__}" for each in CELLS.values())
        raise Problem(NOT_RECURRENT, given=type(layer).__name__, allowed=allowed)
    if layer.proj_size:
        raise Problem(PROJECTED, size=layer.proj_size)
    directions = ("", "_reverse") if layer.bidirectional else ("",)
    return tuple(
        tuple(_read(kind, layer, f"_l{k}{direction}") for direction in directions)
        for k in range(layer.num_layers)
    )


def _read(kind: type[Cell], layer: nn.RNNBase, suffix: str) -> Cell:
    def weight(name: str) -> Tensor:
        # By attribute: of a parametrised layer that is what it computes with, not what it stores.
        tensor: Tensor = getattr(layer, name + suffix).detach()
        finite = tensor.isfinite()
        if not finite.all():
            raise Problem(BAD_WEIGHT, name=name + suffix, value=tensor[~finite][0].item())
        return tensor

    w_ih, w_hh = weight("weight_ih"), weight("weight_hh")
    b_ih, b_hh = (weight("bias_ih"), weight("bias_hh")) if layer.bias else (None, None)
    options = {name: getattr(layer, name) for name in kind.options}
    return kind(w_ih, w_hh, b_ih, b_hh, **options)
