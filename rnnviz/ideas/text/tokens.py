"""A text cut into tokens: words, characters or jamo, alone or in groups of neighbours."""

from collections.abc import Sequence

from rnnviz.text import Unit, display_form, lookup_form, split


def tokens_of(text: str, unit: Unit, n: int = 1) -> list[str]:
    """The n-grams of `text`: every run of `n` neighbouring tokens, words in lower case.

    A text of fewer than `n` tokens is one shorter group.

    Raises:
        Problem: nothing is left to read.
    """
    tokens = split(text, unit)
    if unit == "word":
        tokens = [lookup_form(token) for token in tokens]
    elif unit == "jamo":
        tokens = [display_form(token) for token in tokens]
    return ngrams(tokens, n, " " if unit == "word" else "")


def ngrams(tokens: Sequence[str], n: int, joint: str = " ") -> list[str]:
    """Every run of `n` neighbours among `tokens`, joined; all of them if there are fewer."""
    return [joint.join(tokens[start : start + n]) for start in range(max(1, len(tokens) - n + 1))]
