"""From which language is this surname? Eighteen of them, character by character."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from rnnviz.data import DATASETS, DataSet, Surname, surnames
from rnnviz.messages import N_, Message
from rnnviz.settings import Choice
from rnnviz.tasks.framework.baselines import (
    MAJORITY,
    NGRAMS_BAYES,
    NGRAMS_REGRESSION,
    BaselineLogits,
    FeatureIndex,
    LinearClassifier,
    logistic_regression,
    majority_logits,
    naive_bayes,
    ngrams,
)
from rnnviz.tasks.framework.batches import Batch, Example
from rnnviz.tasks.framework.classification import Classification
from rnnviz.tasks.framework.datasets import LabelledSequences, split_distinct
from rnnviz.tasks.framework.examples import N_QUESTIONS
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.framework.task import LEARNED, LEARNED_PARTLY
from rnnviz.text import BOS, EOS, SPECIALS, Unit, Vectoriser, Vocabulary

LANGUAGES = {
    "Arabic": N_("Arabic"),
    "Chinese": N_("Chinese"),
    "Czech": N_("Czech"),
    "Dutch": N_("Dutch"),
    "English": N_("English"),
    "French": N_("French"),
    "German": N_("German"),
    "Greek": N_("Greek"),
    "Irish": N_("Irish"),
    "Italian": N_("Italian"),
    "Japanese": N_("Japanese"),
    "Korean": N_("Korean"),
    "Polish": N_("Polish"),
    "Portuguese": N_("Portuguese"),
    "Russian": N_("Russian"),
    "Scottish": N_("Scottish"),
    "Spanish": N_("Spanish"),
    "Vietnamese": N_("Vietnamese"),
}

FREQUENT = N_("{cells} did not get far above always answering with the most frequent language.")
DROPPING = N_(
    "A mistake that tutorials make: on the test names this model is right {dropout_off:.1%} of the "
    "time; with dropout left on while it is tested, {dropout_on:.1%}."
)
LEAKING = N_(
    "Another one: split at random by rows, {test_names_also_in_training} of {test_names} test "
    "names are spelled like one in training; here, split by spelling, "
    "{test_names_also_in_training_here} of {test_names_here} are."
)

_CHARACTERS = Vectoriser("character")
_BETWEEN_ENDS = Vectoriser("character", bos=True, eos=True)
_V = len(LANGUAGES)


@cache
def split_surnames() -> Mapping[Split, tuple[Surname, ...]]:
    """The surnames of each split: no spelling is in two of them, every language is in each.

    A spelling at home in several languages comes once for each, always in the same split.
    """
    rows = surnames()
    numbers = split_distinct([row.name.lower() for row in rows], [row.language for row in rows])
    return {split: tuple(rows[row] for row in indices) for split, indices in numbers.items()}


@cache
def _vocabulary() -> Vocabulary:
    return _CHARACTERS.fit(row.name for row in split_surnames()["train"])


@cache
def _encode_surnames(split: Split, vectoriser: Vectoriser = _CHARACTERS) -> LabelledSequences:
    vocabulary, codes = _vocabulary(), list(LANGUAGES)
    rows = split_surnames()[split]
    return LabelledSequences.of(
        [vectoriser(row.name, vocabulary) for row in rows],
        [codes.index(row.language) for row in rows],
    )


@cache
def _weights() -> Tensor:
    """A weight for each language (V,), on average 1 over the training examples."""
    counts = torch.bincount(_encode_surnames("train").targets, minlength=_V)
    return counts.sum() / (_V * counts)


def _ngrams(split: Split) -> list[list[str]]:
    return [ngrams(row.name) for row in split_surnames()[split]]


@cache
def _classifiers() -> tuple[FeatureIndex, dict[str, LinearClassifier]]:
    """The n-grams of the training names, and what was fitted on them, by its title."""
    targets, texts = _encode_surnames("train").targets, _ngrams("train")
    features = FeatureIndex(texts)
    bags, F = features.bags(texts), len(features)
    return features, {
        NGRAMS_BAYES: naive_bayes(bags, targets, F, _V),
        NGRAMS_REGRESSION: logistic_regression(bags, targets, F, _V),
    }


@cache
def _baseline_logits(split: Split) -> tuple[BaselineLogits, ...]:
    features, classifiers = _classifiers()
    texts, targets = _ngrams(split), _encode_surnames("train").targets
    bags = features.bags(texts)
    return (
        BaselineLogits(MAJORITY, majority_logits(targets, _V, len(texts))),
        *(BaselineLogits(title, classify(bags)) for title, classify in classifiers.items()),
    )


@dataclass(frozen=True)
class Surnames(Classification):
    """Read a surname character by character and say from which of 18 languages it comes.

    The names are those of the practical-pytorch tutorial, in ASCII: a spelling toy, not a way to
    judge people. More than half of them are Russian, so accuracy alone flatters a model that knows
    no other language; macro recall weighs all languages the same. No spelling of the validation or
    test names occurs in training. Some spellings are at home in several languages: each of these is
    an example of its own, so nobody can be right every time.
    """

    name: ClassVar[str] = "surnames"
    title: ClassVar[str] = N_("Surnames")
    kind: ClassVar[Kind] = "many-to-one"
    unit: ClassVar[Unit] = "character"
    verdicts: ClassVar[tuple[str, str, str]] = (LEARNED, LEARNED_PARTLY, FREQUENT)
    # The Elman network of the tutorial: the last valid vector, dropout, two linear layers. Here
    # the embedding has dropout too, so a share of 0.5 would be too much of it.
    recipe: ClassVar[Mapping[str, float | str]] = {
        "cell": "rnn",
        "hidden": 64,
        "embedding": "learned",
        "embedding_size": 100,
        "deep_head": True,
        "dropout": 0.3,
        "lr": 0.002,
        "batch": 64,
        "steps": 1500,
    }

    weighing: Annotated[
        Literal["names", "languages"],
        Choice(
            {"names": N_("every name the same"), "languages": N_("every language the same")},
            label=N_("Weighting in the loss"),
            help=N_(
                "With every language the same, a name of a rare language counts more: macro recall "
                "gains, accuracy pays for it."
            ),
        ),
    ] = "names"
    ends: Annotated[
        Literal["without", "with"],
        Choice(
            {"without": N_("none"), "with": N_("BEGIN and END")},
            label=N_("Tokens around each name"),
            help=N_(
                "BEGIN, written <bos>, comes before the characters of a name and END, <eos>, after "
                "them, so that a network reads where a name begins and where it is over. Without "
                "them it reads the characters alone."
            ),
        ),
    ] = "without"

    @property
    def _vectoriser(self) -> Vectoriser:
        return _BETWEEN_ENDS if self.ends == "with" else _CHARACTERS

    @property
    def vocabulary(self) -> Vocabulary:
        return _vocabulary()

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(LANGUAGES)

    @property
    def label_titles(self) -> Mapping[str, str]:
        return LANGUAGES

    @property
    def data(self) -> tuple[DataSet, ...]:
        return (DATASETS["surnames"],)

    def size(self, split: Split = "train") -> int:
        return len(split_surnames()[split])

    def select(self, indices: Sequence[int], split: Split = "train") -> Batch:
        return _encode_surnames(split, self._vectoriser).select(indices)

    def loss(self, output: Tensor, batch: Batch) -> Tensor:
        """The mean cross entropy, with a weight for each language if all are to count the same."""
        weights = _weights().to(output) if self.weighing == "languages" else None
        return cross_entropy(output, batch.targets, weights)

    def normalised(self, metric: float, split: Split = "validation") -> float:
        """How far `metric` is on the way from always saying the most frequent language."""
        counts = torch.bincount(_encode_surnames("train").targets)
        trivial = float(counts.max() / counts.sum())
        return (metric - trivial) / (1 - trivial)

    def example(self) -> Example:
        targets = _encode_surnames("validation").targets
        first = int((targets == list(LANGUAGES).index("Italian")).nonzero()[0])
        batch = self.select([first], "validation")
        return Example(tuple(_vocabulary().decode(batch.inputs[0].tolist())), batch)

    def questions(self) -> Batch:
        """One validation name of each of the most frequent languages."""
        targets = _encode_surnames("validation").targets
        frequent = torch.bincount(targets, minlength=_V).argsort(descending=True, stable=True)
        rows = [int((targets == label).nonzero()[0]) for label in frequent[:N_QUESTIONS].tolist()]
        return self.select(rows, "validation")

    def remarks(self, model: Any) -> tuple[Message, ...]:
        from rnnviz.tasks.classify.tutorial_mistakes import tutorial_mistakes

        rates = tutorial_mistakes(model, self)
        return Message(DROPPING, rates), Message(LEAKING, rates)

    def baseline_logits(self, split: Split = "validation") -> tuple[BaselineLogits, ...]:
        return _baseline_logits(split)

    def encode(self, text: str) -> tuple[list[str], list[int]]:
        ids = self._vectoriser(text, self.vocabulary)
        tokens = self._vectoriser.tokens(text)
        if self.ends == "with":
            tokens = [SPECIALS[BOS], *tokens, SPECIALS[EOS]]
        return tokens, ids
