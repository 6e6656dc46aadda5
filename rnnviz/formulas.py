"""How a number was computed, as data: its formula, a template for its numbers, its sources."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["input part", "hidden part", "gate", "state"]
Role = Literal["input", "hidden", "cell", "gate"]


@dataclass(frozen=True)
class Source:
    """One number that goes into a formula: the same unit's, at this time step or `lag` before.

    `symbol` is how the formula writes a part that is not the usual one: "W (f_t · h_{t-1})".
    """

    kind: Kind
    name: str
    role: Role
    lag: int = 0
    symbol: str | None = None


@dataclass(frozen=True)
class Formula:
    """symbol = text, and the same with the values of `sources` filled into `numbers`."""

    symbol: str
    text: str
    numbers: str
    sources: tuple[Source, ...]

    @classmethod
    def of_gate(cls, name: str, letter: str, activation: str) -> "Formula":
        """The formula that all plain gates share: activation(x_proj + h_proj)."""
        return cls(
            symbol=f"{letter}_t",
            text=activation
            + f"(W_i{letter} x_t + b_i{letter} + W_h{letter} h_{{t-1}} + b_h{letter})",
            numbers=activation + "({0} + {1})",
            sources=(input_part(name), hidden_part(name)),
        )


def input_part(name: str) -> Source:
    """W_ih x_t + b_ih, the rows of `name`."""
    return Source("input part", name, "input")


def hidden_part(name: str, symbol: str | None = None) -> Source:
    """What the states before contribute to `name`: W_hh h_{t-1} + b_hh, or as `symbol` has it."""
    return Source("hidden part", name, "hidden", symbol=symbol)


def gate(name: str) -> Source:
    """The gate `name` at this step."""
    return Source("gate", name, "gate")


def state(name: str, lag: int = 0) -> Source:
    """The state `name`, `lag` steps back."""
    return Source("state", name, "cell" if name == "c" else "hidden", lag)
