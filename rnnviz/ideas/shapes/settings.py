"""The settings of a recurrent layer and of what it reads, and the examples of the articles."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from rnnviz.messages import N_
from rnnviz.names import CELL_NAMES, FIRST_CELLS
from rnnviz.settings import Choice, Range, check

LETTERS = "helo"
"""The alphabet of the one-hot letters, in the order of their vectors."""

WORDS = ("hello", "eolll", "lleel")
"""What the sequences of a batch spell, one after the other."""

VOCABULARY = 10_000
"""Rows of the embedding table; the first, of zeros, belongs to the padding."""

SEED = 0


@dataclass(frozen=True)
class LayerSettings:
    """All that decides a layer, its input and therefore its output.

    `inputs` counts the numbers of a time step; letters have as many as their alphabet.
    """

    cell: Annotated[str, Choice({cell: CELL_NAMES[cell] for cell in FIRST_CELLS}, N_("Cell"))] = (
        "gru"
    )
    directions: Annotated[str, Choice({"one": N_("one"), "both": N_("both")}, N_("Directions"))] = (
        "both"
    )
    batch_axis: Annotated[
        str, Choice({"first": N_("first"), "second": N_("second")}, N_("Batch is"))
    ] = "first"
    values: Annotated[
        str,
        Choice(
            {"letters": N_("letters"), "random": N_("random numbers"), "tokens": N_("token ids")},
            N_("Input"),
        ),
    ] = "letters"
    batch: Annotated[int, Range(1, 32, label=N_("Batch B"))] = 3
    steps: Annotated[int, Range(1, 100, label=N_("Time steps T"), logarithmic=True)] = 5
    inputs: Annotated[int, Range(1, 16, label=N_("Inputs"))] = 4
    hidden: Annotated[int, Range(1, 200, label=N_("Hidden units"), logarithmic=True)] = 3
    layers: Annotated[int, Range(1, 4, label=N_("Layers"))] = 1

    def __post_init__(self) -> None:
        if self.values == "letters":
            object.__setattr__(self, "inputs", len(LETTERS))
        check(self)

    @property
    def is_bidirectional(self) -> bool:
        """Whether a second set of weights reads from the end."""
        return self.directions == "both"

    @property
    def ways(self) -> int:
        """The number of directions."""
        return 2 if self.is_bidirectional else 1

    @property
    def batch_first(self) -> bool:
        """What `torch.nn.RNN(batch_first=)` receives."""
        return self.batch_axis == "first"

    @property
    def arguments(self) -> str:
        """What the layer's class is called with, as Python."""
        options = {
            f"num_layers={self.layers}": self.layers > 1,
            "bidirectional=True": self.is_bidirectional,
            "batch_first=True": self.batch_first,
        }
        numbers = [str(self.inputs), str(self.hidden)]
        return ", ".join([*numbers, *(text for text, is_set in options.items() if is_set)])


PRESETS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (
        "h → (1, 1, 2)",
        {"cell": "rnn", "directions": "one", "batch": 1, "steps": 1, "hidden": 2},
    ),
    (
        "hello, eolll, lleel → (3, 5, 2)",
        {"cell": "rnn", "directions": "one", "hidden": 2},
    ),
    (
        "(32, 10) → (32, 10, 8)",
        {
            "cell": "rnn",
            "directions": "one",
            "values": "tokens",
            "batch": 32,
            "steps": 10,
            "inputs": 8,
            "hidden": 20,
        },
    ),
    (
        "(100, 30, 6) → (100, 30, 200)",
        {
            "cell": "lstm",
            "directions": "one",
            "batch_axis": "second",
            "values": "random",
            "batch": 30,
            "steps": 100,
            "inputs": 6,
            "hidden": 200,
        },
    ),
    (
        "(100, 30, 6) → (100, 30, 400)",
        {
            "cell": "lstm",
            "batch_axis": "second",
            "values": "random",
            "batch": 30,
            "steps": 100,
            "inputs": 6,
            "hidden": 200,
        },
    ),
)
"""The shapes that the articles print, and what differs from the defaults."""
