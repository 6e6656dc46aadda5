"""The four stations of a text on its way to a network: tokens, numbers, table, vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

from rnnviz.ideas.text.bags import Weighting, bag
from rnnviz.ideas.text.dictionary import BEGIN, END, Counts, Dictionary, Order, Source, count
from rnnviz.ideas.text.hashing import bucket, collisions
from rnnviz.ideas.text.reviews import STEPS, Reader
from rnnviz.ideas.text.table import Table, table_of
from rnnviz.ideas.text.tokens import tokens_of
from rnnviz.messages import N_
from rnnviz.settings import Choice, Range
from rnnviz.text import Unit
from rnnviz.text.vectoriser import Side

Kind = Literal["one-hot", "bag", "hashing", "embedding"]
Origin = Literal["glove", "training", "random"]

SIDES = {"before": N_("front"), "after": N_("back")}

MOST_OTHERS = 3
"""How many sentences stand in the table beside the visitor's own."""


@dataclass(frozen=True)
class TextSettings:
    """All that decides what the page shows.

    Attributes:
        text, others: the visitor's own text, and the ones under it in the table.
        picked: the place of the picked token in the text.
    """

    text: str = "the zoetrope film was not good"
    others: tuple[str, ...] = ("a beautiful film", "this is not what I wanted")
    unit: Annotated[
        Unit,
        Choice(
            {"word": N_("words"), "character": N_("characters"), "jamo": N_("jamo")},
            label=N_("Tokens"),
            help=N_(
                "A token is what gets a number of its own: a word, a character, or a Korean letter"
                " (jamo). Cutting a text into tokens is called tokenisation."
            ),
        ),
    ] = "word"
    n: Annotated[
        Literal["1", "2", "3"],
        Choice(
            {"1": "1", "2": "2", "3": "3"},
            label=N_("In groups of (n-grams)"),
            help=N_(
                "An n-gram is a group of n neighbouring tokens; the next one begins one token"
                " further on."
            ),
        ),
    ] = "1"
    source: Annotated[
        Source,
        Choice(
            {
                "reviews": N_("film reviews"),
                "surnames": N_("surnames"),
                "constitution": N_("the Korean constitution"),
                "own": N_("the texts of this page"),
            },
            label=N_("Dictionary from"),
            help=N_(
                "Whose tokens get numbers. Of a data set only the training split is counted: what is"
                " held out for testing must stay unseen."
            ),
        ),
    ] = "reviews"
    size: Annotated[
        int,
        Range(
            5,
            10_000,
            label=N_("Tokens in the dictionary"),
            help=N_("The most frequent tokens of the training texts; all others are unknown."),
            logarithmic=True,
        ),
    ] = 2000
    order: Annotated[
        Order,
        Choice(
            {
                "frequency": N_("how frequent"),
                "appearance": N_("first seen"),
                "alphabet": N_("alphabet"),
            },
            label=N_("Numbered by"),
            help=N_("Which token gets the next number. Any order will do: a number is only a name."),
        ),
    ] = "frequency"
    unk: bool = True
    ends: bool = False
    mask: bool = True
    longest: Annotated[
        int,
        Range(
            2,
            24,
            label=N_("Longest row"),
            help=N_("maxlen: all rows of the table get this length."),
        ),
    ] = 8
    padding: Annotated[
        Side,
        Choice(
            SIDES,
            label=N_("Padding"),
            help=N_("padding=: on which side a short row is filled with 0, pre or post."),
        ),
    ] = "after"
    cutting: Annotated[
        Side,
        Choice(
            SIDES,
            label=N_("Cutting"),
            help=N_("truncating=: on which side a long row is cut, pre or post."),
        ),
    ] = "after"
    vectors: Annotated[
        Kind,
        Choice(
            {
                "one-hot": N_("one-hot"),
                "bag": N_("bag"),
                "hashing": N_("hashing"),
                "embedding": N_("embedding"),
            },
            label=N_("Vectors"),
            help=N_(
                "How numbers become vectors. One-hot: 1 at the token's place. Bag of words: one"
                " vector for the whole text. Hashing: a place without a dictionary. Embedding: a"
                " row of a table of real numbers."
            ),
        ),
    ] = "embedding"
    weighting: Annotated[
        Weighting,
        Choice(
            {
                "binary": N_("binary"),
                "count": N_("count"),
                "frequency": N_("frequency"),
                "tf-idf": N_("tf-idf"),
            },
            label=N_("What stands at a token's place"),
            help=N_(
                "binary: 1 if it occurs. count: how often. frequency: count / length. tf-idf: count"
                " × how rare the token is in the training texts."
            ),
        ),
    ] = "count"
    buckets: Annotated[
        int,
        Range(
            2,
            1000,
            label=N_("Buckets"),
            help=N_("How many places there are: a token's place is its hash modulo this number."),
            logarithmic=True,
        ),
    ] = 20
    origin: Annotated[
        Origin,
        Choice(
            {
                "glove": N_("GloVe"),
                "training": N_("film reviews"),
                "random": N_("random"),
            },
            label=N_("Table from"),
            help=N_(
                "GloVe: 50 numbers for each word, learned from Wikipedia and news, frozen. Film"
                " reviews: 8 numbers, trained here. Random: how every table begins."
            ),
        ),
    ] = "glove"
    step: Annotated[
        int,
        Range(
            0,
            STEPS,
            label=N_("Training step"),
            help=N_("The table before training (0) and after so many updates."),
            logarithmic=True,
        ),
    ] = STEPS
    reader: Annotated[
        Reader,
        Choice(
            {"dense": N_("Flatten + Dense"), "rnn": N_("SimpleRNN")},
            label=N_("What reads the vectors"),
            help=N_(
                "Embedding(10000, 8) on 20 words: all 160 numbers into one linear layer, or word by"
                " word into an RNN."
            ),
        ),
    ] = "dense"
    picked: int = -1

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the table, the visitor's own first."""
        return (self.text, *self.others[:MOST_OTHERS])

    @property
    def has_review_words(self) -> bool:
        """Whether its tokens are words, as those of GloVe and of the trained table."""
        return self.unit == "word" and self.n == "1"


