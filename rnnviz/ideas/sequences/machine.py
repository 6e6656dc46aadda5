"""The memory machine: processors that hand on a running total, as a chain, a loop or a tree.

It is the smallest recurrent network: one unit, h_t = w_x x_t + w_h h_{t-1} with w_x = 1. With
w_h = 1 the state is the total so far; with w_h = 0 there is no memory.
"""

import re
from dataclasses import dataclass

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.listing import Listing
from rnnviz.messages import N_, Message, Problem, excerpt

MOST_NUMBERS = 8
LARGEST = 1_000_000
EXAMPLE = "30900 5100 12000 2500"

NOT_A_NUMBER = N_(
    "{value} is not a number that the machine takes; allowed is a whole number from 0 to {most}."
)
TOO_MANY = N_("{count} numbers do not fit; allowed are at most {most}.")
NOTHING = N_("Type a few numbers, with a space between them.")

REMEMBERS = N_("What matters most is that the second processor remembers the {first} of the first.")
WITH_MEMORY = N_("Only then can it say {total}; without memory it says {alone}.")
ONE_ALONE = N_("With one number there is nothing to remember; type a second.")
NOTHING_TO_REMEMBER = N_("Here the first number is 0, so remembering it changes nothing.")
NOT_RECURSIVE = N_("Recurrent and recursive networks are entirely different things.")
ONE_IS_THE_OTHER = N_(
    "The tree joins neighbours, {depth} {depth:level|levels} deep; the loop is the tree that leans "
    "to one side, {steps} {steps:level|levels} deep. Both use the same weights at every joint and "
    "here reach the same {total}: two kinds of network, one family."
)

LISTING = """\
import torch

numbers = torch.tensor({numbers})
rnn = torch.nn.RNN(1, 1, nonlinearity="relu", bias=False)
with torch.no_grad():
    rnn.weight_ih_l0.fill_(1)
    rnn.weight_hh_l0.fill_({weight})  # the memory
    states, last = rnn(numbers[:, None])
print(states.flatten().int().tolist())
"""

KERAS = """\
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np

numbers = np.array({numbers}).reshape(1, -1, 1)
rnn = keras.layers.SimpleRNN(1, activation="relu", use_bias=False, return_sequences=True)
rnn.build(numbers.shape)
rnn.set_weights([np.ones((1, 1)), np.full((1, 1), {weight})])  # the input, the memory
states = keras.ops.convert_to_numpy(rnn(numbers))
print(states.ravel().astype(int).tolist())
"""


@dataclass(frozen=True)
class Machine:
    """What the processors hold after each number has come in."""

    numbers: tuple[int, ...]
    states: tuple[int, ...]
    has_memory: bool

    @property
    def memories(self) -> tuple[int, ...]:
        """What comes from the step before, at each step."""
        return (0, *self.states[:-1]) if self.has_memory else (0,) * len(self.states)


def parse_numbers(text: str) -> tuple[int, ...]:
    """The numbers that a visitor typed; 30,900 is one number.

    Raises:
        Problem: there are none, too many, or one that is not allowed.
    """
    words = [word for word in re.split(r"[\s;]+|,(?!\d{3}(?!\d))", text) if word]
    if not words:
        raise Problem(NOTHING)
    if len(words) > MOST_NUMBERS:
        raise Problem(TOO_MANY, count=len(words), most=MOST_NUMBERS)
    return tuple(map(_parse_number, words))


def _parse_number(word: str) -> int:
    digits = word.replace(",", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits) <= LARGEST):
        raise Problem(NOT_A_NUMBER, value=excerpt(word), most=f"{LARGEST:,}")
    return int(digits)


def run(numbers: tuple[int, ...], *, has_memory: bool) -> Machine:
    """Feed the numbers one by one."""
    states, state = [], 0
    for number in numbers:
        state = number + has_memory * state
        states.append(state)
    return Machine(numbers, tuple(states), has_memory)


def tree(numbers: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """The levels of a recursive network that joins neighbours, from the numbers to the total."""
    levels = [numbers]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append(tuple(sum(below[place : place + 2]) for place in range(0, len(below), 2)))
    return tuple(levels)


def claim(numbers: tuple[int, ...], form: str) -> Claim:
    """What the articles say of the memory, and of loop and tree."""
    totals = run(numbers, has_memory=True).states
    if form == "tree":
        depth = len(tree(numbers)) - 1
        values = {"depth": depth, "steps": len(numbers) - 1, "total": f"{totals[-1]:,}"}
        return Claim(Message(NOT_RECURSIVE), Verdict.HALF_RIGHT, Message(ONE_IS_THE_OTHER, values))
    text = Message(REMEMBERS, {"first": f"{numbers[0]:,}"})
    if len(numbers) == 1:
        return Claim(text, Verdict.HALF_RIGHT, Message(ONE_ALONE))
    if numbers[0] == 0:
        return Claim(text, Verdict.HALF_RIGHT, Message(NOTHING_TO_REMEMBER))
    values = {"total": f"{totals[1]:,}", "alone": f"{numbers[1]:,}"}
    return Claim(text, Verdict.RIGHT, Message(WITH_MEMORY, values))


def listings(numbers: tuple[int, ...], *, has_memory: bool) -> list[Listing]:
    """The machine in PyTorch and in Keras: one unit, and a weight of 1 or 0 for the memory."""
    values = {"numbers": [float(number) for number in numbers], "weight": int(has_memory)}
    states = str(list(run(numbers, has_memory=has_memory).states))
    programs = {"PyTorch": LISTING, "Keras": KERAS}
    return [Listing(name, code.format(**values), states) for name, code in programs.items()]
