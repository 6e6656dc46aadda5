"""Did the critic like the film? Sentences of movie reviews, word by word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Annotated, ClassVar, Literal

from rnnviz.data import DATASETS, DataSet, snippets
from rnnviz.messages import N_
from rnnviz.settings import Choice, Range
from rnnviz.tasks.framework.baselines import (
    BAG_OF_WORDS,
    MAJORITY,
    Bags,
    BaselineLogits,
    LinearClassifier,
    logistic_regression,
    majority_logits,
)
from rnnviz.tasks.framework.batches import Batch, Example, stack
from rnnviz.tasks.framework.classification import Classification
from rnnviz.tasks.framework.datasets import LabelledSequences, split_distinct
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.text import SPECIALS, Unit, Vectoriser, Vocabulary

EXAMPLE = "this movie is good"

CLEAR = 0.5
"""The least distance from a neutral rating that counts as an opinion."""

LABELS = {"negative": N_("negative"), "positive": N_("positive")}


@cache
def opinion_splits() -> Mapping[Split, tuple[tuple[str, int], ...]]:
    """The sentences with a clear opinion by split, each with the number of its label.

    The few that come twice lie in one split.
    """
    clear = [each for each in snippets() if abs(each.rating) >= CLEAR]
    numbers = split_distinct([each.text.lower().strip() for each in clear])
    return {
        split: tuple((clear[row].text, int(clear[row].rating > 0)) for row in rows)
        for split, rows in numbers.items()
    }


@cache
def _all_words() -> Vocabulary:
    """The words of the training sentences, the most frequent first."""
    return Vectoriser("word").fit(text for text, _label in opinion_splits()["train"])


@lru_cache(maxsize=16)
def _vocabulary(top_k: int) -> Vocabulary:
    return Vocabulary(_all_words().tokens[: len(SPECIALS) + top_k], fold=True)


@lru_cache(maxsize=8)
def _encode_reviews(vectoriser: Vectoriser, split: Split) -> LabelledSequences:
    assert vectoriser.top_k is not None
    vocabulary, rows = _vocabulary(vectoriser.top_k), opinion_splits()[split]
    return LabelledSequences.of(
        [vectoriser(text, vocabulary) for text, _label in rows], [label for _text, label in rows]
    )


@lru_cache(maxsize=8)
def _classifier(vectoriser: Vectoriser) -> LinearClassifier:
    """Fitted on the very words that a network reads, without their order."""
    train = _encode_reviews(vectoriser, "train").full_batch()
    assert vectoriser.top_k is not None
    V, F = len(LABELS), len(_vocabulary(vectoriser.top_k))
    return logistic_regression(Bags.from_batch(train), train.targets, F, V)


@dataclass(frozen=True)
class Sentiment(Classification):
    """Read a sentence of a film review word by word and say whether the critic liked the film.

    The sentences were collected by Pang and Lee (2005) and rated by 20 people each for VADER
    (Hutto and Gilbert 2014); those with a clear opinion, half a point or more from neutral, are
    kept. A tenth of them is for validation and a tenth for the test. They are balanced, so blind
    guessing is right every other time; even without the order of the words a simple method is right
    about three times in four.
    """

    name: ClassVar[str] = "sentiment"
    title: ClassVar[str] = N_("Film reviews")
    kind: ClassVar[Kind] = "many-to-one"
    unit: ClassVar[Unit] = "word"
    recipe: ClassVar[Mapping[str, float | str]] = {
        "hidden": 32,
        "embedding": "glove-tuned",
        "dropout": 0.3,
        "lr": 0.003,
        "steps": 1000,
    }

    longest: Annotated[
        int,
        Range(
            5,
            60,
            label=N_("Longest sentence"),
            unit=N_("words"),
            help=N_("Longer sentences are cut."),
        ),
    ] = 20
    top_k: Annotated[
        int,
        Range(
            100,
            10_000,
            label=N_("Vocabulary size"),
            help=N_("The most frequent words of the training sentences; all others are <unk>."),
            logarithmic=True,
        ),
    ] = 5000
    kept: Annotated[
        Literal["beginning", "end"],
        Choice(
            {"beginning": N_("the beginning"), "end": N_("the end")},
            label=N_("What to keep of a long sentence"),
            help=N_("Which words are read when a sentence has more than the allowed number."),
        ),
    ] = "beginning"

    @property
    def _vectoriser(self) -> Vectoriser:
        side: Literal["after", "before"] = "after" if self.kept == "beginning" else "before"
        return Vectoriser("word", self.top_k, self.longest, truncation=side)

    @property
    def vocabulary(self) -> Vocabulary:
        return _vocabulary(self.top_k)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(LABELS)

    @property
    def label_titles(self) -> Mapping[str, str]:
        return LABELS

    @property
    def data(self) -> tuple[DataSet, ...]:
        return (DATASETS["snippets"],)

    def size(self, split: Split = "train") -> int:
        return len(opinion_splits()[split])

    def select(self, indices: Sequence[int], split: Split = "train") -> Batch:
        return _encode_reviews(self._vectoriser, split).select(indices)

    def example(self) -> Example:
        tokens, ids = self.encode(EXAMPLE)
        return Example(tuple(tokens), stack([ids], [list(LABELS).index("positive")]))

    def baseline_logits(self, split: Split = "validation") -> tuple[BaselineLogits, ...]:
        targets = _encode_reviews(self._vectoriser, "train").targets
        batch = _encode_reviews(self._vectoriser, split).full_batch()
        return (
            BaselineLogits(MAJORITY, majority_logits(targets, len(LABELS), len(batch))),
            BaselineLogits(BAG_OF_WORDS, _classifier(self._vectoriser)(Bags.from_batch(batch))),
        )
