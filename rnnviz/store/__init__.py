"""Runs that outlive the server: an embedded database, and archives to carry a run away.

Plain data (JSON types) and bytes go in and come out; nothing here knows what an experiment is.
"""

from rnnviz.store.archive_reader import read_archive
from rnnviz.store.archive_writer import to_csv, write_archive
from rnnviz.store.bundle import HISTORY_COLUMNS, Bundle, Checkpoint, SavedStep, Upload
from rnnviz.store.location import folder
from rnnviz.store.rows import LIVE, SORTS, STATES, Listing, Meaning, Query, RunRow
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
