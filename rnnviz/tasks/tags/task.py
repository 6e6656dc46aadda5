"""The task of tagging every word; the languages lie beside it. B sentences, T words."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate, chain
from typing import Annotated, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from rnnviz.messages import N_
from rnnviz.settings import Choice
from rnnviz.tasks.framework.batches import Baseline, Batch, Example, stack_steps
from rnnviz.tasks.framework.datasets import SequencePairs
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.framework.task import Task
from rnnviz.tasks.tags import english, korean
from rnnviz.tasks.tags.grammar import (
    Grammar,
    Sentence,
    word_and_left,
    word_and_right,
)
from rnnviz.text import Unit, Vocabulary

GRAMMARS: dict[tuple[str, str], Grammar] = {
    ("en", "left"): english.LEFT,
    ("en", "right"): english.RIGHT,
    ("en", "both"): english.BOTH,
    ("ko", "left"): korean.LEFT,
    ("ko", "right"): korean.RIGHT,
    ("ko", "both"): korean.BOTH,
}

EXAMPLES = {"en": english.EXAMPLES, "ko": korean.EXAMPLES}

TITLES = {
    "NOUN": N_("noun"),
    "VERB": N_("verb"),
    "ADJ": N_("adjective"),
    "ADV": N_("adverb"),
    "PRON": N_("pronoun"),
    "DET": N_("determiner"),
    "ADP": N_("preposition"),
    "SCONJ": N_("conjunction"),
    "PART": N_("particle"),
    "PROPN": N_("name"),
}
"""The tags of Universal Dependencies that occur here."""

MOST_FREQUENT_TAG = N_("each word's most frequent tag")
FROM_THE_LEFT = N_("the best possible with only the words up to there")
FROM_THE_RIGHT = N_("the best possible with only the words from there on")

QUARTERS: dict[Split, tuple[int, ...]] = {"train": (0, 1), "validation": (2,), "test": (3,)}
"""Which of its four parts a language is learned from and measured on."""

Encoded = tuple[list[int], list[int]]


@dataclass(frozen=True)
class Language:
    """What does not change: ids and labels of the sentences of each part, by reading."""

    vocabulary: Vocabulary
    labels: tuple[str, ...]
    parts: dict[Split, tuple[tuple[Encoded, ...], ...]]
    weights: tuple[float, ...]
    """The weights of the readings, summed up and scaled so that the last one is 1."""
    ambiguous: Tensor
    """The ids of the words with more than one tag."""

    @cached_property
    def sequences(self) -> dict[Split, SequencePairs]:
        """The sentences of each part in a row, one reading after the other."""
        return {split: SequencePairs.of([*chain(*part)]) for split, part in self.parts.items()}


@cache
def language(code: str, context: str) -> Language:
    """The sentences of a grammar, split so that none is in two parts."""
    grammar = GRAMMARS[code, context]
    vocabulary = Vocabulary.of(grammar.words)
    used = {tag for reading in grammar.readings for slot in reading.slots for _word, tag in slot}
    labels = tuple(tag for tag in TITLES if tag in used)

    def encode(sentence: Sentence) -> Encoded:
        words, tags = zip(*sentence, strict=True)
        return vocabulary.encode(words), [labels.index(tag) for tag in tags]

    quarters = grammar.parts(4)
    parts = {
        split: tuple(
            tuple(encode(sentence) for quarter in each for sentence in quarters[quarter][reading])
            for reading in range(len(grammar.readings))
        )
        for split, each in QUARTERS.items()
    }
    total = sum(reading.weight for reading in grammar.readings)
    return Language(
        vocabulary,
        labels,
        parts,
        tuple(accumulate(reading.weight / total for reading in grammar.readings)),
        torch.tensor(sorted(vocabulary.encode(list(grammar.ambiguous)))),
    )


@dataclass(frozen=True)
class Tags(Task):
    """Read a sentence word by word and say of each word which part of speech it is.

    In every sentence one word has two readings: in "to walk" it is a verb, in "the walk" a noun.
    The words that decide stand before it, after it, or on both sides, as you choose. A network that
    reads from left to right has to answer before it has seen what follows; one that reads in both
    directions knows both sides.

    All words are learned, but only the ambiguous words are measured. The sentences are made by a
    seeded generator from small grammars, English or Korean; those that are measured are not in the
    training part. The word alone gives the right answer one time in two.
    """

    name: ClassVar[str] = "tags"
    title: ClassVar[str] = N_("Parts of speech")
    kind: ClassVar[Kind] = "many-to-many"
    unit: ClassVar[Unit] = "word"
    family: ClassVar[str] = N_("Label every step")
    metric_name: ClassVar[str] = N_("accuracy on ambiguous words")
    splits_apart: ClassVar[bool] = True
    synthetic: ClassVar[bool] = True
    allows_bidirectional: ClassVar[bool] = True
    recipe: ClassVar[Mapping[str, float | str]] = {"hidden": 16, "lr": 0.01, "steps": 300}

    language: Annotated[
        Literal["en", "ko"],
        Choice(
            {"en": N_("English"), "ko": N_("Korean")},
            label=N_("Language of the sentences"),
            help=N_("Each language has words of its own that can be two parts of speech."),
        ),
    ] = "en"
    context: Annotated[
        Literal["left", "right", "both"],
        Choice(
            {"left": N_("before it"), "right": N_("after it"), "both": N_("on both sides")},
            label=N_("Position of the deciding words"),
            help=N_("Where the words are that decide between the readings of the ambiguous word."),
        ),
    ] = "right"

    @property
    def _language(self) -> Language:
        return language(self.language, self.context)

    @property
    def vocabulary(self) -> Vocabulary:
        return self._language.vocabulary

    @property
    def labels(self) -> tuple[str, ...]:
        return self._language.labels

    @property
    def label_titles(self) -> dict[str, str]:
        return {tag: TITLES[tag] for tag in self.labels}

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        encoded = self._language
        draws = torch.rand(n, 2, generator=generator, dtype=torch.float64).numpy()
        sizes = np.array([len(part) for part in encoded.parts[split]])
        readings = np.searchsorted(encoded.weights, draws[:, 0], side="right")
        readings = np.minimum(readings, len(sizes) - 1)
        places = (draws[:, 1] * sizes[readings]).astype(np.int64)
        starts = sizes.cumsum() - sizes
        return encoded.sequences[split].select(torch.from_numpy(starts[readings] + places))

    def example(self) -> Example:
        words = EXAMPLES[self.language][self.context]
        ids = self.vocabulary.encode(words)
        everywhere = (each for part in self._language.parts.values() for each in chain(*part))
        labels = next(labels for sentence, labels in everywhere if sentence == ids)
        return Example(words, stack_steps([ids], [labels]))

    # How an answer is judged --------------------------------------------------------------------

    def metric(self, output: Tensor, batch: Batch) -> float:
        """The share of the ambiguous words that are tagged right; the loss counts all words."""
        ambiguous = self._language.ambiguous.to(batch.inputs.device)
        counted = torch.isin(batch.inputs, ambiguous) & batch.mask
        return (output.argmax(-1) == batch.targets)[counted].float().mean().item()

    def baselines(self, split: Split = "validation") -> tuple[Baseline, ...]:
        """The first judged on the examples of `split`, the others counted over the language."""
        batch = self.evaluation_batch(split)
        tags: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for part in self._language.parts["train"]:
            for ids, labels in part:
                for word, label in zip(ids, labels, strict=True):
                    tags[word][label] += 1
        most_frequent = torch.zeros(len(self.vocabulary), dtype=torch.int64)
        for word, counts in tags.items():
            most_frequent[word] = counts.most_common(1)[0][0]
        logits = torch.nn.functional.one_hot(most_frequent[batch.inputs], len(self.labels))
        grammar = GRAMMARS[self.language, self.context]
        return (
            Baseline(
                MOST_FREQUENT_TAG, self.metric(logits, batch), scores=self.scores(logits, batch)
            ),
            Baseline(FROM_THE_LEFT, grammar.best_accuracy(word_and_left), is_upper_bound=True),
            Baseline(FROM_THE_RIGHT, grammar.best_accuracy(word_and_right), is_upper_bound=True),
        )
