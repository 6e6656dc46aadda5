"""Which problem of which kind, and how the small model of it is built and trained."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from rnnviz.ideas.kinds.small_tasks import NumberWords, OneShape
from rnnviz.model import ModelSpec
from rnnviz.tasks import Hello, Intents, Kind, Sentiment, Surnames, Tags, Task
from rnnviz.tasks.classify.four_words import FourWords
from rnnviz.tasks.translate.captions import Captions

Where = Literal["all", "last"]

PROBLEMS_BY_KIND: Mapping[str, tuple[str, ...]] = {
    "one-to-one": ("shape",),
    "one-to-many": ("caption",),
    "many-to-one": ("review", "intent", "surname", "four_words"),
    "in-step": ("tags",),
    "not-in-step": ("numbers",),
    "language-model": ("hello",),
}
"""The six kinds, and the problems of each; the first of them comes first."""

DECODED = ("one-to-many", "not-in-step")
"""The kinds whose answer is written by a decoder."""
PICTURED = ("one-to-one", "one-to-many")
"""The kinds whose input is a picture."""


@dataclass(frozen=True)
class Problem:
    """A problem with all that decides the training of its model.

    Attributes:
        kind: one of the six.
        name: one of the problems of this kind.
        loss_at: whether the loss asks at all time steps or only at the last.
        bidirectional: whether the recurrent layer also reads from the end.
        attention: whether the decoder looks at every step of the encoder.
        language: of the sentences, where there is a choice.
        text: what is learned by heart, by the language model only.
    """

    kind: str
    name: str
    loss_at: Where = "all"
    bidirectional: bool = False
    attention: bool = False
    language: Literal["en", "ko"] = "en"
    text: str = ""

    @property
    def is_decoded(self) -> bool:
        """Whether the answer is a sequence of its own."""
        return self.kind in DECODED

    @property
    def task(self) -> Task:
        """The task behind the problem.

        Raises:
            rnnviz.messages.Problem: a text that is too short to be learned.
        """
        match self.name:
            case "shape":
                return OneShape()
            case "caption":
                return Captions(self.language)
            case "review":
                return Sentiment()
            case "intent":
                return Intents(language=self.language)
            case "surname":
                return Surnames()
            case "four_words":
                return FourWords()
            case "tags":
                return Tags(language=self.language)
            case "numbers":
                return NumberWords()
        return Hello(self.text)

    @property
    def recipe(self) -> "Recipe":
        """How its model is built and trained."""
        return RECIPES[self.name]

    @property
    def spec(self) -> ModelSpec:
        """The shape of its model."""
        return replace(
            self.recipe.model,
            bidirectional=self.bidirectional and self.name == "tags",
            attention=self.attention and self.name == "numbers",
        )

    @property
    def io_kind(self) -> Kind:
        """The kind as models know it: what has one answer is asked at every step as well."""
        if self.is_decoded:
            return "one-to-many" if self.kind == "one-to-many" else "sequence-to-sequence"
        return "many-to-one" if self.kind == "one-to-one" else "many-to-many"


@dataclass(frozen=True)
class Recipe:
    """The shape of a model, and how Adam trains it: at most so many `steps`."""

    model: ModelSpec
    steps: int
    lr: float = 0.01
    batch: int = 32


RECIPES: Mapping[str, Recipe] = {
    "shape": Recipe(ModelSpec(family="dense", hidden=16), 300),
    "caption": Recipe(ModelSpec(cell="gru", hidden=48, embedding_size=8), 450, batch=64),
    "review": Recipe(ModelSpec(cell="gru", hidden=16, embedding="glove"), 300),
    "intent": Recipe(ModelSpec(cell="gru", hidden=16, embedding_size=16), 300, lr=0.02),
    "surname": Recipe(
        ModelSpec(cell="rnn", hidden=64, embedding_size=100, deep_head=True, dropout=0.3),
        300,
        lr=0.002,
        batch=64,
    ),
    "four_words": Recipe(ModelSpec(cell="rnn", hidden=10, embedding="one-hot"), 150, batch=4),
    "tags": Recipe(ModelSpec(cell="gru", hidden=16, embedding_size=16), 200, lr=0.02),
    "numbers": Recipe(ModelSpec(cell="gru", hidden=48, embedding_size=12), 400, batch=46),
    "hello": Recipe(ModelSpec(cell="rnn", hidden=16, embedding="one-hot"), 300, lr=0.02, batch=1),
}


@dataclass(frozen=True)
class Counts:
    """How many answers of a trained model are right.

    Attributes:
        total: how many questions there are, or for labels at every step, time steps.
        right: answered right.
        cut: right with an empty vector between encoder and decoder.
        cut_answers: the different answers that are then written.
        fresh_head: right with the same states and an untrained head.
        unseen, unseen_right: those that training never showed, and right of them.
        last, last_right: the last time steps.
        before, before_right: all time steps before the last.
        recurrent_weights, head_weights: numbers that training has set in each.
    """

    total: int
    right: int
    fresh_head: int
    cut: int = 0
    cut_answers: tuple[str, ...] = ()
    unseen: int = 0
    unseen_right: int = 0
    last: int = 0
    last_right: int = 0
    before: int = 0
    before_right: int = 0
    recurrent_weights: int = 0
    head_weights: int = 0


@dataclass(frozen=True)
class Trained:
    """The weights of a trained model, as safetensors, and how good it is."""

    problem: Problem
    weights: bytes = field(repr=False)
    counts: Counts
    steps: int
