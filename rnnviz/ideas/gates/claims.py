"""What two articles conclude about gates, and what the visitor's own unit says about it."""

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.gates.gated_cells import GATED_CELLS
from rnnviz.ideas.gates.goals import judge, number
from rnnviz.ideas.gates.unit import Walk
from rnnviz.messages import N_, Message

GATES_TEXT = N_("LSTM and GRU work by gates, which learn what to add to the state and remove.")
GATES_FINDING = N_(
    "Over the {steps} steps {inflow} flowed in and {outflow} flowed off, which is exactly the "
    "{memory} that is left."
)
BELT_TEXT = N_(
    "The LSTM carries the past on a conveyor belt c and so solves the vanishing of gradients."
)
BELT_FINDING = N_(
    "It can, and it need not: along the belt the derivative of {memory} at step {last} by "
    "{memory} at step 1 is the product of all {gate}. Without your hand it is {free}, as you hold "
    "it {own}."
)


def gates_claim(walk: Walk) -> Claim:
    """Article 1: gates add and remove."""
    # In hundredths, so that the numbers add up as they are written.
    inflow, memory = round(100 * sum(walk.inflow)), round(100 * walk.memory[-1])
    values = {
        "steps": len(walk.inflow),
        "inflow": number(inflow / 100),
        "outflow": number((inflow - memory) / 100),
        "memory": number(memory / 100),
    }
    return Claim(Message(GATES_TEXT), Verdict.RIGHT, Message(GATES_FINDING, values))


def belt_claim(walk: Walk, free: Walk) -> Claim:
    """Article 2: the cell state carries information past many steps."""
    values = {
        "last": judge(walk).last,
        "memory": GATED_CELLS[walk.cell].memory,
        "gate": GATED_CELLS[walk.cell].gates[GATED_CELLS[walk.cell].keep],
        "free": power(judge(free).share),
        "own": power(judge(walk).share),
    }
    return Claim(Message(BELT_TEXT), Verdict.HALF_RIGHT, Message(BELT_FINDING, values))


def power(value: float) -> str:
    """A positive number in two digits, a small one with a power of ten."""
    if value == 0 or value >= 0.01:
        return f"{value:.2g}"
    digits, _e, exponent = f"{value:.1e}".partition("e")
    return f"{digits}·10" + str(int(exponent)).translate(_RAISED)


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
