"""Runs that outlive the server: an embedded database, and archives for export and import.

The interface is plain data (JSON types) and bytes, whatever an experiment contains.
"""

from rnnviz.store.archive_reader import read_archive
from rnnviz.store.archive_writer import to_csv, write_archive
from rnnviz.store.bundle import Bundle, Checkpoint, SavedStep, Upload
from rnnviz.store.columns import HISTORY_COLUMNS, LIVE, SORTS, STATES, RunRow
from rnnviz.store.location import folder
from rnnviz.store.search import Listing, Meaning, Query
from rnnviz.store.store import Store

__all__ = [
    "HISTORY_COLUMNS",
    "LIVE",
    "SORTS",
    "STATES",
    "Bundle",
    "Checkpoint",
    "Listing",
    "Meaning",
    "Query",
    "RunRow",
    "SavedStep",
    "Store",
    "Upload",
    "folder",
    "read_archive",
    "to_csv",
    "write_archive",
]
