"""From text to tokens to numbers: tokenisers, vocabularies, and the vectoriser of all tasks."""

from rnnviz.text.jamo import alone, jamo, join_jamo
from rnnviz.text.tokens import LIMIT, Tokens, Unit, characters, join, split, tokenise, words
from rnnviz.text.vectoriser import Side, Vectoriser, pad
from rnnviz.text.vocabulary import BOS, EOS, PAD, SPECIALS, UNK, Vocabulary, lookup_form

__all__ = [
    "BOS",
    "EOS",
    "LIMIT",
    "PAD",
    "SPECIALS",
    "UNK",
    "Side",
    "Tokens",
    "Unit",
    "Vectoriser",
    "Vocabulary",
    "alone",
    "characters",
    "jamo",
    "join",
    "join_jamo",
    "lookup_form",
    "pad",
    "split",
    "tokenise",
    "words",
]
