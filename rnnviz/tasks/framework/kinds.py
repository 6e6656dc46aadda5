"""The kinds of problems that there are, and the parts that their examples are split into."""

from typing import Literal

Kind = Literal["many-to-one", "many-to-many", "one-to-many", "sequence-to-sequence", "forecast"]
Split = Literal["train", "validation", "test"]

ExampleKind = Literal["memorised", "drawn", "validation", "test"]
"""What examples are on which a model is measured: those of training, learned by heart; some that
training draws as well, of a few different ones; held out, but those of the curve; held out, and
looked at only once, at the end."""

HELD_OUT: tuple[Split, ...] = ("validation", "test")
"""The splits that nothing is learned from."""

DECODER_KINDS: frozenset[Kind] = frozenset({"one-to-many", "sequence-to-sequence"})
"""The kinds whose answer is a sequence of its own; their first label ends it."""

END_LABEL = 0
"""The label that ends such an answer."""
