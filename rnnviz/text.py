"""From text to tokens to numbers: two tokenisers and a vocabulary.

A token is shown exactly as the visitor typed it; only its look-up ignores case (for words).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import regex

from rnnviz.messages import N_, Problem

Unit = Literal["word", "character"]

LIMIT = 200
"""The longest sequence, in tokens."""

PAD, UNK, BOS, EOS = 0, 1, 2, 3
SPECIALS = ("<pad>", "<unk>", "<bos>", "<eos>")

EMPTY_TEXT = N_("The text is empty: type at least one word or character.")

# A word is a run of letters, marks, digits and joiners with apostrophes inside it ("what's");
# anything else that is not a blank is a token of its own. \X is what a reader calls one character:
# a flag, a family emoji, a letter with its accents.
_WORD = regex.compile(
    r"[\p{L}\p{M}\p{N}\u200c\u200d]+(?:['’][\p{L}\p{M}\p{N}\u200c\u200d]+)*|(?!\s)\X"
)
_CHARACTER = regex.compile(r"\X")
_INVISIBLE = regex.compile(r"[\p{Z}\p{C}]+")


def words(text: str) -> list[str]:
    """The words and punctuation marks of `text`, as typed, without the blanks between them."""
    return [token for token in _WORD.findall(text) if not _INVISIBLE.fullmatch(token)]


def characters(text: str) -> list[str]:
    """The characters of `text` as a reader counts them (grapheme clusters), blanks included."""
    return list(_CHARACTER.findall(text))


@dataclass(frozen=True)
class Tokens:
    """The first `LIMIT` tokens of a text; `total` counts all it had."""

    tokens: tuple[str, ...]
    total: int

    @property
    def cut(self) -> bool:
        """Whether tokens were left out."""
        return self.total > len(self.tokens)


def tokenise(text: str, unit: Unit, limit: int = LIMIT) -> Tokens:
    """Split `text` into words or characters and keep the first `limit`.

    Raises:
        Problem: nothing is left to read.
    """
    text = text.strip()
    found = words(text) if unit == "word" else characters(text)
    if not found or _INVISIBLE.fullmatch(text):
        raise Problem(EMPTY_TEXT)
    return Tokens(tuple(found[:limit]), len(found))


def lookup_form(token: str) -> str:
    """The form under which a word is looked up: lower case, with a plain apostrophe."""
    return token.lower().replace("’", "'")


@dataclass(frozen=True)
class Vocabulary:
    """The tokens that a model knows; the first four are PAD, UNK, BOS and EOS.

    `fold` looks words up without regard to case; characters keep theirs.
    """

    tokens: tuple[str, ...]
    fold: bool

    @classmethod
    def of(cls, tokens: Iterable[str], fold: bool = True) -> "Vocabulary":
        """The vocabulary of the distinct `tokens`, in the order in which they first appear."""
        forms = (lookup_form(token) if fold else token for token in tokens)
        return cls(SPECIALS + tuple(dict.fromkeys(forms)), fold)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {token: i for i, token in enumerate(self.tokens) if i >= len(SPECIALS)}

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, tokens: Sequence[str]) -> list[int]:
        """The id of each token; UNK for one that is not known. Typed text never yields PAD."""
        forms = (lookup_form(token) if self.fold else token for token in tokens)
        return [self._ids.get(form, UNK) for form in forms]

    def decode(self, ids: Sequence[int]) -> list[str]:
        """The token of each id."""
        return [self.tokens[i] for i in ids]

    def is_unknown(self, token: str) -> bool:
        """Whether `token` is read as UNK."""
        return self.encode([token]) == [UNK]
