"""Which script a text is written in."""

from collections.abc import Sequence

import regex

_LETTER = regex.compile(r"\p{L}")
_HANGUL = regex.compile(r"\p{Hangul}")


def has_letter(token: str) -> bool:
    """Whether `token` is a word or a part of one, and not only digits, marks or blanks."""
    return _LETTER.search(token) is not None


def hangul_share(tokens: Sequence[str]) -> float:
    """The share of words with a Hangul letter among the words of `tokens`; 0 without words."""
    words = [token for token in tokens if has_letter(token)]
    return sum(_HANGUL.search(word) is not None for word in words) / max(1, len(words))
