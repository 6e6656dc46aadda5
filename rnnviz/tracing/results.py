"""What all results share: a short form for the console and the notebook, and tables to look up in.

Dimensions: T time steps, I inputs, H hidden units, D directions.
"""

import html
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeVar

from torch import Tensor

from rnnviz.cells import Cell

Value = TypeVar("Value", covariant=True)


class FrozenDict(Mapping[str, Value]):
    """A mapping that cannot be changed, and that can be pickled and copied."""

    def __init__(self, items: Mapping[str, Value]) -> None:
        self._items = dict(items)

    def __getitem__(self, name: str) -> Value:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __or__(self, other: Mapping[str, object]) -> dict[str, object]:
        return {**self._items, **other}

    def __repr__(self) -> str:
        content = ", ".join(
            f"{name}: {tuple(value.shape)}" if isinstance(value, Tensor) else f"{name}: {value!r}"
            for name, value in self._items.items()
        )
        return f"{{{content}}}"


class Fact(NamedTuple):
    """One number about a result, as text; `help` says how it was computed."""

    label: str
    value: str
    help: str = ""


class Result(ABC):
    """A result that shows itself in a line, and as a small table in a notebook."""

    @abstractmethod
    def facts(self) -> list[Fact]:
        """Sizes, agreement, saturation, first and last norm."""

    def __repr__(self) -> str:
        content = ", ".join(f"{fact.label} {fact.value}" for fact in self.facts())
        return f"{type(self).__name__}({content})"

    def _repr_html_(self) -> str:
        def cell(tag: str, text: str, title: str = "") -> str:
            hint = f' title="{html.escape(title)}"' if title else ""
            return f"<{tag}{hint}>{html.escape(text)}</{tag}>"

        rows = "".join(
            f"<tr>{cell('th', fact.label, fact.help)}{cell('td', fact.value)}</tr>"
            for fact in self.facts()
        )
        return f"<table><caption>{html.escape(type(self).__name__)}</caption>{rows}</table>"


SATURATED_WITHIN = 0.05
"""How near to a bound of its activation a value counts as saturated."""
BOUNDS = {"σ(": (0.0, 1.0), "tanh(": (-1.0, 1.0)}
"""The bounds of the activations, by how the numbers of a formula begin."""
SATURATION_HELP = (
    f"share of the gates' and states' values within {SATURATED_WITHIN} of the bounds of their "
    "sigmoid or tanh, where hardly any gradient passes"
)


def saturation(cell: Cell, values: Mapping[str, Tensor]) -> float:
    """The share of `values`, states and gates (T, H) by name, within 0.05 of their bounds.

    Counted are those that come out of a sigmoid (0 to 1) or of a tanh (-1 to 1), where hardly any
    gradient passes near the bounds; NaN for a cell without such values.
    """
    near, count = 0, 0
    for name, value in values.items():
        for start, (low, high) in BOUNDS.items():
            if cell.formulas[name].numbers.startswith(start):
                is_near = (value < low + SATURATED_WITHIN) | (value > high - SATURATED_WITHIN)
                near, count = near + int(is_near.sum()), count + value.numel()
    return near / count if count else math.nan


def size_facts(cell: Cell, steps: int, layers: int = 1, directions: int = 1) -> list[Fact]:
    """The sizes of a result: the cell, T, H, and layers and directions where there are several."""
    sizes = f"T={steps}, H={cell.hidden}"
    if layers > 1:
        sizes += f", {layers} layers"
    if directions > 1:
        sizes += f", {directions} directions"
    return [Fact(cell.name, sizes)]


def saturation_facts(share: float) -> list[Fact]:
    """The saturation as text; nothing where it is NaN."""
    return [] if math.isnan(share) else [Fact("saturated", f"{share:.1%}", SATURATION_HELP)]


def agreement_facts(agreement: float, text: str) -> list[Fact]:
    """The agreement as text; "unchecked" where it is NaN."""
    value = "unchecked" if math.isnan(agreement) else f"{agreement:.1e}"
    return [Fact("agreement", value, text)]


def norm_facts(symbol: str, norms: Tensor, logs: Tensor | None = None) -> list[Fact]:
    """The first and the last of norms (T,), or e^log of those that double precision cannot hold."""

    def text(t: int) -> str:
        norm = float(norms[t])
        out_of_range = logs is not None and (norm == 0 or math.isinf(norm))
        if out_of_range and logs is not None and logs[t].isfinite():
            return f"e^{float(logs[t]):.0f}"
        return f"{norm:.3g}"

    return [Fact(f"{symbol} first to last", f"{text(0)} to {text(-1)}")]
