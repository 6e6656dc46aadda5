"""How is this word said? From the spelling of English words to their phonemes."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from string import ascii_lowercase
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from rnnviz.data import DATASETS, DataSet, Pronunciation, pronunciations
from rnnviz.messages import N_
from rnnviz.settings import Range
from rnnviz.tasks.framework.batches import Baseline, Batch, Example
from rnnviz.tasks.framework.datasets import SequencePairs, split_distinct
from rnnviz.tasks.framework.kinds import END_LABEL, Kind, Split
from rnnviz.tasks.framework.task import Task
from rnnviz.text import Unit, Vectoriser, Vocabulary

EXACT_MATCH = N_("exact match")
PHONEME_ERROR_RATE = N_("phoneme error rate")
LETTER_BY_LETTER = N_("the most frequent phoneme of each letter")


@dataclass(frozen=True)
class Phonemes(Task):
    """Read the spelling of an English word letter by letter and say its phonemes.

    "though" has six letters and two sounds, "x" alone has two: letters and phonemes cannot be
    paired off. The words are the most frequent of the CMU Pronouncing Dictionary (BSD-2-Clause),
    with 39 phonemes and without stress, split by word: what is measured was never seen in training.
    A word is right only as a whole, so blind guessing practically never is.
    """

    name: ClassVar[str] = "pronunciation"
    title: ClassVar[str] = N_("Pronunciation")
    kind: ClassVar[Kind] = "sequence-to-sequence"
    unit: ClassVar[Unit] = "character"
    family: ClassVar[str] = N_("Sequence to sequence")
    metric_name: ClassVar[str] = EXACT_MATCH
    recipe: ClassVar[Mapping[str, float | str]] = {
        "cell": "gru",
        "attention": True,
        "bidirectional": True,
        "hidden": 64,
        "embedding": "learned",
        "embedding_size": 32,
        "lr": 0.005,
        "clip": 1.0,
        "batch": 64,
        "steps": 2500,
    }

    words: Annotated[
        int,
        Range(
            500,
            10_000,
            label=N_("Words"),
            help=N_("How many of the most frequent words there are."),
            logarithmic=True,
        ),
    ] = 10_000

    @cached_property
    def _rows(self) -> dict[Split, list[int]]:
        """The words of each split, by their rank."""
        return {
            split: [rank for rank in ranks if rank < self.words]
            for split, ranks in _splits().items()
        }

    @cached_property
    def _ranks(self) -> dict[Split, Tensor]:
        return {split: torch.tensor(ranks) for split, ranks in self._rows.items()}

    @property
    def data(self) -> tuple[DataSet, ...]:
        return (DATASETS["pronunciations"],)

    @property
    def vocabulary(self) -> Vocabulary:
        return LETTERS

    @property
    def labels(self) -> tuple[str, ...]:
        return _labels()

    @cached_property
    def chance(self) -> float:
        """The chance of a random pronunciation of the list."""
        return 1 / len({entry.phonemes for entry in pronunciations()[: self.words]})

    def join_labels(self, labels: Sequence[str]) -> str:
        return " ".join(labels)

    def size(self, split: Split = "train") -> int:
        return len(self._rows[split])

    def select(self, indices: Sequence[int], split: Split = "train") -> Batch:
        return _encode_words().select(self._ranks[split][torch.as_tensor(indices)])

    def example(self) -> Example:
        word = pronunciations()[self._rows["validation"][0]].word
        return Example(tuple(word), self.select([0], "validation"))

    def metrics(self, output: Tensor, batch: Batch) -> dict[str, float]:
        """Also the phoneme error rate.

        How many phonemes have to be put in, taken out or exchanged, as a share of those that are
        wanted (Levenshtein 1966). An answer is read as far as the right one and its end go: what
        a model adds while longer words of the batch are answered does not count.
        """
        errors = total = 0
        sizes = batch.mask.sum(1).tolist()
        answers = zip(output.argmax(-1).tolist(), batch.targets.tolist(), sizes, strict=True)
        for prediction, target, size in answers:
            answer, reference = _until_end(prediction[:size]), _until_end(target)
            errors, total = errors + edit_distance(answer, reference), total + len(reference)
        return {EXACT_MATCH: self.metric(output, batch), PHONEME_ERROR_RATE: errors / total}

    def baselines(self, split: Split = "validation") -> tuple[Baseline, ...]:
        entries = pronunciations()
        phoneme_of = letter_phonemes([entries[rank] for rank in self._rows["train"]])
        rows = self._rows[split]
        samples = [entries[rows[number]] for number in self.evaluation_indices(split)]
        correct = [
            tuple(phoneme_of[letter] for letter in each.word if letter in phoneme_of)
            == each.phonemes
            for each in samples
        ]
        return (Baseline.from_correct(LETTER_BY_LETTER, correct),)


def letter_phonemes(entries: Sequence[Pronunciation]) -> dict[str, str]:
    """The phoneme that each letter most often stands for.

    Counted where a word has as many letters as phonemes, so that the two can be paired off.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        if len(entry.word) == len(entry.phonemes):
            for letter, phoneme in zip(entry.word, entry.phonemes, strict=True):
                counts[letter][phoneme] += 1
    return {letter: each.most_common(1)[0][0] for letter, each in counts.items()}


def edit_distance(one: Sequence[object], other: Sequence[object]) -> int:
    """The fewest insertions, deletions and exchanges that lead from one sequence to the other."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(other, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


LETTERS = Vocabulary.of(ascii_lowercase, fold=False)
_VECTORISER = Vectoriser("character")


def _until_end(labels: list[int]) -> list[int]:
    return labels[: labels.index(END_LABEL)] if END_LABEL in labels else labels


@cache
def _labels() -> tuple[str, ...]:
    return ("<eos>", *sorted({each for entry in pronunciations() for each in entry.phonemes}))


@cache
def _encode_words() -> SequencePairs:
    """The letters and the phonemes of every word as numbers."""
    number = {phoneme: label for label, phoneme in enumerate(_labels())}
    return SequencePairs.of(
        [
            (
                _VECTORISER(entry.word, LETTERS),
                [*(number[each] for each in entry.phonemes), END_LABEL],
            )
            for entry in pronunciations()
        ]
    )


@cache
def _splits() -> dict[Split, list[int]]:
    return split_distinct([entry.word for entry in pronunciations()])
