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
    intent_slots,
    mast,
    pronunciations,
    snippets,
    surnames,
    utterances,
)
from rnnviz.data.reading import Choice, Question, SeriesReading, read_series
from rnnviz.data.series import Series
from rnnviz.data.uploads import (
    UPLOADS,
    Uploads,
    uploaded_reading,
    uploaded_series,
    uploaded_text,
)
from rnnviz.data.validate import SERIES_LIMIT
from rnnviz.data.visitor_text import TEXT_LIMIT, read_text_file

__all__ = [
    "DATASETS",
    "FOLDERS",
    "INTENTS",
    "SERIES_LIMIT",
    "TEXT_LIMIT",
    "UPLOADS",
    "Choice",
    "DataSet",
    "Glove",
    "Pronunciation",
    "Question",
    "Series",
    "SeriesReading",
    "Snippet",
    "Surname",
    "Uploads",
    "Utterance",
    "alice",
    "constitution",
    "glove",
    "intent_slots",
    "mast",
    "pronunciations",
    "read_series",
    "read_text_file",
    "snippets",
    "surnames",
    "uploaded_reading",
    "uploaded_series",
    "uploaded_text",
    "utterances",
]
