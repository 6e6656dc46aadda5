"""The four stations of a text on its way to a network: tokens, numbers, table, vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rnnviz.ideas.text.bags import bag
from rnnviz.ideas.text.dictionary import BEGIN, END, Counts, Dictionary, count
from rnnviz.ideas.text.hashing import bucket, collisions
from rnnviz.ideas.text.settings import TextSettings
from rnnviz.ideas.text.table import Table, table_of
from rnnviz.ideas.text.tokens import tokens_of


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
        settings.top_k,
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
