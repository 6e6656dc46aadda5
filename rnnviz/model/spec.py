"""What decides a model's shape and starting weights, and what a task requires of any model.

T time steps, I inputs.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from rnnviz.messages import N_
from rnnviz.names import CELL_NAMES
from rnnviz.settings import Choice, Range, check
from rnnviz.tasks import DECODER_KINDS, Kind, Task

Family = Literal["recurrent", "dense", "convolution"]

GLOVE_SIZE = 50
"""The size of the GloVe vectors that ship with rnnviz."""

MAX_UNITS = 256
"""The units of a layer at most."""
MAX_UNITS_FEEDFORWARD = 1024
"""The same where the parameters grow no faster than the units."""


@dataclass(frozen=True)
class ModelSpec:
    """All that decides a model's shape and its starting weights, but for the seed.

    `forget_bias` acts on cells with a forget gate and `nonlinearity` on those that have a choice.
    `front` puts a convolution with pooling before the recurrent layer; `kernel`, `dilation`, `pool`
    and `pooling` shape it, and the family "convolution" too. `deep_head` answers with two linear
    layers.
    """

    cell: Annotated[str, Choice(CELL_NAMES, label=N_("Cell"))] = "lstm"
    hidden: Annotated[int, Range(1, MAX_UNITS_FEEDFORWARD, label=N_("Hidden units"))] = 16
    layers: Annotated[int, Range(1, 4, label=N_("Layers"))] = 1
    bidirectional: bool = False
    embedding: Annotated[
        Literal["one-hot", "learned", "glove", "glove-tuned"],
        Choice(
            {
                "one-hot": N_("one-hot"),
                "learned": N_("learned"),
                "glove": N_("GloVe, frozen"),
                "glove-tuned": N_("GloVe, fine-tuned"),
            },
            label=N_("Input vectors"),
        ),
    ] = "learned"
    embedding_size: Annotated[int, Range(1, 256, label=N_("Size of the input vectors"))] = 16
    nonlinearity: Annotated[
        Literal["tanh", "relu"], Choice({"tanh": "tanh", "relu": "ReLU"}, label=N_("Activation"))
    ] = "tanh"
    forget_bias: Annotated[float | None, Range(-10.0, 10.0, label=N_("Forget-gate bias"))] = None
    spectral_radius: Annotated[float | None, Range(0.0, 10.0, label=N_("Spectral radius"))] = None
    family: Annotated[
        Family,
        Choice(
            {
                "recurrent": N_("recurrent"),
                "dense": N_("dense"),
                "convolution": N_("1D convolution"),
            },
            label=N_("Kind of network"),
        ),
    ] = "recurrent"
    initialisation: Annotated[
        Literal["pytorch", "orthogonal", "identity", "keras"],
        Choice(
            {
                "pytorch": N_("PyTorch's own"),
                "orthogonal": N_("orthogonal"),
                "identity": N_("identity"),
                "keras": N_("Keras' defaults"),
            },
            label=N_("Initialisation"),
            help=N_(
                "Of the weights from state to state: uniform as PyTorch does it, a random "
                "rotation (Saxe et al. 2013), or the identity (Le, Jaitly and Hinton 2015). Keras' "
                "defaults start the whole recurrent layer as Keras does: an orthogonal matrix from "
                "state to state, Glorot's from the input, biases 0, the forget gate's bias 1."
            ),
        ),
    ] = "pytorch"
    dropout: Annotated[
        float,
        Range(
            0.0,
            0.8,
            step=0.05,
            label=N_("Dropout"),
            help=N_(
                "The share of the numbers that a training step leaves out: of learned input "
                "vectors, between layers, and before the answer. Measurements and one-hot vectors "
                "stay whole."
            ),
        ),
    ] = 0.0
    recurrent_dropout: Annotated[
        float,
        Range(
            0.0,
            0.8,
            step=0.05,
            label=N_("Weight drop"),
            help=N_(
                "The share of the weights from state to state that a training step leaves out, "
                "the same at all time steps and for all sequences (Merity et al. 2017)."
            ),
        ),
    ] = 0.0
    front: bool = False
    kernel: Annotated[int, Range(1, 15, label=N_("Kernel size"))] = 5
    pool: Annotated[int, Range(1, 8, label=N_("Pooling size"))] = 3
    deep_head: bool = False
    attention: bool = False
    dilation: Annotated[
        int,
        Range(
            1,
            8,
            label=N_("Dilation"),
            help=N_(
                "The distance between two inputs of a kernel: with 2 it reads every other step and "
                "reaches twice as far with the same weights."
            ),
        ),
    ] = 1
    pooling: Annotated[
        Literal["max", "average"],
        Choice(
            {"max": N_("maximum"), "average": N_("average")},
            label=N_("Pooling"),
            help=N_(
                "What stands for the steps that are pooled: in each window, and where no recurrent "
                "layer follows, over all time steps in the end."
            ),
        ),
    ] = "max"
    state_dropout: Annotated[
        float,
        Range(
            0.0,
            0.8,
            step=0.05,
            label=N_("Recurrent dropout (Keras)"),
            help=N_(
                "The share of the state's numbers that a training step hides from the weights, one "
                "mask for all time steps of a sequence: Keras' recurrent_dropout (Gal and "
                "Ghahramani 2016). Weight drop hides weights instead, the same for all sequences."
            ),
        ),
    ] = 0.0

    def __post_init__(self) -> None:
        Range(1, self.max_units).check("hidden", self.hidden)
        check(self)

    @property
    def max_units(self) -> int:
        """The units that such a model may have at most.

        More than usual where no weights connect the units: a single layer without memory. It would
        otherwise have far fewer parameters than its competitors.
        """
        alone = self.family != "recurrent" and self.layers == 1 and not self.deep_head
        return MAX_UNITS_FEEDFORWARD if alone else MAX_UNITS

    @property
    def uses_dropout(self) -> bool:
        """Whether training leaves something out around the recurrent layers or inside of them."""
        return bool(self.dropout or self.recurrent_dropout or self.state_dropout)

    def n_features(self, n_in: int) -> int:
        """I, the size of the vector that stands for one of `n_in` tokens."""
        if self.embedding.startswith("glove"):
            return GLOVE_SIZE
        return n_in if self.embedding == "one-hot" else self.embedding_size


@dataclass(frozen=True)
class IOSpec:
    """What a model of a task reads and answers: `n_in` tokens or features, `n_out` answers.

    `steps`: T where all sequences are equally long. `words`: the tokens, for vectors that were
    learnt elsewhere.
    """

    n_in: int
    n_out: int
    kind: Kind = "many-to-many"
    tokens: bool = True
    steps: int | None = None
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, task: Task) -> "IOSpec":
        """What every model of `task` reads and answers."""
        words = () if task.features else task.vocabulary.tokens
        return cls(task.n_in, task.n_out, task.kind, not task.features, task.steps, words)

    @property
    def single_answer(self) -> bool:
        """Whether there is one answer to a whole sequence."""
        return self.kind in ("many-to-one", "forecast")

    @property
    def is_decoded(self) -> bool:
        """Whether the answer is a sequence of its own."""
        return self.kind in DECODER_KINDS
