"""The settings of the conveyor, each with what is allowed and what a visitor reads about it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rnnviz.ideas.text.bags import Weighting
from rnnviz.ideas.text.dictionary import Order, Source
from rnnviz.ideas.text.reviews import STEPS, Reader
from rnnviz.messages import N_
from rnnviz.settings import Choice, Range
from rnnviz.text import Unit
from rnnviz.text.vectoriser import Side

Kind = Literal["one-hot", "bag", "hashing", "embedding"]
Origin = Literal["glove", "training", "random"]

SIDES = {"before": N_("front"), "after": N_("back")}

MOST_OTHERS = 3
"""How many sentences stand in the table beside the visitor's own."""


@dataclass(frozen=True)
class TextSettings:
    """All that decides what the page shows.

    Attributes:
        text, others: the visitor's own text, and the ones under it in the table.
        picked: the place of the picked token in the text.
    """

    text: str = "the zoetrope film was not good"
    others: tuple[str, ...] = ("a beautiful film", "this is not what I wanted")
    unit: Annotated[
        Unit,
        Choice(
            {"word": N_("words"), "character": N_("characters"), "jamo": N_("jamo")},
            label=N_("Tokens"),
            help=N_(
                "A token is what gets a number of its own: a word, a character, or a Korean letter"
                " (jamo). Cutting a text into tokens is called tokenisation."
            ),
        ),
    ] = "word"
    n: Annotated[
        Literal["1", "2", "3"],
        Choice(
            {"1": "1", "2": "2", "3": "3"},
            label=N_("In groups of (n-grams)"),
            help=N_(
                "An n-gram is a group of n neighbouring tokens; the next one begins one token"
                " further on."
            ),
        ),
    ] = "1"
    source: Annotated[
        Source,
        Choice(
            {
                "reviews": N_("film reviews"),
                "surnames": N_("surnames"),
                "constitution": N_("the Korean constitution"),
                "own": N_("the texts of this page"),
            },
            label=N_("Dictionary from"),
            help=N_(
                "Whose tokens get numbers. Of a data set only the training split is counted: what"
                " is held out for testing must stay unseen."
            ),
        ),
    ] = "reviews"
    top_k: Annotated[
        int,
        Range(
            5,
            10_000,
            label=N_("Tokens in the dictionary"),
            help=N_("The most frequent tokens of the training texts; all others are unknown."),
            logarithmic=True,
        ),
    ] = 2000
    order: Annotated[
        Order,
        Choice(
            {
                "frequency": N_("how frequent"),
                "appearance": N_("first seen"),
                "alphabet": N_("alphabet"),
            },
            label=N_("Numbered by"),
            help=N_(
                "Which token gets the next number. Any order will do: a number is only a name."
            ),
        ),
    ] = "frequency"
    unk: bool = True
    ends: bool = False
    mask: bool = True
    longest: Annotated[
        int,
        Range(
            2,
            24,
            label=N_("Longest row"),
            help=N_("maxlen: all rows of the table get this length."),
        ),
    ] = 8
    padding: Annotated[
        Side,
        Choice(
            SIDES,
            label=N_("Padding"),
            help=N_("padding=: on which side a short row is filled with 0, pre or post."),
        ),
    ] = "after"
    cutting: Annotated[
        Side,
        Choice(
            SIDES,
            label=N_("Cutting"),
            help=N_("truncating=: on which side a long row is cut, pre or post."),
        ),
    ] = "after"
    vectors: Annotated[
        Kind,
        Choice(
            {
                "one-hot": N_("one-hot"),
                "bag": N_("bag"),
                "hashing": N_("hashing"),
                "embedding": N_("embedding"),
            },
            label=N_("Vectors"),
            help=N_(
                "How numbers become vectors. One-hot: 1 at the token's place. Bag of words: one"
                " vector for the whole text. Hashing: a place without a dictionary. Embedding: a"
                " row of a table of real numbers."
            ),
        ),
    ] = "embedding"
    weighting: Annotated[
        Weighting,
        Choice(
            {
                "binary": N_("binary"),
                "count": N_("count"),
                "frequency": N_("frequency"),
                "tf-idf": N_("tf-idf"),
            },
            label=N_("What stands at a token's place"),
            help=N_(
                "binary: 1 if it occurs. count: how often. frequency: count / length. tf-idf: count"
                " × how rare the token is in the training texts."
            ),
        ),
    ] = "count"
    buckets: Annotated[
        int,
        Range(
            2,
            1000,
            label=N_("Buckets"),
            help=N_("How many places there are: a token's place is its hash modulo this number."),
            logarithmic=True,
        ),
    ] = 20
    origin: Annotated[
        Origin,
        Choice(
            {
                "glove": N_("GloVe"),
                "training": N_("film reviews"),
                "random": N_("random"),
            },
            label=N_("Table from"),
            help=N_(
                "GloVe: 50 numbers for each word, learned from Wikipedia and news, frozen. Film"
                " reviews: 8 numbers, trained here. Random: how every table begins."
            ),
        ),
    ] = "glove"
    step: Annotated[
        int,
        Range(
            0,
            STEPS,
            label=N_("Training step"),
            help=N_("The table before training (0) and after so many updates."),
            logarithmic=True,
        ),
    ] = STEPS
    reader: Annotated[
        Reader,
        Choice(
            {"dense": N_("Flatten + Dense"), "rnn": N_("SimpleRNN")},
            label=N_("What reads the vectors"),
            help=N_(
                "Embedding(10000, 8) on 20 words: all 160 numbers into one linear layer, or word by"
                " word into an RNN."
            ),
        ),
    ] = "dense"
    picked: int = 2

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the table, the visitor's own first."""
        return (self.text, *self.others[:MOST_OTHERS])

    @property
    def has_review_words(self) -> bool:
        """Whether its tokens are words, as those of GloVe and of the trained table."""
        return self.unit == "word" and self.n == "1"
