"""A text as numbers, cut into the parts for training, validation and testing."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from rnnviz.data import alice, constitution
from rnnviz.data.uploads import uploaded_text
from rnnviz.data.visitor_text import MIN_CHARACTERS, TOO_SHORT
from rnnviz.messages import N_, Problem
from rnnviz.tasks.framework.kinds import Split
from rnnviz.text import Unit, Vocabulary, split

NOTHING_TWICE = N_(
    "No character occurs twice in the first {count} of the text, so nothing can be learned from "
    "it; allowed is a text in which characters recur."
)

TRAINING_SHARE, VALIDATION_SHARE = 0.9, 0.05
"""The parts of a text, in its order; what is left is the test part."""

UNITS: dict[str, Unit] = {"constitution_jamo": "jamo"}
"""What is read as one symbol, where it is no character."""


@dataclass(frozen=True, eq=False)
class Corpus:
    """A text as ids, cut in three; `vocabulary` has the symbols that a model can write."""

    vocabulary: Vocabulary
    parts: dict[Split, Tensor]


@lru_cache(maxsize=8)
def corpus(source: str, file: str, known: int, reading: str = "") -> Corpus:
    """The text of `source`, of which up to `known` symbols are read as themselves.

    Raises:
        Problem: the visitor's file is not here, is no text, too short, or has no symbol twice.
    """
    match source:
        case "alice":
            text = alice()
        case "own":
            text = uploaded_text(file, reading)
        case _:
            text = constitution()
    symbols = split(text, UNITS.get(source, "character"))
    if (
        len(symbols) < MIN_CHARACTERS
    ):  # an accent is a character of the file, but none of the reader
        raise Problem(TOO_SHORT, count=len(symbols), least=MIN_CHARACTERS)
    ends = [int(share * len(symbols)) for share in (TRAINING_SHARE, 1 - VALIDATION_SHARE)]
    counts = Counter(symbols[: ends[0]])
    # Who stands there once only is read as unknown, so that the network knows what that is like:
    # the held-out parts have characters that the training part has not.
    again = [symbol for symbol in symbols[: ends[0]] if counts[symbol] > 1]
    if not again:
        raise Problem(NOTHING_TWICE, count=ends[0])
    vocabulary = Vocabulary.top(again, known, fold=False)
    ids = torch.tensor(vocabulary.encode(symbols))
    train, validation, test = ids.tensor_split(ends)
    return Corpus(vocabulary, {"train": train, "validation": validation, "test": test})
