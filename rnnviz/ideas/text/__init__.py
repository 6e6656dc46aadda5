"""Text into numbers: tokens, a dictionary, a padded table, vectors."""

from rnnviz.ideas.text.claims import claims
from rnnviz.ideas.text.conveyor import Conveyor, run
from rnnviz.ideas.text.dictionary import Counts, Dictionary, count, count_source, nationalities
from rnnviz.ideas.text.embedding import analogy, nearest, principal_axes
from rnnviz.ideas.text.findings import finding
from rnnviz.ideas.text.listings import listings
from rnnviz.ideas.text.look_up import LookUp, look_up, stop
from rnnviz.ideas.text.reviews import TrainedEmbedding
from rnnviz.ideas.text.settings import TextSettings
from rnnviz.ideas.text.table import Table, table_of

__all__ = [
    "Conveyor",
    "Counts",
    "Dictionary",
    "LookUp",
    "Table",
    "TextSettings",
    "TrainedEmbedding",
    "analogy",
    "claims",
    "count",
    "count_source",
    "finding",
    "listings",
    "look_up",
    "nationalities",
    "nearest",
    "principal_axes",
    "run",
    "stop",
    "table_of",
]
