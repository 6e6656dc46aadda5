"""The data sets that ship with rnnviz, read once, and the files that a visitor brings."""

from rnnviz.data.catalogue import DATASETS, FOLDERS, INTENTS, DataSet
from rnnviz.data.loaders import (
    Glove,
    Pronunciation,
    Snippet,
    Surname,
    Utterance,
    alice,
    constitution,
    glove,
    mast,
    pronunciations,
    snippets,
    surnames,
    utterances,
)
from rnnviz.data.series import Series

__all__ = [
    "DATASETS",
    "FOLDERS",
    "INTENTS",
    "DataSet",
    "Glove",
    "Pronunciation",
    "Series",
    "Snippet",
    "Surname",
    "Utterance",
    "alice",
    "constitution",
    "glove",
    "mast",
    "pronunciations",
    "snippets",
    "surnames",
    "utterances",
]
