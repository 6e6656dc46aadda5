"""One walk forward through a sequence, with everything that it computed.

Dimensions: T time steps, I inputs, H hidden units, D directions, G blocks of weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor, nn

from rnnviz.cells import Cell, States, from_layer
from rnnviz.messages import N_, Problem

NOT_A_SEQUENCE = N_(
    "x has the shape {shape}; allowed is (time steps, features) = (T, {size}) with T at least 1."
)
NOT_A_TENSOR = N_("x is a {given}; allowed is a torch.Tensor of shape (T, {size}).")
NOT_ALIKE = N_(
    "x is {given}, the layer {allowed}; allowed is the same for both, as after x.to({allowed})."
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

    a, r            (T, ..., G*H)  what input and memory said, before the nonlinearity
    states[s]       (T, ..., H)    in the order of cell.states
    gates[name]     (T, ..., H)
    """

    x_proj: Tensor
    h_proj: Tensor
    states: States
    gates: Mapping[str, Tensor]

    @property
    def before(self) -> States:
        """The states one step earlier, beginning with the initial state, zero."""
        return tuple(torch.cat([torch.zeros_like(s[:1]), s[:-1]]) for s in self.states)


def walk(cell: Cell, x: Tensor) -> Walk:
    """Walk `cell` over x (T, ..., I), from the zero state.

    Batch dimensions `...` may be shared with weights that carry them: (..., 1, I) beside
    weights (..., G*H, I).
    """
    a = cell.from_input(x)
    state = tuple(a.new_zeros(*a.shape[1:-1], cell.hidden) for _ in cell.states)
    memories, states, gates = [], [], []
    for said in a:
        remembered = cell.from_hidden(state[0])
        state, now = cell.step(said, remembered, state)
        memories.append(remembered)
        states.append(state)
        gates.append(now)
    return Walk(
        x_proj=a,
        h_proj=torch.stack(memories),
        states=tuple(torch.stack(steps) for steps in zip(*states, strict=True)),
        gates={
            name: torch.stack(steps)
            for name, steps in zip(cell.gates, zip(*gates, strict=True), strict=True)
        },
    )


def rewalk(cell: Cell, x: Tensor, h: Tensor) -> Walk:
    """The walk of `cell` over x (T, ..., I) on which PyTorch's own layer found h (T, ..., H).

    Knowing h, all steps are computed at once: several times faster than `walk`.
    """
    a, before = cell.from_input(x), torch.cat([torch.zeros_like(h[:1]), h[:-1]])
    r = cell.from_hidden(before)
    states, gates = cell.replay(a, r, before)
    return Walk(x_proj=a, h_proj=r, states=states, gates=dict(zip(cell.gates, gates, strict=True)))


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """One layer and direction of a trace; every tensor is ordered by time, also in reverse.

    inputs          (T, I)  what this layer read
    states[name]    (T, H)  "h", and "c" for an LSTM
    gates[name]     (T, H)  in reading order
    parts[name]     two of (T, H): W_ih x + b_ih and W_hh h + b_hh of one gate (or state)
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


def trace(layer: nn.RNN | nn.GRU | nn.LSTM, x: Tensor) -> Trace:
    """Walk a torch.nn layer over one sequence and keep every state and gate.

    Args:
        layer: any torch.nn.RNN, GRU or LSTM; any number of layers, both directions, bias or none.
        x: (T, I), of the layer's type.

    Raises:
        Problem: a layer that is not recurrent or is projected or drops out; a wrong shape or type;
            NaN or infinity in weights or inputs.
    """
    walked, outputs = walk_layers(from_layer(layer), validate(layer, x))
    with torch.no_grad():
        own: Tensor = layer(x.detach())[0]
    return Trace(
        inputs=x.detach(),
        layers=tuple(
            _in_time(steps, inputs, depth, side)
            for depth, (inputs, sides) in enumerate(walked)
            for side, steps in enumerate(sides)
        ),
        outputs=outputs,
        agreement=float((outputs - own).abs().max()),
    )


Walked = list[tuple[Tensor, list[tuple[Cell, Walk]]]]


@torch.no_grad()
def walk_layers(cells: tuple[tuple[Cell, ...], ...], x: Tensor) -> tuple[Walked, Tensor]:
    """Walk all layers: per layer its inputs (T, I) and its directions' walks; outputs (T, D*H)."""
    walked: Walked = []
    for directions in cells:
        sides = [
            (cell, walk(cell, x.flip(0) if reverse else x))
            for reverse, cell in enumerate(directions)
        ]
        walked.append((x, sides))
        x = torch.cat(
            [
                steps.states[0].flip(0) if reverse else steps.states[0]
                for reverse, (_, steps) in enumerate(sides)
            ],
            -1,
        )
        require_finite(x)
    return walked, x


def require_finite(states: Tensor) -> None:
    """Raise a `Problem` that names the first step at which states (T, ...) are not finite."""
    odd = (~states.isfinite()).flatten(1).any(1).nonzero()
    if len(odd):
        raise Problem(TOO_LARGE, dtype=states.dtype, step=int(odd[0]))


def _in_time(side: tuple[Cell, Walk], inputs: Tensor, depth: int, reverse: int) -> LayerTrace:
    cell, steps = side

    def ordered(tensor: Tensor) -> Tensor:
        return tensor.flip(0) if reverse else tensor

    said, remembered = cell.split(ordered(steps.x_proj)), cell.split(ordered(steps.h_proj))
    return LayerTrace(
        cell=cell,
        layer=depth,
        reverse=bool(reverse),
        inputs=inputs,
        states=MappingProxyType(
            {name: ordered(s) for name, s in zip(cell.states, steps.states, strict=True)}
        ),
        gates=MappingProxyType({name: ordered(g) for name, g in steps.gates.items()}),
        parts=MappingProxyType({name: (said[name], remembered[name]) for name in cell.blocks}),
    )


def validate(layer: nn.RNNBase, x: Tensor) -> Tensor:
    """Return x, detached, or raise a `Problem` that says what is wrong with it."""
    size = layer.input_size
    if not isinstance(x, Tensor):
        raise Problem(NOT_A_TENSOR, given=type(x).__name__, size=size)
    if x.dim() != 2 or x.shape[0] < 1 or x.shape[1] != size:
        raise Problem(NOT_A_SEQUENCE, shape=tuple(x.shape), size=size)
    weight = layer.weight_ih_l0
    for given, allowed in ((x.dtype, weight.dtype), (x.device, weight.device)):
        if given != allowed:
            raise Problem(NOT_ALIKE, given=given, allowed=allowed)
    odd = (~x.isfinite()).nonzero()
    if len(odd):
        step, feature = odd[0].tolist()
        raise Problem(BAD_INPUT, step=step, feature=feature, value=x[step, feature].item())
    if layer.training and layer.dropout and layer.num_layers > 1:
        raise Problem(DROPS_OUT, share=layer.dropout)
    return x.detach()
