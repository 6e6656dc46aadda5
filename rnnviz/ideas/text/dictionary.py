"""The dictionary: which tokens have a number, counted in the texts of a training split."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rnnviz.data import constitution, surnames
from rnnviz.ideas.text.tokens import tokens_of
from rnnviz.text import Unit

Source = Literal["reviews", "surnames", "constitution", "own"]
"""Whose tokens are counted: a data set's training split, or the visitor's own texts."""

Order = Literal["frequency", "appearance", "alphabet"]
"""In which order the tokens get their numbers."""

MASK, UNK, BEGIN, END = "MASK", "UNK", "BEGIN", "END"

LARGEST = 10_000
"""The most tokens of a dictionary."""


@dataclass(frozen=True)
class Counts:
    """What was counted in a source, the most frequent token first, of equals the first to appear.

    Attributes:
        tokens: the distinct tokens, at most `LARGEST`.
        appearances: by token, its place among all tokens by first appearance.
        documents: by token, in how many texts it occurs.
        n_distinct: how many distinct tokens there are in all.
        n_texts: how many texts were read.
        held_out: by token, its share of all tokens of the held-out texts; empty without such texts.
    """

    tokens: tuple[str, ...]
    appearances: tuple[int, ...]
    documents: tuple[int, ...]
    n_distinct: int
    n_texts: int
    held_out: tuple[float, ...] = ()


def count_source(source: Source, unit: Unit, n: int) -> Counts:
    """The counts of a data set that ships: of its training texts, and of its validation texts."""
    if source == "reviews":
        from rnnviz.tasks.classify.sentiment import opinion_splits

        splits = opinion_splits()
        training = [text for text, _label in splits["train"]]
        held_out = [text for text, _label in splits["validation"]]
    elif source == "surnames":
        from rnnviz.tasks.classify.surnames import split_surnames

        names = split_surnames()
        training = [row.name for row in names["train"]]
        held_out = [row.name for row in names["validation"]]
    else:
        # Every tenth paragraph is held out, as nothing else splits the constitution.
        paragraphs = [line for line in constitution().splitlines() if line.strip()]
        training = [line for place, line in enumerate(paragraphs) if place % 10 != 9]
        held_out = paragraphs[9::10]
    return count(training, unit, n, held_out)


def count(texts: Iterable[str], unit: Unit, n: int, held_out: Sequence[str] = ()) -> Counts:
    """The counts of the tokens of `texts`."""
    totals: Counter[str] = Counter()
    documents: Counter[str] = Counter()
    n_texts = 0
    for text in texts:
        tokens = tokens_of(text, unit, n)
        totals.update(tokens)
        documents.update(set(tokens))
        n_texts += 1
    appearance = {token: place for place, token in enumerate(totals)}
    top = [token for token, _count in totals.most_common(LARGEST)]
    others = Counter(token for text in held_out for token in tokens_of(text, unit, n))
    n_others = max(1, others.total())
    return Counts(
        tuple(top),
        tuple(appearance[token] for token in top),
        tuple(documents[token] for token in top),
        len(totals),
        n_texts,
        tuple(others[token] / n_others for token in top) if others else (),
    )


def nationalities(name: str) -> tuple[tuple[int, str], ...]:
    """The number and the name of each nationality that a surname has in the data set."""
    numbers = sorted({row.language for row in surnames()})
    languages = sorted({row.language for row in surnames() if row.name == name})
    return tuple((numbers.index(language), language) for language in languages)


@dataclass(frozen=True)
class Dictionary:
    """The numbers of the tokens: first the special ones, then those of the text.

    Attributes:
        specials: which of MASK, UNK, BEGIN and END have a number, in this order.
        known: the tokens of the text that have one, in the order of their numbers.
        documents: in how many training texts each of `known` occurs.
        n_texts: how many training texts there are.
        unknown_share: the share of the held-out tokens without a number; None without such texts.
    """

    specials: tuple[str, ...]
    known: tuple[str, ...]
    documents: tuple[int, ...] = ()
    n_texts: int = 0
    unknown_share: float | None = None

    @classmethod
    def of(
        cls,
        counts: Counts,
        size: int,
        order: Order = "frequency",
        *,
        mask: bool = True,
        unk: bool = True,
        ends: bool = False,
    ) -> "Dictionary":
        """The `size` most frequent tokens of `counts`, numbered in `order`."""
        rows = list(range(min(size, len(counts.tokens))))
        if order == "appearance":
            rows.sort(key=counts.appearances.__getitem__)
        elif order == "alphabet":
            rows.sort(key=counts.tokens.__getitem__)
        specials = (MASK,) * mask + (UNK,) * unk + (BEGIN, END) * ends
        return cls(
            specials,
            tuple(counts.tokens[row] for row in rows),
            tuple(counts.documents[row] for row in rows),
            counts.n_texts,
            1 - sum(counts.held_out[row] for row in rows) if counts.held_out else None,
        )

    def __len__(self) -> int:
        return len(self.specials) + len(self.known)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        first = len(self.specials)
        return {token: first + place for place, token in enumerate(self.known)}

    def number(self, token: str) -> int | None:
        """The number of `token`: that of UNK if it is not known; None if UNK has none either."""
        return self._numbers.get(token, self.special(UNK))

    def is_known(self, token: str) -> bool:
        """Whether `token` has a number of its own."""
        return token in self._numbers

    def special(self, name: str) -> int | None:
        """The number of MASK, UNK, BEGIN or END, None if it has none."""
        return self.specials.index(name) if name in self.specials else None

    def name(self, number: int) -> str:
        """The token with this number."""
        return (self.specials + self.known)[number]

    def encode(self, tokens: Sequence[str]) -> list[int]:
        """The numbers of `tokens`, between BEGIN and END if these have numbers.

        Without UNK what is not known is left out, as Keras' old Tokenizer did.
        """
        numbers = [self.number(token) for token in tokens]
        begin, end = self.special(BEGIN), self.special(END)
        return [number for number in (begin, *numbers, end) if number is not None]
