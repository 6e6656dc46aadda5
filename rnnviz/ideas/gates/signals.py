"""What a unit reads: a value at the first step, then something else; sometimes a cue to forget.

T = 40 time steps of three numbers: the value, a mark at the first step, a mark at the cue.
"""

import random
from dataclasses import dataclass

from rnnviz.messages import N_

STEPS = 40
FIRST_VALUE = 0.8
CUE = 20
"""The time step, counted from 1, at which a visitor's unit gets the cue."""

SIGNALS = {
    "pulse": N_("one value"),
    "step": N_("a step"),
    "noise": N_("noise"),
    "cue": N_("noise, cue"),
}
"""What can be read, by its code in the address."""

Row = tuple[float, float, float]


@dataclass(frozen=True)
class Phase:
    """Time steps in which a held gate keeps one value.

    Attributes:
        code: in settings and addresses.
        first, last: its time steps, counted from 1, both included.
    """

    code: str
    first: int
    last: int

    def __contains__(self, step: int) -> bool:
        return self.first <= step <= self.last


def has_cue(signal: str) -> bool:
    """Whether the signal contains a cue, after which the memory shall be empty."""
    return signal == "cue"


def rows(signal: str) -> tuple[Row, ...]:
    """The signal: per time step the value, the mark of the first step, the mark of the cue."""
    noise = random.Random(4)
    values = []
    for step in range(1, STEPS + 1):
        drawn = round(noise.uniform(-0.9, 0.9), 2)
        later = {"pulse": 0.0, "step": FIRST_VALUE if step <= 10 else -FIRST_VALUE}
        values.append(later.get(signal, drawn))
    values[0] = FIRST_VALUE
    if has_cue(signal):
        values[CUE - 1] = 0.0
    return tuple(
        (value, float(step == 1), float(has_cue(signal) and step == CUE))
        for step, value in enumerate(values, 1)
    )


def phases(signal: str) -> tuple[Phase, ...]:
    """The phases of the signal in their order."""
    if not has_cue(signal):
        return Phase("first", 1, 1), Phase("later", 2, STEPS)
    return (
        Phase("first", 1, 1),
        Phase("later", 2, CUE - 1),
        Phase("cue", CUE, CUE),
        Phase("after", CUE + 1, STEPS),
    )


def wait_of(signal: str) -> Phase:
    """The phase in which the first value has to be preserved."""
    return phases(signal)[1]
