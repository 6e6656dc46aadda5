"""From text to tokens to numbers: tokenisers, vocabularies, and the vectoriser of all tasks."""

from rnnviz.text.jamo import display_form, from_jamo, to_jamo
from rnnviz.text.script import hangul_share, has_letter
from rnnviz.text.tokens import LIMIT, Tokens, Unit, characters, join, split, tokenise, words
from rnnviz.text.vectoriser import Side, Vectoriser, pad
from rnnviz.text.vocabulary import BOS, ENDS, EOS, PAD, SPECIALS, UNK, Vocabulary, lookup_form

__all__ = [
    "BOS",
    "ENDS",
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
    "characters",
    "display_form",
    "from_jamo",
    "hangul_share",
    "has_letter",
    "join",
    "lookup_form",
    "pad",
    "split",
    "to_jamo",
    "tokenise",
    "words",
]
