"""One walk forward through a sequence, with everything that it computed.

Dimensions: T time steps, I inputs, H hidden units, D directions, G blocks of weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor

from rnnviz.cells import Cell, Layer, States, Step, from_layer, stack_steps
from rnnviz.messages import N_, Problem

NOT_A_SEQUENCE = N_(
    "x has the shape {shape}; allowed is (time steps, features) = (T, {size}) with T at least 1."
)
NOT_A_TENSOR = N_("x is a {actual}; allowed is a torch.Tensor of shape (T, {size}).")
NOT_ALIKE = N_(
    "x is {actual}, the layer {allowed}; allowed is the same for both, as after x.to({allowed})."
)
BAD_INPUT = N_("x[{step}, {feature}] is {value}; allowed are finite numbers.")
TOO_LARGE = N_(
    "The hidden state leaves the range of {dtype} at step {step}: the layer explodes on this "
    "sequence. Allowed are weights and inputs that keep it finite."
)
DROPS_OUT = N_(
    "The layer drops out {share} of its units at random while it is in training mode; "
    "call layer.eval() first."
)


@dataclass(frozen=True, eq=False)
class Walk:
    """What one cell computed on one walk, in the order in which it walked.

    x_proj, h_proj  (T, ..., G*H)  contributions of input and states, before the nonlinearity
    states[s]       (T, ..., H)    in the order of cell.states
    gates[name]     (T, ..., H)
    """

    x_proj: Tensor
    h_proj: Tensor
    states: States
    gates: Mapping[str, Tensor]

    @classmethod
    def of(cls, cell: Cell, x_proj: Tensor, steps: Step) -> "Walk":
        """The walk of `cell` on which all of `steps` were computed from x_proj (T, ..., G*H)."""
        gates = dict(zip(cell.gates, steps.gates, strict=True))
        return cls(x_proj, steps.h_proj, steps.states, gates)

    @property
    def before(self) -> States:
        """The states one step earlier, beginning with the initial state, zero."""
        return tuple(torch.cat([torch.zeros_like(s[:1]), s[:-1]]) for s in self.states)


def walk(cell: Cell, x: Tensor) -> Walk:
    """Walk `cell` over x (T, ..., I), from the zero state.

    Batch dimensions `...` may be shared with weights that carry them: (..., 1, I) beside
    weights (..., G*H, I).
    """
    x_proj = cell.from_input(x)
    states = tuple(x_proj.new_zeros(*x_proj.shape[1:-1], cell.hidden) for _ in cell.states)
    steps = []
    for inputs in x_proj:
        steps.append(cell.step(inputs, states))
        states = steps[-1].states
    return Walk.of(cell, x_proj, stack_steps(steps))


def rewalk(cell: Cell, x: Tensor, h: Tensor) -> Walk:
    """The walk of `cell` over x (T, ..., I) on which the layer itself computed h (T, ..., H).

    With h known, steps need not wait for each other: several times faster than `walk`.
    """
    x_proj, h_before = cell.from_input(x), torch.cat([torch.zeros_like(h[:1]), h[:-1]])
    return Walk.of(cell, x_proj, cell.replay(x_proj, h_before))


@dataclass(frozen=True, eq=False)
class LayerTrace:
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


@dataclass(frozen=True, eq=False)
class Trace:
    """Everything one forward walk computed.

    inputs (T, I), outputs (T, D*H); layers in PyTorch's own order: layer by layer, forward before
    reverse. `agreement` is the largest absolute difference from the layer's own output.
    """

    inputs: Tensor
    layers: tuple[LayerTrace, ...]
    outputs: Tensor
    agreement: float


def trace(layer: Layer, x: Tensor) -> Trace:
    """Walk a recurrent layer over one sequence and keep every state and gate.

    Args:
        layer: any torch.nn.RNN, GRU or LSTM, or a `CellLayer`; any number of layers, both
            directions, bias or none.
        x: (T, I), of the layer's type.

    Raises:
        Problem: a layer that is not recurrent or is projected or drops out; a wrong shape or type;
            NaN or infinity in weights or inputs.
    """
    walks, outputs = walk_layers(from_layer(layer), validate(layer, x))
    with torch.no_grad():
        expected: Tensor = layer(x.detach())[0]
    return Trace(
        inputs=x.detach(),
        layers=tuple(
            _in_time(cell, steps, inputs, depth, reverse=bool(side))
            for depth, (inputs, sides) in enumerate(walks)
            for side, (cell, steps) in enumerate(sides)
        ),
        outputs=outputs,
        agreement=float((outputs - expected).abs().max()),
    )


LayerWalks = list[tuple[Tensor, list[tuple[Cell, Walk]]]]
"""Per layer its inputs (T, I), and the cell and the walk of each direction."""


@torch.no_grad()
def walk_layers(cells: tuple[tuple[Cell, ...], ...], x: Tensor) -> tuple[LayerWalks, Tensor]:
    """Walk all layers over x (T, I); also the outputs (T, D*H) of the last one."""
    walks: LayerWalks = []
    for directions in cells:
        sides = [
            (cell, walk(cell, x.flip(0) if reverse else x))
            for reverse, cell in enumerate(directions)
        ]
        walks.append((x, sides))
        x = torch.cat(
            [
                steps.states[0].flip(0) if reverse else steps.states[0]
                for reverse, (_, steps) in enumerate(sides)
            ],
            -1,
        )
        require_finite(x)
    return walks, x


def require_finite(states: Tensor) -> None:
    """Raise a `Problem` that names the first step at which states (T, ...) are not finite."""
    steps = (~states.isfinite()).flatten(1).any(1).nonzero()
    if len(steps):
        raise Problem(TOO_LARGE, dtype=states.dtype, step=int(steps[0]))


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
        states=MappingProxyType({name: in_time(state) for name, state in states}),
        gates=MappingProxyType({name: in_time(gate) for name, gate in steps.gates.items()}),
        parts=MappingProxyType({name: (from_x[name], from_h[name]) for name in cell.blocks}),
    )


def validate(layer: Layer, x: Tensor) -> Tensor:
    """Return x, detached, or raise a `Problem` that says what is wrong with it."""
    size = layer.input_size
    if not isinstance(x, Tensor):
        raise Problem(NOT_A_TENSOR, actual=type(x).__name__, size=size)
    if x.dim() != 2 or x.shape[0] < 1 or x.shape[1] != size:
        raise Problem(NOT_A_SEQUENCE, shape=tuple(x.shape), size=size)
    weight = layer.weight_ih_l0
    for actual, allowed in ((x.dtype, weight.dtype), (x.device, weight.device)):
        if actual != allowed:
            raise Problem(NOT_ALIKE, actual=actual, allowed=allowed)
    bad = (~x.isfinite()).nonzero()
    if len(bad):
        step, feature = bad[0].tolist()
        raise Problem(BAD_INPUT, step=step, feature=feature, value=x[step, feature].item())
    if layer.training and layer.dropout and layer.num_layers > 1:
        raise Problem(DROPS_OUT, share=layer.dropout)
    return x.detach()
