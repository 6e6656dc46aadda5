"""Which gates a visitor holds, in which phase, and how far open."""

from dataclasses import dataclass

from rnnviz.ideas.gates.signals import phases
from rnnviz.messages import N_
from rnnviz.settings import Range

GATES = {
    "lstm": {"input": "i", "forget": "f", "output": "o"},
    "gru": {"update": "z", "reset": "r"},
}
"""By cell: the gates that can be held, and their symbols."""

KEEP_GATE = {"lstm": "forget", "gru": "update"}
"""By cell: the gate that multiplies the memory of the step before."""

MEMORY = {"lstm": "c", "gru": "h"}
"""By cell: the symbol of the state that is its memory."""

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
    openings = {
        "lstm": {
            "first": {"input": 1.0, "forget": 0.0},
            "later": {"input": 0.0, "forget": 1.0},
            "cue": {"input": 0.0, "forget": 0.0},
            "after": {"input": 0.0, "forget": 0.0},
        },
        "gru": {
            "first": {"update": 0.0},
            "later": {"update": 1.0},
            "cue": {"update": 0.0, "reset": 0.0},
            "after": {"update": 1.0},
        },
    }[cell]
    return tuple(
        Hold(gate, phase.code, value)
        for phase in phases(signal)
        for gate, value in openings[phase.code].items()
    )
