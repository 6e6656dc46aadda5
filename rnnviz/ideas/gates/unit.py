"""One unit that reads a signal while a visitor holds its gates: all numbers of the picture."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.ideas.gates.flow import Weights, flow
from rnnviz.ideas.gates.gated_cells import GATED_CELLS
from rnnviz.ideas.gates.holds import Holds
from rnnviz.ideas.gates.signals import STEPS, phases, rows

INPUTS = 3

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Unit:
    """The weights of one unit, in PyTorch's order of the blocks.

    Attributes:
        cell: its code.
        w_ih: a row of three numbers for each block.
        w_hh, b_ih, b_hh: a number for each block.
    """

    cell: str
    w_ih: tuple[Numbers, ...]
    w_hh: Numbers
    b_ih: Numbers
    b_hh: Numbers

    @property
    def weights(self) -> Weights:
        """The weights as tensors in double precision."""
        w_ih, w_hh, b_ih, b_hh = (
            torch.tensor(each, dtype=torch.float64)
            for each in (self.w_ih, self.w_hh, self.b_ih, self.b_hh)
        )
        return w_ih, w_hh.unsqueeze(1), b_ih, b_hh

    @classmethod
    def of(cls, cell: str, weights: Weights, digits: int) -> "Unit":
        """The unit with these weights, rounded so that a program can contain them."""
        w_ih, w_hh, b_ih, b_hh = (each.detach().double() for each in weights)

        def rounded(values: Tensor) -> Numbers:
            return tuple(round(value, digits) for value in values.flatten().tolist())

        return cls(cell, tuple(map(rounded, w_ih)), rounded(w_hh), rounded(b_ih), rounded(b_hh))


@dataclass(frozen=True)
class Walk:
    """What the unit did at each of T steps.

    Attributes:
        cell, signal: their codes.
        memory: T+1 numbers; the first is that before all steps.
        inflow, outflow, candidate, hidden: T numbers each, as in `Flow`.
        gates: T numbers for each gate.
        held: by gate, whether it was held at each step.
    """

    cell: str
    signal: str
    memory: Numbers
    inflow: Numbers
    outflow: Numbers
    candidate: Numbers
    hidden: Numbers
    gates: dict[str, Numbers]
    held: dict[str, tuple[bool, ...]]

    @property
    def keep(self) -> Numbers:
        """The factor by which each step multiplies the memory."""
        return self.gates[GATED_CELLS[self.cell].keep]


def starting_weights(cell: str, generator: torch.Generator) -> Weights:
    """The weights of an untrained unit: uniform within ±1, as PyTorch draws them for one unit."""
    blocks = 4 if cell == "lstm" else 3

    def draw(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator) * 2 - 1

    return draw(blocks, INPUTS), draw(blocks, 1), draw(blocks), draw(blocks)


def untrained_unit(cell: str) -> Unit:
    """The unit that a visitor holds: random weights, the same for everyone."""
    generator = torch.Generator().manual_seed(GATED_CELLS[cell].seed)
    return Unit.of(cell, starting_weights(cell, generator), digits=2)


def held_openings(signal: str, holds: Holds) -> dict[str, Tensor]:
    """(T,) by gate: the opening in each phase in which it is held, NaN elsewhere."""
    by_code = {phase.code: phase for phase in phases(signal)}
    openings: dict[str, Tensor] = {}
    for hold in holds:
        if phase := by_code.get(hold.phase):
            free = torch.full((STEPS,), math.nan, dtype=torch.float64)
            values = openings.setdefault(hold.gate, free)
            values[phase.first - 1 : phase.last] = hold.value
    return openings


def walk(unit: Unit, signal: str, holds: Holds = ()) -> Walk:
    """Let the unit read the signal while `holds` replace what its gates compute."""
    x = torch.tensor([rows(signal)], dtype=torch.float64)
    openings = held_openings(signal, holds)
    with torch.no_grad():
        result = flow(unit.cell, unit.weights, x, openings)

    def numbers(values: Tensor) -> Numbers:
        return tuple(values.flatten().tolist())

    gates = GATED_CELLS[unit.cell].gates
    free = torch.full((STEPS,), math.nan)
    return Walk(
        cell=unit.cell,
        signal=signal,
        memory=numbers(result.memory),
        inflow=numbers(result.inflow),
        outflow=numbers(result.outflow),
        candidate=numbers(result.candidate),
        hidden=numbers(result.hidden),
        gates={gate: numbers(result.gates[gate]) for gate in gates},
        held={gate: tuple((~openings.get(gate, free).isnan()).tolist()) for gate in gates},
    )


def ledger(walk: Walk, step: int) -> tuple[int, int, int, int]:
    """Memory before, outflow, inflow, memory after a step, in thousandths that add up exactly.

    The two memories and the inflow are rounded; the outflow takes what the rounding leaves.
    """
    before, after = (round(1000 * walk.memory[k]) for k in (step - 1, step))
    inflow = round(1000 * walk.inflow[step - 1])
    return before, before + inflow - after, inflow, after
