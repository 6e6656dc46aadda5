"""Small languages in which one word of every sentence has two possible tags."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product

Word = tuple[str, str]
"""A word as it is written, and its tag."""

Slot = tuple[Word, ...]
"""The words of which one stands at a place."""

Sentence = tuple[Word, ...]


def slot(words: str, tag: str) -> Slot:
    """The words of a list with commas; all have the same tag."""
    return tuple((word.strip(), tag) for word in words.split(","))


@dataclass(frozen=True)
class Reading:
    """Sentences of one form: one word from each slot. `weight`: how often they are drawn."""

    slots: tuple[Slot, ...]
    weight: int = 1

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """All of them."""
        return tuple(product(*self.slots))


@dataclass(frozen=True)
class Grammar:
    """A language: draw a reading by its weight, then one of its sentences, all alike."""

    readings: tuple[Reading, ...]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every word, in the order in which they first appear."""
        return tuple(dict.fromkeys(word for word, _tag in self._everywhere()))

    @cached_property
    def ambiguous(self) -> frozenset[str]:
        """The words that have more than one tag."""
        tags = defaultdict(set)
        for word, tag in self._everywhere():
            tags[word].add(tag)
        return frozenset(word for word, several in tags.items() if len(several) > 1)

    def _everywhere(self) -> Iterable[Word]:
        return (word for reading in self.readings for each in reading.slots for word in each)

    def parts(self, n: int) -> tuple[tuple[tuple[Sentence, ...], ...], ...]:
        """All sentences in `n` parts, in each part by reading; no sentence is in two.

        The places of a sentence's words in their slots, summed up modulo n, are its part. So where
        a slot of n words stands on either side of the ambiguous one, every half of a sentence
        meets the readings in each part as often as in the language: a part drawn by chance would
        let a learner guess from the wrong side, and be wrong in the others.
        """
        parts: list[list[list[Sentence]]] = [[[] for _ in self.readings] for _ in range(n)]
        for number, reading in enumerate(self.readings):
            for chosen in product(*map(enumerate, reading.slots)):
                part = sum(index for index, _word in chosen) % n
                parts[part][number].append(tuple(word for _index, word in chosen))
        return tuple(tuple(map(tuple, part)) for part in parts)

    def best_accuracy(self, known: Callable[[tuple[str, ...], int], Hashable]) -> float:
        """The best possible accuracy on ambiguous words from `known(words, position)` alone.

        Counted over the whole language, so no method with that input does better on average.
        """
        shares: defaultdict[Hashable, defaultdict[str, Fraction]] = defaultdict(
            lambda: defaultdict(Fraction)
        )
        total = Fraction()
        for reading in self.readings:
            share = Fraction(reading.weight, len(reading.sentences))
            for sentence in reading.sentences:
                words = tuple(word for word, _tag in sentence)
                for position, (word, tag) in enumerate(sentence):
                    if word in self.ambiguous:
                        shares[known(words, position)][tag] += share
                        total += share
        return float(sum(max(tags.values()) for tags in shares.values()) / total)


def word_alone(words: tuple[str, ...], position: int) -> Hashable:
    """Nothing but the word."""
    return words[position]


def word_and_left(words: tuple[str, ...], position: int) -> Hashable:
    """The word and all before it."""
    return words[: position + 1]


def word_and_right(words: tuple[str, ...], position: int) -> Hashable:
    """The word and all after it."""
    return words[position:]
