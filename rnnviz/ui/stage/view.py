"""Where a visitor is on the stage, and the pseudocode beside the views. T time steps."""

from dataclasses import dataclass
from typing import Literal

Phase = Literal["forward", "backward"]
LiveValue = Literal[
    "", "start", "token", "state", "prediction", "loss", "gradient", "factor", "sum"
]


@dataclass(frozen=True)
class Position:
    """The visitor's position: a time step, counted from 0, in the forward or the backward pass."""

    step: int = 0
    phase: Phase = "forward"

    def index(self, steps: int) -> int:
        """The index on the one axis of 2T positions: T forward, then the same T back."""
        return self.step if self.phase == "forward" else 2 * steps - 1 - self.step

    @classmethod
    def at(cls, index: int, steps: int) -> "Position":
        """The position at `index` of that axis."""
        return cls(index) if index < steps else cls(2 * steps - 1 - index, "backward")


START = Position()


@dataclass(frozen=True)
class CodeLine:
    """One line of pseudocode: it runs in `phase`, at its first, each or its last step.

    `value` names the value that is shown beside the line while it runs.
    """

    text: str
    phase: Phase = "forward"
    when: Literal["first", "each", "last"] = "each"
    value: LiveValue = ""


MANY_TO_ONE = (
    CodeLine("state = zeros(H)", when="first", value="start"),
    CodeLine("for word in sentence:", value="token"),
    CodeLine("  output, state = rnn(word, state)", value="state"),
    CodeLine("prediction = softmax(head(output))", when="last", value="prediction"),
    CodeLine("loss = −log(prediction[target])", when="last", value="loss"),
    CodeLine("for t in reversed(steps):", phase="backward", value="token"),
    CodeLine("  dh = d_output + back(dh)", phase="backward", value="gradient"),
    CodeLine("  dW_hh += contribution(t)", phase="backward", value="sum"),
)
"""The control flow of a model that answers once, after the last token."""

MANY_TO_MANY = (
    CodeLine("state = zeros(H)", when="first", value="start"),
    CodeLine("for char in text:", value="token"),
    CodeLine("  output, state = rnn(char, state)", value="state"),
    CodeLine("  prediction = softmax(head(output))", value="prediction"),
    CodeLine("loss = mean(−log(prediction[next]))", when="last", value="loss"),
    CodeLine("for t in reversed(steps):", phase="backward", value="token"),
    CodeLine("  dh = d_output + back(dh)", phase="backward", value="gradient"),
    CodeLine("  dW_hh += contribution(t)", phase="backward", value="sum"),
)
"""The control flow of a model that answers after every token."""
