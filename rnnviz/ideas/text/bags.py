"""A text as one vector with a place for every token of the dictionary: its bag of tokens."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from rnnviz.ideas.text.dictionary import Dictionary

Weighting = Literal["binary", "count", "frequency", "tf-idf"]
"""What stands at a token's place; Keras' texts_to_matrix has the same four modes."""


def bag(numbers: Sequence[int], dictionary: Dictionary, weighting: Weighting) -> dict[int, float]:
    """The entries of the vector that are not 0, by place; the other places are 0.

    `numbers` is the sequence without padding.
    """
    counts = Counter(numbers)
    if weighting == "binary":
        return dict.fromkeys(counts, 1.0)
    if weighting == "count":
        return {number: float(count) for number, count in counts.items()}
    if weighting == "frequency":
        return {number: count / len(numbers) for number, count in counts.items()}
    return {number: count * idf(number, dictionary) for number, count in counts.items()}


def idf(number: int, dictionary: Dictionary) -> float:
    """The inverse document frequency, ln((1 + N) / (1 + n)) + 1, scikit-learn's default.

    N training texts, n of them with the token; a special token is taken to occur in none. (Keras'
    old Tokenizer computed ln(1 + N / (1 + n)) and multiplied it by 1 + ln(count).)
    """
    place = number - len(dictionary.specials)
    n = dictionary.documents[place] if place >= 0 else 0
    return math.log((1 + dictionary.n_texts) / (1 + n)) + 1
