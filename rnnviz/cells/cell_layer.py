"""A layer for the cells that torch.nn has none for, with the call of torch.nn's own.

B sequences, T time steps, I inputs, H hidden units, L layers, D directions.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from rnnviz.cells.base import Cell, States


class CellLayer(nn.Module):
    """Runs a cell over sequences: arguments, parameter names and call are those of torch.nn.LSTM.

    Its parameters are the weights that the cell declares, `weight_ih_l0` for `w_ih` and so on; with
    `bias` False those of its biases are left out. `options` are those of the cell.
    """

    def __init__(
        self,
        cell_type: type[Cell],
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        self.cell_type = cell_type
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, dropout
        self.bidirectional = bidirectional
        for name in cell_type.options:
            setattr(self, name, options.pop(name))
        if options:
            raise TypeError(f"{cell_type.__name__} has no option {', '.join(options)}")
        for k in range(num_layers):
            size = hidden_size * (1 + bidirectional) if k else input_size
            for suffix in suffixes(self, k):
                for name, shape in cell_type.shapes(size, hidden_size).items():
                    if bias or not name.startswith("b_"):
                        weight = nn.Parameter(torch.empty(shape, device=device, dtype=dtype))
                        self.register_parameter(parameter_name(name) + suffix, weight)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all weights as torch.nn does: uniform within 1/sqrt(H)."""
        bound = self.hidden_size**-0.5
        for weight in self.parameters():
            nn.init.uniform_(weight, -bound, bound)

    def extra_repr(self) -> str:
        sizes = f"{self.input_size}, {self.hidden_size}, layers={self.num_layers}"
        return f"{self.cell_type.name}, {sizes}"

    def forward(
        self, x: Tensor | PackedSequence, hx: Tensor | States | None = None
    ) -> tuple[Tensor | PackedSequence, Tensor | States]:
        """Run over x (B,T,I), (T,B,I), (T,I) or packed; return outputs and last states (L*D,B,H).

        `hx`: the states before the first step; a cell with several takes and gives a tuple.
        """
        if isinstance(x, PackedSequence):
            padded, lengths = pad_packed_sequence(x, batch_first=True)
            outputs, last = self._walk(padded, hx, lengths)
            return _pack_like(x, outputs, lengths), last
        if x.dim() == 2:
            start = None if hx is None else tuple(each[:, None] for each in _tuple(hx))
            outputs, last = self._walk(x[None], start)
            states = tuple(each[:, 0] for each in _tuple(last))
            return outputs[0], states if len(states) > 1 else states[0]
        outputs, last = self._walk(x if self.batch_first else x.transpose(0, 1), hx)
        return outputs if self.batch_first else outputs.transpose(0, 1), last

    def _walk(
        self, x: Tensor, hx: Tensor | States | None, lengths: Tensor | None = None
    ) -> tuple[Tensor, Tensor | States]:
        starts = self._starts(x, hx)
        on_device = None if lengths is None else lengths.to(x.device)
        last_states: list[States] = []
        for k, cells in enumerate(cells_in(self, self.cell_type)):
            if k:
                x = nn.functional.dropout(x, self.dropout, self.training)
            sides = []
            for side, cell in enumerate(cells):
                start = tuple(each[k * len(cells) + side] for each in starts)
                h, last = cell.run(reverse_sequences(x, lengths) if side else x, start, on_device)
                sides.append(reverse_sequences(h, lengths) if side else h)
                last_states.append(last)
            x = torch.cat(sides, dim=-1)
        states = tuple(torch.stack(each) for each in zip(*last_states, strict=True))
        return x, states if len(states) > 1 else states[0]

    def _starts(self, x: Tensor, hx: Tensor | States | None) -> States:
        shape = (self.num_layers * (1 + self.bidirectional), len(x), self.hidden_size)
        if hx is None:
            return tuple(x.new_zeros(shape) for _ in self.cell_type.states)
        states = _tuple(hx)
        shapes = [tuple(each.shape) for each in states]
        if shapes != [shape] * len(self.cell_type.states):
            names = ", ".join(self.cell_type.states)
            raise ValueError(f"hx has the shapes {shapes}; allowed is {shape} for {names}")
        return states


def _tuple(states: Tensor | States) -> States:
    return (states,) if isinstance(states, Tensor) else tuple(states)


def _pack_like(packed: PackedSequence, outputs: Tensor, lengths: Tensor) -> PackedSequence:
    """`outputs` (B,T,D*H) in the layout of `packed`."""
    order = packed.sorted_indices
    if order is not None:
        outputs, lengths = outputs[order], lengths[order.cpu()]
    data = pack_padded_sequence(outputs, lengths, batch_first=True).data
    return PackedSequence(data, packed.batch_sizes, order, packed.unsorted_indices)


Layer = nn.RNNBase | CellLayer
"""A recurrent layer: torch.nn's own, or ours."""


def suffixes(layer: Layer, k: int) -> tuple[str, ...]:
    """The endings of the parameter names of layer `k`, one per direction."""
    return (f"_l{k}", f"_l{k}_reverse") if layer.bidirectional else (f"_l{k}",)


def parameter_name(field: str) -> str:
    """The name of a cell's weight among a layer's parameters, without layer and direction."""
    return field.replace("w_", "weight_", 1).replace("b_", "bias_", 1)


def cells_in(
    layer: Layer, cell_type: type[Cell], computed: Mapping[str, Tensor] | None = None
) -> tuple[tuple[Cell, ...], ...]:
    """The cells whose weights are the parameters of `layer`: per layer, one or two directions.

    `computed`: weights by the name of their parameter, instead of computing them once more.
    """
    known = computed or {}
    options = {name: getattr(layer, name) for name in cell_type.options}
    fields = [n for n in cell_type.shapes(1, 1) if layer.bias or not n.startswith("b_")]

    def cell(suffix: str) -> Cell:
        # By attribute: a parametrised layer computes with that, not with what it stores.
        names = {field: parameter_name(field) + suffix for field in fields}
        weights = {
            field: known[name] if name in known else getattr(layer, name)
            for field, name in names.items()
        }
        return cell_type(**weights, **options)

    return tuple(
        tuple(cell(suffix) for suffix in suffixes(layer, k)) for k in range(layer.num_layers)
    )


def reverse_sequences(x: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Reverse each sequence of x (B,T,...) within its own length; the padding stays behind it."""
    if lengths is None:
        return x.flip(1)
    lengths = lengths.cpu()
    steps = torch.arange(x.shape[1])
    order = torch.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)
    return x[torch.arange(len(x))[:, None], order.to(x.device)]
