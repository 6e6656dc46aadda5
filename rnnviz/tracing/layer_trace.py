"""One walk forward through a sequence, with everything that it computed.

Dimensions: T time steps, I inputs, H hidden units, D directions, G blocks of weights.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.cells import Cell, Layer
from rnnviz.tracing.layer_run import layer_run
from rnnviz.tracing.results import (
    Fact,
    FrozenDict,
    Result,
    agreement_facts,
    norm_facts,
    saturation,
    saturation_facts,
    size_facts,
)
from rnnviz.tracing.walks import Walk, walk_layers


@dataclass(frozen=True, eq=False, repr=False)
class LayerTrace(Result):
    """One layer and direction of a trace; every tensor is ordered by time, also in reverse.

    inputs          (T, I)  what this layer read
    states[name]    (T, H)  "h", and the cell's others, such as the "c" of an LSTM
    gates[name]     (T, H)  in reading order
    parts[name]     two of (T, H): x_proj and h_proj of one gate (or state)
    """

    cell: Cell
    layer: int
    reverse: bool
    inputs: Tensor
    states: Mapping[str, Tensor]
    gates: Mapping[str, Tensor]
    parts: Mapping[str, tuple[Tensor, Tensor]]

    @property
    def saturation(self) -> float:
        """The share of gates and states near their bounds, see `rnnviz.tracing.saturation`."""
        return saturation(self.cell, {**self.gates, **self.states})

    def facts(self) -> list[Fact]:
        return [
            *size_facts(self.cell, len(self.inputs)),
            Fact("layer", f"{self.layer}{', reverse' if self.reverse else ''}"),
            *saturation_facts(self.saturation),
            *norm_facts("|h|", self.states["h"].norm(dim=-1)),
        ]


@dataclass(frozen=True, eq=False, repr=False)
class Trace(Result):
    """Everything one forward walk computed, with numbers of its own.

    inputs (T, I), outputs (T, D*H); layers in PyTorch's own order: layer by layer, forward before
    reverse. `agreement` is the largest absolute difference from the layer's own output, NaN
    without a check.
    """

    inputs: Tensor
    layers: tuple[LayerTrace, ...]
    outputs: Tensor
    agreement: float

    @property
    def saturation(self) -> float:
        """The mean of the layers' `saturation`."""
        return sum(side.saturation for side in self.layers) / len(self.layers)

    def facts(self) -> list[Fact]:
        last = self.layers[-1]
        return [
            *size_facts(last.cell, len(self.inputs), last.layer + 1, 1 + last.reverse),
            *agreement_facts(self.agreement, "largest difference from the layer's own outputs"),
            *saturation_facts(self.saturation),
            *norm_facts("|h|", last.states["h"].norm(dim=-1)),
        ]


@torch.inference_mode(False)
def trace(layer: Layer, x: Tensor, *, check: bool = True) -> Trace:
    """Walk a recurrent layer over one sequence and keep every state and gate.

    The layer is called once, as layer(x), so that its weights are those with which it computes now
    (pruning and weight norm decide them in hooks); its parameters and buffers stay as they are.

    Args:
        layer: any torch.nn.RNN, GRU or LSTM, or a `CellLayer`; any number of layers, both
            directions, bias or none.
        x: (T, I), of the layer's type.
        check: whether to compare with what the layer itself computes. Without it `agreement` is
            NaN, and a layer without hooks is not called.

    Raises:
        Problem: a layer that is not recurrent or is projected or drops out; a wrong shape or type;
            NaN or infinity in weights or inputs; with `check`, a layer that computes something
            else than its cell, as with a hook or a forward of its own that changes its outputs.
    """
    with layer_run(layer, x, check=check, call=check) as run:
        walks, outputs = walk_layers(run.cells, run.x)
    agreement = math.nan
    if check and run.outputs is not None:
        agreement = float((outputs - run.outputs).abs().max())
    return Trace(
        inputs=run.x,
        layers=tuple(
            _in_time(cell, steps, inputs, depth, reverse=bool(side))
            for depth, (inputs, sides) in enumerate(walks)
            for side, (cell, steps) in enumerate(sides)
        ),
        outputs=outputs,
        agreement=agreement,
    )


def _in_time(cell: Cell, steps: Walk, inputs: Tensor, depth: int, *, reverse: bool) -> LayerTrace:
    def in_time(tensor: Tensor) -> Tensor:
        return tensor.flip(0) if reverse else tensor

    from_x, from_h = cell.split(in_time(steps.x_proj)), cell.split(in_time(steps.h_proj))
    states = zip(cell.states, steps.states, strict=True)
    return LayerTrace(
        cell=cell,
        layer=depth,
        reverse=reverse,
        inputs=inputs,
        states=FrozenDict({name: in_time(state) for name, state in states}),
        gates=FrozenDict({name: in_time(gate) for name, gate in steps.gates.items()}),
        parts=FrozenDict({name: (from_x[name], from_h[name]) for name in cell.blocks}),
    )
