"""Which model the listings build, and how many weights it has.

I inputs, H hidden units, G blocks.
"""

from dataclasses import dataclass
from math import prod
from typing import Annotated

from rnnviz.cells import CELLS
from rnnviz.messages import N_
from rnnviz.names import CELL_NAMES, FIRST_CELLS
from rnnviz.settings import Choice, Range, check

VOCABULARY, STEPS, SIZE, UNITS, KERNEL, POOL = 10_000, 20, 32, 32, 5, 4
"""The book's sizes: words, words of a review, numbers for a word, units, window, pooling."""


@dataclass(frozen=True)
class ModelChoice:
    """A classifier of word sequences as the book builds them, with its recurrent layers."""

    cell: Annotated[
        str, Choice({cell: CELL_NAMES[cell] for cell in FIRST_CELLS}, label=N_("Cell type"))
    ] = "lstm"
    layers: Annotated[int, Range(1, 3, label=N_("Layers"))] = 1
    dropout: Annotated[float, Range(0.0, 0.5, step=0.1, label=N_("Dropout"))] = 0.0
    bidirectional: bool = False
    convolution: bool = False

    def __post_init__(self) -> None:
        check(self)

    @property
    def keras_layer(self) -> str:
        """What Keras calls the layer."""
        return "SimpleRNN" if self.torch_layer == "RNN" else self.torch_layer

    @property
    def torch_layer(self) -> str:
        """What torch.nn calls the layer."""
        layer = CELLS[self.cell].layer
        assert layer is not None, "one of the first cells"
        return layer.__name__

    @property
    def returns_pair(self) -> bool:
        """Whether torch.nn returns a pair of last states."""
        return len(CELLS[self.cell].states) > 1

    @property
    def inputs(self) -> tuple[int, ...]:
        """I of each recurrent layer."""
        later = UNITS * (1 + self.bidirectional)
        return (UNITS if self.convolution else SIZE, *[later] * (self.layers - 1))


@dataclass(frozen=True)
class WeightCount:
    """How many weights the recurrent layers have, and the whole model."""

    recurrent: int
    model: int


def keras_biases(cell: str) -> int:
    """The bias vectors of a layer in Keras: one; of a GRU two (`reset_after`)."""
    return 2 if cell == "gru" else 1


def count_weights(choice: ModelChoice) -> tuple[WeightCount, WeightCount]:
    """The weights of the model in Keras, and in PyTorch."""
    cell_type, directions = CELLS[choice.cell], 1 + choice.bidirectional
    shapes = [cell_type.shapes(size, UNITS) for size in choice.inputs]
    both = sum(prod(shape) for layer in shapes for shape in layer.values()) * directions
    bias = sum(prod(layer["b_hh"]) for layer in shapes) * directions
    around = VOCABULARY * SIZE + UNITS * directions + 1
    if choice.convolution:
        around += SIZE * UNITS * KERNEL + UNITS
    keras = both - (2 - keras_biases(choice.cell)) * bias
    return WeightCount(keras, keras + around), WeightCount(both, both + around)