@dataclass(frozen=True)
class Conveyor:
    """The texts of `settings` at every station.

    Attributes:
        tokens: of each text, as they are cut.
        dictionary: their numbers.
        table: the padded rows.
    """

    settings: TextSettings
    tokens: tuple[tuple[str, ...], ...]
    dictionary: Dictionary
    table: Table

    @cached_property
    def sequences(self) -> tuple[tuple[int, ...], ...]:
        """The numbers of each text, uncut, without BEGIN and END."""
        return tuple(self._numbers(tokens) for tokens in self.tokens)

    def _numbers(self, tokens: Sequence[str]) -> tuple[int, ...]:
        numbers = [self.dictionary.number(token) for token in tokens]
        return tuple(number for number in numbers if number is not None)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the first row reads, before it is cut: its tokens, with BEGIN and END."""
        known = [token for token in self.tokens[0] if self.dictionary.number(token) is not None]
        ends = self.dictionary.special(BEGIN) is not None
        return ((BEGIN,) * ends) + tuple(known) + ((END,) * ends)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The distinct tokens of the first text that the dictionary lacks, in their order."""
        return tuple(
            dict.fromkeys(each for each in self.tokens[0] if not self.dictionary.is_known(each))
        )

    @property
    def cut_names(self) -> tuple[str, ...]:
        """What is cut off the first row."""
        start, length = self.table.start[0], self.table.lengths[0]
        return self.names[:start] + self.names[start + length :]

    def name_at(self, column: int) -> str | None:
        """What stands in a column of the first row; None on padding."""
        if self.table.is_padding(0, column):
            return None
        return self.names[self.table.start[0] + column - self.table.first[0]]

    @cached_property
    def picked(self) -> int:
        """The column that is picked: that of the visitor if it has a token, else the last one."""
        first, length = self.table.first[0], self.table.lengths[0]
        column = self.settings.picked
        return column if first <= column < first + length else first + length - 1

    @property
    def picked_number(self) -> int:
        """The number in the picked column."""
        return self.table.rows[0][self.picked]

    def bags(self) -> list[dict[int, float]]:
        """The bag of each text: its entries by place, those that are 0 left out."""
        weighting = self.settings.weighting
        return [bag(numbers, self.dictionary, weighting) for numbers in self.sequences]

    def backwards_differs(self) -> tuple[int, int]:
        """Of the places of both bags, how many differ if the first text is read backwards."""
        own, n = self.settings, int(self.settings.n)
        tokens = tokens_of(own.text, own.unit)[::-1]
        joint = " " if own.unit == "word" else ""
        groups = [joint.join(tokens[k : k + n]) for k in range(max(1, len(tokens) - n + 1))]
        bags = [
            bag(numbers, self.dictionary, "count") if numbers else {}
            for numbers in (self._numbers(groups), self.sequences[0])
        ]
        places = set(bags[0]) | set(bags[1])
        return sum(bags[0].get(place) != bags[1].get(place) for place in places), len(places)

    @cached_property
    def distinct(self) -> tuple[str, ...]:
        """The distinct tokens of all texts, in their order."""
        return tuple(dict.fromkeys(token for tokens in self.tokens for token in tokens))

    def collisions(self) -> list[tuple[int, list[str]]]:
        """The buckets that several tokens of the texts share, with these tokens."""
        return collisions(self.distinct, self.settings.buckets)

    def bucket(self, token: str) -> int:
        """The bucket of a token."""
        return bucket(token, self.settings.buckets)


def run(settings: TextSettings, counts: Counts | None) -> Conveyor:
    """Take the texts of `settings` through the stations; `counts` are those of the source.

    Without them the texts themselves are counted.

    Raises:
        Problem: the text is empty.
    """
    n = int(settings.n)
    tokens = tuple(tuple(tokens_of(text, settings.unit, n)) for text in settings.texts)
    if counts is None:
        counts = count(settings.texts, settings.unit, n)
    dictionary = Dictionary.of(
        counts,
        settings.size,
        settings.order,
        mask=settings.mask,
        unk=settings.unk,
        ends=settings.ends,
    )
    table = table_of(
        [dictionary.encode(row) for row in tokens],
        settings.longest,
        settings.padding,
        settings.cutting,
    )
    return Conveyor(settings, tokens, dictionary, table)
