"""The registry of cells, the layers that run them, and the cells inside a layer."""

from dataclasses import replace
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules import module

from rnnviz.cells.base import Cell
from rnnviz.cells.cell_layer import CellLayer, Layer, cells_in, parameter_name, suffixes
from rnnviz.cells.gru import GRU
from rnnviz.cells.lstm import LSTM
from rnnviz.cells.lstm_peephole import PeepholeLSTM
from rnnviz.cells.mgu import MGU
from rnnviz.cells.rnn import RNN
from rnnviz.cells.run_layers import LayerCells
from rnnviz.messages import N_, Problem

NOT_RECURRENT = N_("The layer is a {actual}; allowed are {allowed}.")
A_CLASS = N_("The layer is the class {actual} itself; allowed is a layer made from it.")
WRAPPED = N_(
    "The layer is a {actual}, which is not a recurrent layer but holds some; allowed is one of "
    "these itself: {inside}."
)
SCRIPTED = N_(
    "The layer is a {actual}, compiled by TorchScript: its steps cannot be looked into. Allowed is "
    "the layer from which it was compiled."
)
QUANTISED = N_(
    "The layer is a {actual}, which is quantised: it computes with whole numbers, through which no "
    "gradient flows. Allowed is the layer of floating-point numbers from which it was made."
)
NO_VALUES = N_(
    "The weights of the layer are on the device meta, where they have a shape but no values. "
    'Allowed is a layer with values, as after layer.to_empty(device="cpu") and '
    "layer.load_state_dict(...)."
)
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
        Problem: not the layer of a cell, or a projected LSTM; a module around a layer is told
            apart, and so are quantised and compiled layers.
    """
    if isinstance(layer, CellLayer):
        return layer.cell_type
    for cell_type in CELLS.values():
        if cell_type.layer is not None and isinstance(layer, cell_type.layer):
            if layer.proj_size:
                raise Problem(PROJECTED, size=layer.proj_size)
            return cell_type
    raise _not_recurrent(layer)


def _not_recurrent(layer: object) -> Problem:
    """The problem that says what `layer` is instead, and which layer would be right."""
    kind = type(layer)
    if isinstance(layer, type):
        return Problem(A_CLASS, actual=layer.__name__)
    if isinstance(layer, torch.jit.ScriptModule):
        return Problem(SCRIPTED, actual=kind.__name__)
    if ".quantized." in kind.__module__ or ".quantizable." in kind.__module__:
        return Problem(QUANTISED, actual=f"{kind.__module__}.{kind.__name__}")
    inside = _recurrent_layers_in(layer) if isinstance(layer, nn.Module) else []
    if inside:
        return Problem(WRAPPED, actual=kind.__name__, inside=", ".join(inside))
    layers = [cell_type.layer.__name__ for cell_type in CELLS.values() if cell_type.layer]
    actual = kind.__name__
    if actual in (*layers, CellLayer.__name__):
        actual = f"{kind.__module__}.{actual}"
    allowed = ", ".join([*(f"torch.nn.{name}" for name in layers), CellLayer.__name__])
    return Problem(NOT_RECURRENT, actual=actual, allowed=allowed)


def _recurrent_layers_in(whole: nn.Module) -> list[str]:
    """How one reaches the recurrent layers inside `whole`: "layer[0]", "layer.encoder.rnn"."""
    return [
        "layer" + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in path.split("."))
        for path, inner in whole.named_modules()
        if path and isinstance(inner, Layer)
    ]


def cells_of(layer: Layer) -> tuple[tuple[Cell, ...], ...]:
    """The cells of `layer`, with its parameters as they are, so that autograd follows."""
    return cells_in(layer, cell_type_of(layer))


def from_layer(layer: nn.Module) -> LayerCells:
    """The cells of a layer, with copies of its weights: per layer, one or two directions.

    Raises:
        Problem: not the layer of a cell; a projected LSTM; a layer on the device meta; NaN or
            infinity in a weight.
    """
    cell_type = cell_type_of(layer)
    assert isinstance(layer, Layer)
    require_values(layer)
    return own_cells(layer, cells_in(layer, cell_type))


def own_cells(layer: Layer, cells: LayerCells) -> LayerCells:
    """`cells` of `layer` with copies of their weights, which nobody else can change.

    Raises:
        Problem: NaN or infinity in a weight.
    """
    return tuple(
        tuple(
            replace(cell, **_checked_weights(cell, suffix))
            for cell, suffix in zip(sides, suffixes(layer, k), strict=True)
        )
        for k, sides in enumerate(cells)
    )


def require_values(layer: Layer) -> None:
    """Raise a `Problem` for a layer on the device meta."""
    if any(tensor.is_meta for tensor in (*layer.parameters(), *layer.buffers())):
        raise Problem(NO_VALUES)


def _checked_weights(cell: Cell, suffix: str) -> dict[str, Tensor]:
    weights = {name: weight.detach().clone() for name, weight in cell.weights.items()}
    for name, weight in weights.items():
        finite = weight.isfinite()
        if not finite.all():
            value = weight[~finite][0].item()
            raise Problem(BAD_WEIGHT, name=parameter_name(name) + suffix, value=value)
    return weights


def is_plain(layer: Layer) -> bool:
    """Whether calling `layer` is nothing but the function of its cell on its own parameters.

    No hook, no `forward` of its own, no computed weight, nothing that a new layer does not have.
    """
    cell_type = cell_type_of(layer)
    kind = CellLayer if cell_type.layer is None else cell_type.layer
    if type(layer) is not kind or kind.forward.__module__ != kind.__module__:
        return False
    options = tuple((name, getattr(layer, name)) for name in cell_type.options)
    attributes, hooks = _new_attributes(cell_type, options)
    own = vars(layer)
    if not own.keys() <= attributes or any(own[name] for name in hooks) or _has_global_hooks():
        return False
    parameters = list(layer.parameters(recurse=False))
    named = [name for k in range(layer.num_layers) for name in _parameter_names(layer, k)]
    flat = own.get("_flat_weights", parameters)
    return (
        [name for name, _ in layer.named_parameters()] == named
        and all(type(each) is nn.Parameter and not each._backward_hooks for each in parameters)
        and len(flat) == len(parameters)
        and all(one is other for one, other in zip(flat, parameters, strict=True))
    )


def _has_global_hooks() -> bool:
    """Whether hooks are registered that run in every module of the process."""
    return any(
        getattr(module, f"_global_{name}_hooks")
        for name in ("forward", "forward_pre", "backward", "backward_pre")
    )


def _parameter_names(layer: Layer, k: int) -> list[str]:
    fields = cell_type_of(layer).shapes(1, 1)
    return [
        parameter_name(field) + suffix
        for suffix in suffixes(layer, k)
        for field in fields
        if layer.bias or not field.startswith("b_")
    ]


@cache
def _new_attributes(
    cell_type: type[Cell], options: tuple[tuple[str, Any], ...]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """The attributes of a new layer of a cell, and those of them that hold hooks and the like."""
    layer = make_layer(cell_type, 1, 1, device="meta", **dict(options))
    hooks = [name for name in vars(layer) if name.endswith("_hooks")]
    return frozenset(vars(layer)), (*hooks, "_buffers", "_modules")
