"""Whether a walk reached its goal, and the sentence that says so: all from the walk's own numbers.

The goal: what flows in at step 1 stays to the end; where there is a cue, it stays until the step
before the cue, and from the cue on nothing is in the memory.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from rnnviz.ideas.gates.gated_cells import GATED_CELLS
from rnnviz.ideas.gates.signals import CUE, STEPS, has_cue, wait_of
from rnnviz.ideas.gates.unit import Walk
from rnnviz.messages import N_, Message

LEAST = 0.25
"""What the first step must write at least."""
TOLERANCE = 0.15
"""How far the memory may be from the first value, as a share of it."""


class Outcome(StrEnum):
    """What became of the first value."""

    EMPTY = "nothing was written"
    LEAKED = "it leaked out"
    FLOODED = "other water covered it"
    PRESERVED = "it is there at the end"
    RESET = "it stayed until the cue and left"
    LATE = "it is still there after the cue"
    REFILLED = "it left, but something else came in"


@dataclass(frozen=True)
class Judgement:
    """What a walk did to the first value.

    Attributes:
        outcome: what became of it.
        first, end: the memory after step 1 and at `last`, the end of the wait.
        last: the step before the cue, or the last one.
        share: the product of the keep gate over the wait: how much of the first value is left, and
            the derivative of the memory at `last` by that at step 1 along this path.
        half_life: after how many steps half is gone, at the mean leak of the wait.
        inflow: what flowed in during the wait.
        rest: where there is a cue, the memory farthest from 0 from the cue on.
    """

    outcome: Outcome
    first: float
    end: float
    last: int
    share: float
    half_life: float
    inflow: float
    rest: float

    @property
    def is_reached(self) -> bool:
        """Whether the goal is reached."""
        return self.outcome in (Outcome.PRESERVED, Outcome.RESET)


def judge(walk: Walk) -> Judgement:
    """What the walk did to the first value."""
    wait = wait_of(walk.signal)
    keep = walk.keep[wait.first - 1 : wait.last]
    share = math.prod(keep)
    first, end = walk.memory[1], walk.memory[wait.last]
    rest = max(walk.memory[CUE:], key=abs) if has_cue(walk.signal) else 0.0
    return Judgement(
        outcome=_outcome(walk, first, end, share, rest),
        first=first,
        end=end,
        last=wait.last,
        share=share,
        half_life=half_life(keep),
        inflow=sum(walk.inflow[wait.first - 1 : wait.last]),
        rest=rest,
    )


def half_life(keep: tuple[float, ...]) -> float:
    """ln 2 / −ln f: after how many steps half of the memory is gone, f the geometric mean."""
    if min(keep) <= 0:
        return 0.0
    decay = -sum(math.log(each) for each in keep) / len(keep)
    return math.log(2) / decay if decay > 0 else math.inf


def _outcome(walk: Walk, first: float, end: float, share: float, rest: float) -> Outcome:
    tolerance = TOLERANCE * abs(first)
    if abs(first) < LEAST:
        return Outcome.EMPTY
    if share < 1 - TOLERANCE:
        return Outcome.LEAKED
    if abs(end - first) > tolerance:
        return Outcome.FLOODED
    if not has_cue(walk.signal):
        return Outcome.PRESERVED
    if abs(rest) <= tolerance:
        return Outcome.RESET
    return Outcome.LATE if abs(walk.memory[CUE]) > tolerance else Outcome.REFILLED


GOALS = {
    False: N_("Goal: what flows in at step 1 is still in the memory at step {last}."),
    True: N_(
        "Goal: what flows in at step 1 stays until step {last}, and from the cue at step {cue} on "
        "the memory is empty."
    ),
}
"""By whether there is a cue."""

FINDINGS = {
    Outcome.EMPTY: N_(
        "Nothing to keep: at step 1 only {first} flows in; the goal needs {least} or more."
    ),
    Outcome.LEAKED: N_(
        "Forgotten: of {first} at step 1, {share} is left at step {last}; half leaks out in "
        "{half_life} {half_life:step|steps}."
    ),
    Outcome.FLOODED: N_(
        "Covered: {share} of the first value is left, but {inflow} more flowed in: {first} became "
        "{end}."
    ),
    Outcome.PRESERVED: N_(
        "Kept: {first} at step 1 is {end} at step {last}; the half-life is {half_life} "
        "{half_life:step|steps}."
    ),
    Outcome.RESET: N_(
        "Kept and emptied: {first} at step 1 is {end} at step {last}, and from the cue on at most "
        "{rest} is there."
    ),
    Outcome.LATE: N_(
        "Kept too long: {end} at step {last} was to leave at the cue, but {rest} is there after it."
    ),
    Outcome.REFILLED: N_(
        "Emptied at the cue, but not for long: {rest} is there after it, and it was to stay empty."
    ),
}


def goal(signal: str) -> Message:
    """What the visitor is to achieve with this signal."""
    last = wait_of(signal).last if has_cue(signal) else STEPS
    return Message(GOALS[has_cue(signal)], {"last": last, "cue": CUE})


def finding(judgement: Judgement) -> Message:
    """What became of the first value, in one sentence."""
    values = {
        "first": number(judgement.first),
        "end": number(judgement.end),
        "last": judgement.last,
        "share": percent(judgement.share),
        "half_life": steps_text(judgement.half_life),
        "inflow": number(judgement.inflow),
        "rest": number(judgement.rest),
        "least": f"{LEAST:g}",
    }
    template = FINDINGS[judgement.outcome]
    return Message(template, {name: text for name, text in values.items() if name in template})


COMPARISONS = {
    (True, True): N_(
        "Training found it too: its {gate} waits at {trained}, yours at {yours}, and both reach "
        "the goal."
    ),
    (True, False): N_(
        "Training found what is missing: its {gate} waits at {trained}, yours at {yours}. It "
        "has {trained_end} at step {last}, yours {end}."
    ),
    (False, True): N_(
        "You beat the training: from this random start its {gate} waits at {trained} and it "
        "misses the goal; yours waits at {yours} and reaches it."
    ),
    (False, False): N_(
        "Neither reaches the goal: the {gate} of the trained unit waits at {trained}, yours at "
        "{yours}."
    ),
}
"""By whether the trained unit reaches the goal, and whether the visitor's does."""


