"""A unit that is trained to do what the visitor's hands do: preserve a value, or empty at a cue."""

from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.ideas.gates.flow import Weights
from rnnviz.ideas.gates.signals import STEPS
from rnnviz.ideas.gates.unit import INPUTS, Unit, starting_weights

SEQUENCES = 32
SHORT, SHORT_STEPS = 12, 400
"""Training begins with sequences of so few time steps, for so many training steps."""
LONG_STEPS = 120
"""How many training steps follow with sequences of full length."""
LEARNING_RATE = 0.2
FORGET_BIAS = 2.0
"""Where the forget gate starts: half open, it would never find out that a memory pays."""


@dataclass(frozen=True)
class TrainedUnit:
    """A unit after training, and how it came about.

    Attributes:
        unit: its weights.
        steps: how many training steps it took.
        error: the mean absolute distance of the memory from its target on new sequences.
    """

    unit: Unit
    steps: int
    error: float


def trained_unit(cell: str, empties_at_cue: bool, seed: int) -> Generator[float, None, TrainedUnit]:
    """Train one unit until its memory is the first value that it reads, whatever follows.

    The loss is the squared distance of the memory from that value at every time step; with
    `empties_at_cue` from 0 once the cue has come.

    Yields:
        The share that is done.
    """
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(seed)
    weights = _start(cell, generator)
    optimiser = torch.optim.Adam(weights, lr=LEARNING_RATE)
    steps = SHORT_STEPS + LONG_STEPS
    for step in range(steps):
        if step % 20 == 0:
            yield step / steps
        optimiser.param_groups[0]["lr"] = LEARNING_RATE * (1 - step / steps) + 0.003
        length = SHORT if step < SHORT_STEPS else STEPS
        x, target = sequences(SEQUENCES, length, empties_at_cue, generator)
        loss = (memories(cell, weights, x) - target).square().mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
    x, target = sequences(500, STEPS, empties_at_cue, generator)
    with torch.no_grad():
        error = (memories(cell, weights, x) - target).abs().mean().item()
    return TrainedUnit(Unit.of(cell, weights, digits=4), steps, error)


def sequences(
    count: int, length: int, empties_at_cue: bool, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Random signals and what the memory shall be: (count, length, 3) and (count, length).

    A first value beyond ±0.3 with its mark, then noise; the cue comes in the middle half.
    """

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator) * 2 - 1

    x = torch.zeros(count, length, INPUTS)
    x[..., 0] = 0.9 * uniform(count, length)
    first = uniform(count)
    first = first.sign() * (0.3 + 0.6 * first.abs())
    x[:, 0, 0], x[:, 0, 1] = first, 1.0
    target = first.unsqueeze(1).repeat(1, length)
    if empties_at_cue:
        cues = torch.randint(length // 4, 3 * length // 4, (count,), generator=generator)
        x[torch.arange(count), cues, 0], x[torch.arange(count), cues, 2] = 0.0, 1.0
        target = target.where(torch.arange(length) < cues.unsqueeze(1), torch.tensor(0.0))
    return x, target


def memories(cell: str, weights: Weights, x: Tensor) -> Tensor:
    """(B,T): the memory of one unit at every step, by PyTorch's own fused steps."""
    h = c = x.new_zeros(len(x), 1)
    states = []
    for t in range(x.shape[1]):
        if cell == "lstm":
            h, c = torch.lstm_cell(x[:, t], (h, c), *weights)
            states.append(c)
        else:
            h = torch.gru_cell(x[:, t], h, *weights)
            states.append(h)
    return torch.cat(states, 1)


def _start(cell: str, generator: torch.Generator) -> Weights:
    w_ih, w_hh, b_ih, b_hh = starting_weights(cell, generator)
    if cell == "lstm":
        b_ih[1], b_hh[1] = FORGET_BIAS, 0.0
    for each in (w_ih, w_hh, b_ih, b_hh):
        each.requires_grad_()
    return w_ih, w_hh, b_ih, b_hh
