"""What the page's further parts show: padding, return values, carried states, one cell's loop."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnviz.ideas.shapes.layers import DEPTH, Shape, build
from rnnviz.ideas.shapes.settings import LayerSettings


@dataclass(frozen=True)
class Padded:
    """One sequence, followed by padding, as the layer reads it.

    Attributes:
        length: its true length T; `pads` zero vectors follow it.
        inputs: (T+P, I).
        output: (T+P, D·H), of the sequence with its padding.
        truth: (D·H), the last output of the sequence without padding.
        distances: how far each step of `output` is from `truth`, (T+P).
        packed_distance: the same for the true length of a packed sequence.
    """

    length: int
    pads: int
    inputs: Tensor
    output: Tensor
    truth: Tensor
    distances: Tensor
    packed_distance: float

    @property
    def norm(self) -> float:
        """Of the vector that the sequence alone leads to."""
        return float(self.truth.norm())

    @property
    def last_distance(self) -> float:
        """How far y_out[:, -1] is from the truth."""
        return float(self.distances[-1])

    @property
    def length_distance(self) -> float:
        """How far the vector at the true length is from the truth."""
        return float(self.distances[self.length - 1])


def pad(settings: LayerSettings, pads: int) -> Padded:
    """Read the first sequence of the batch, followed by `pads` vectors of zeros."""
    network = build(settings)
    alone = network.inputs[:1]
    length = settings.steps
    padded = torch.cat([alone, alone.new_zeros(1, pads, settings.inputs)], dim=1)
    output = network.layer(padded)[0][0]
    truth = network.layer(alone)[0][0, -1]
    packed = pack_padded_sequence(padded, torch.tensor([length]), batch_first=True)
    unpacked, _lengths = pad_packed_sequence(network.layer(packed)[0], batch_first=True)
    return Padded(
        length=length,
        pads=pads,
        inputs=padded[0],
        output=output,
        truth=truth,
        distances=(output - truth).norm(dim=1),
        packed_distance=float((unpacked[0, length - 1] - truth).norm()),
    )


@dataclass(frozen=True)
class Returned:
    """What a Keras layer returns.

    Attributes:
        output: (B', T, D·H), every step in the order in which it was read (two directions: in the
            order of time).
        is_returned: whether each step and half of `output` is among what is returned, (T, D).
        shapes: of the values returned, in their order.
    """

    output: Tensor
    is_returned: tuple[tuple[bool, ...], ...]
    shapes: tuple[Shape, ...]


def returned_values(
    settings: LayerSettings, *, sequences: bool, state: bool, backwards: bool
) -> Returned:
    """What return_sequences, return_state and go_backwards make of the layer of `settings`.

    Keras puts the batch first. With two directions go_backwards has no place and is ignored.
    """
    network = build(settings)
    ways, steps, batch, hidden = settings.ways, settings.steps, settings.batch, settings.hidden
    is_reversed = backwards and ways == 1
    inputs = network.inputs.flip(1) if is_reversed else network.inputs
    output, states = network.layer(inputs)
    count = len(states) if isinstance(states, tuple) else 1
    # The backward half ends where the sequence begins.
    ends = [steps - 1, 0][:ways]
    first: Shape = (batch, steps, ways * hidden) if sequences else (batch, ways * hidden)
    return Returned(
        output=output[:DEPTH].clone(),
        is_returned=tuple(tuple(sequences or step == end for end in ends) for step in range(steps)),
        shapes=(first, *[(batch, hidden)] * (count * ways * state)),
    )


@dataclass(frozen=True)
class TwoSequences:
    """Two sequences one after the other, read by the first layer, forwards.

    Attributes:
        first: (T, H), the states of the first sequence.
        reset: (T, H), those of the second, which starts from zeros.
        carried: (T, H), those of the second if it starts from the last state of the first.
    """

    first: Tensor
    reset: Tensor
    carried: Tensor

    @property
    def distances(self) -> Tensor:
        """Between `reset` and `carried`, one for each time step."""
        return torch.cdist(self.reset[:, None], self.carried[:, None])[:, 0, 0]


def read_two(settings: LayerSettings) -> TwoSequences:
    """Read two sequences of the batch; a batch of one is read twice."""
    network = build(settings, is_plain=True)
    one, other = network.inputs[:1], network.inputs[1 % settings.batch :][:1]
    first, state = network.layer(one)
    reset, _state = network.layer(other)
    carried, _state = network.layer(other, state)
    return TwoSequences(first[0], reset[0], carried[0])


CELL_CLASSES: dict[type[nn.RNNBase], Callable[[int, int], nn.RNNCellBase]] = {
    nn.RNN: nn.RNNCell,
    nn.LSTM: nn.LSTMCell,
    nn.GRU: nn.GRUCell,
}


def step_by_step_error(settings: LayerSettings) -> float:
    """How far PyTorch's cell, called at every step with the same weights, is from its layer.

    The largest difference of the output in the first layer, forwards.
    """
    network = build(settings, is_plain=True)
    cell = CELL_CLASSES[type(network.layer)](settings.inputs, settings.hidden)
    weights = network.layer.state_dict()
    cell.load_state_dict({name.removesuffix("_l0"): weight for name, weight in weights.items()})
    state, states = None, []
    with torch.no_grad():
        for x_t in network.inputs.unbind(1):
            state = cell(x_t, state)
            states.append(state[0] if isinstance(state, tuple) else state)
    difference = torch.stack(states, dim=1) - network.layer(network.inputs)[0]
    return float(difference.abs().max())