def comparison(trained: Walk, own: Walk) -> Message:
    """What training found, beside what the visitor did, at the gate in which they differ most."""
    judgements = judge(trained), judge(own)
    template = COMPARISONS[judgements[0].is_reached, judgements[1].is_reached]
    openings = {
        gate: (waiting_opening(trained, gate), waiting_opening(own, gate))
        for gate in GATED_CELLS[own.cell].memory_gates
    }
    gate = max(openings, key=lambda name: abs(openings[name][0] - openings[name][1]))
    values = {
        "gate": Message(GATE_NAMES[gate]),
        "trained": f"{openings[gate][0]:.2f}",
        "yours": f"{openings[gate][1]:.2f}",
        "trained_end": number(judgements[0].end),
        "end": number(judgements[1].end),
        "last": judgements[1].last,
    }
    return Message(
        template, {name: text for name, text in values.items() if f"{{{name}}}" in template}
    )


def waiting_opening(walk: Walk, gate: str) -> float:
    """The mean opening of a gate during the wait."""
    wait = wait_of(walk.signal)
    values = walk.gates[gate][wait.first - 1 : wait.last]
    return sum(values) / len(values)


GATE_NAMES = {
    "forget": N_("forget gate"),
    "input": N_("input gate"),
    "update": N_("update gate"),
}


def number(value: float) -> str:
    """A number with two decimals and a real minus."""
    text = f"{value:.2f}"
    return "0.00" if float(text) == 0 else text.replace("-", "−")


def percent(share: float) -> str:
    """A share in percent, in three digits."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{100 * share:.3g} %"


def steps_text(steps: float) -> str:
    """A number of steps, with one decimal where it is small, or ∞."""
    if math.isinf(steps):
        return "∞"
    return f"{steps:.1f}" if steps < 100 else f"{steps:.0f}"
