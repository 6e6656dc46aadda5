"""From text to tokens and back: words, characters, jamo. A token is shown exactly as typed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import regex

from rnnviz.messages import N_, Problem
from rnnviz.text.jamo import from_jamo, to_jamo

Unit = Literal["word", "character", "jamo"]

LIMIT = 200
"""The longest sequence, in tokens."""

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
    def is_truncated(self) -> bool:
        """Whether tokens were left out."""
        return self.total > len(self.tokens)


_SPLITTERS: dict[Unit, Callable[[str], list[str]]] = {
    "word": words,
    "character": characters,
    "jamo": to_jamo,
}


def split(text: str, unit: Unit) -> list[str]:
    """All tokens of `text`, blanks at its ends left out.

    Raises:
        Problem: nothing is left to read.
    """
    text = text.strip()
    tokens = _SPLITTERS[unit](text)
    if not tokens or _INVISIBLE.fullmatch(text):
        raise Problem(EMPTY_TEXT)
    return tokens


def tokenise(text: str, unit: Unit, limit: int = LIMIT) -> Tokens:
    """Split `text` into tokens and keep the first `limit`.

    Raises:
        Problem: nothing is left to read.
    """
    tokens = split(text, unit)
    return Tokens(tuple(tokens[:limit]), len(tokens))


def join(tokens: Iterable[str], unit: Unit) -> str:
    """The text of `tokens`: words with a blank between them, the others side by side."""
    if unit == "jamo":
        return from_jamo(tokens)
    return (" " if unit == "word" else "").join(tokens)
