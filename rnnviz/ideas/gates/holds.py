"""Which gates a visitor holds, in which phase, and how far open."""

from dataclasses import dataclass

from rnnviz.ideas.gates.gated_cells import GATED_CELLS
from rnnviz.ideas.gates.signals import phases
from rnnviz.messages import N_
from rnnviz.settings import Range

OPENING = Range(0.0, 1.0, step=0.01, label=N_("Opening"))

BIAS = Range(-4.0, 8.0, step=0.5, label=N_("Bias b of the frozen gate"))
BIASES = tuple(half / 2 for half in range(-8, 17))
"""Every value of `BIAS`."""


@dataclass(frozen=True)
class Hold:
    """A gate that is held in a phase: `value` is 0 for shut, 1 for open."""

    gate: str
    phase: str
    value: float


Holds = tuple[Hold, ...]


def solution(cell: str, signal: str) -> Holds:
    """Holds that reach the goal: write at first, then preserve; at the cue let everything go."""
    return tuple(
        Hold(gate, phase.code, value)
        for phase in phases(signal)
        for gate, value in GATED_CELLS[cell].solution[phase.code].items()
    )
