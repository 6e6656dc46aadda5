"""How a text becomes a sequence of ids, and how sequences of unlike length stand in one table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rnnviz.text.tokens import LIMIT, Unit, split
from rnnviz.text.vocabulary import BOS, EOS, PAD, Vocabulary

Side = Literal["before", "after"]
"""Where padding stands, and at which end a long text is cut."""


@dataclass(frozen=True)
class Vectoriser:
    """How texts become ids: what a visitor types to any task, and the texts of data sets.

    Tasks that make their texts as they draw them (intents, dates, tags) encode once what those are
    made of, which takes a part of the time; a test compares them with the ids of this class.
    Models receive the length of each sequence and count from its front, so the batches of all tasks
    are padded after it; padding before it is for readers that only know the end.

    `top_k` tokens are known, the most frequent (None: all of them); a sequence has at most
    `maximum_length` ids, BOS and EOS included where they are asked for.

    Raises:
        ValueError: `maximum_length` leaves no room for a token, or `top_k` is below 1.
    """

    unit: Unit = "word"
    top_k: int | None = None
    maximum_length: int = LIMIT
    truncation: Side = "after"
    padding: Side = "after"
    bos: bool = False
    eos: bool = False

    def __post_init__(self) -> None:
        if self._room < 1:
            raise ValueError(
                f"maximum_length is {self.maximum_length}; "
                f"allowed is at least {1 + self.bos + self.eos}"
            )
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"top_k is {self.top_k}; allowed is at least 1, or None for all")

    @property
    def _room(self) -> int:
        return self.maximum_length - self.bos - self.eos

    def fit(self, texts: Iterable[str]) -> Vocabulary:
        """The vocabulary of `texts`: its tokens by frequency, of equals the first to appear."""
        tokens = [token for text in texts for token in split(text, self.unit)]
        k = len(tokens) if self.top_k is None else self.top_k
        return Vocabulary.top(tokens, k, fold=self.unit == "word")

    def tokens(self, text: str) -> list[str]:
        """The tokens of `text` that are kept, as typed, without BOS and EOS.

        Raises:
            Problem: nothing is left to read.
        """
        tokens = split(text, self.unit)
        return tokens[: self._room] if self.truncation == "after" else tokens[-self._room :]

    def __call__(self, text: str, vocabulary: Vocabulary) -> list[int]:
        """The ids of `text`, cut to `maximum_length` but not padded.

        Raises:
            Problem: nothing is left to read.
        """
        ids = vocabulary.encode(self.tokens(text))
        return [BOS] * self.bos + ids + [EOS] * self.eos

    def pad(self, sequences: Sequence[Sequence[int]]) -> list[list[int]]:
        """`sequences` as one table (B,T), T the longest, filled with PAD before or after."""
        return pad(sequences, self.padding)


def pad(sequences: Sequence[Sequence[int]], side: Side = "after") -> list[list[int]]:
    """`sequences` as one table (B,T), T the longest, filled with PAD on that side."""
    T = max(map(len, sequences), default=0)
    if side == "after":
        return [[*ids, *[PAD] * (T - len(ids))] for ids in sequences]
    return [[*[PAD] * (T - len(ids)), *ids] for ids in sequences]
