"""The entries of a .zip that may come from anywhere: what is in them, or why it cannot be read."""

import csv
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import TypeVar

import safetensors

from rnnviz.messages import N_, Problem, excerpt
from rnnviz.store.sanitise import text

UNPACKS_TOO_LARGE = N_(
    "In the file, {entry} is too large once unpacked; allowed is up to {limit} MB."
)
MISSING = N_("The file lacks {entry}; allowed is a .zip of a run as it was exported here.")
GARBLED = N_(
    "In the file, {entry} is not as it should be ({reason}); allowed is a .zip of a run as it was "
    "exported here."
)

MB = 2**20
UNPACKED = 128 * MB
"""Bytes to which it may unpack."""

T = TypeVar("T")

HOSTILE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, safetensors.SafetensorError, csv.Error),
    *(OSError, EOFError, ValueError, TypeError, RuntimeError, LookupError, OverflowError),
    *(AttributeError, MemoryError),
)
"""What the readers of zip, JSON, CSV and safetensors raise when they are given just anything."""

_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others may ask for gigabytes before they give the first byte."""


class Entries:
    """The entries of a zip; together they may not unpack to more than `UNPACKED` bytes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._room = UNPACKED

    def read(self, name: str, parse: Callable[[bytes], T], most: int = UNPACKED) -> T:
        """What `parse` makes of the entry `name`, which has up to `most` bytes."""
        try:
            demand(self._archive.getinfo(name).compress_type in _PACKINGS, "not deflated")
            # Not what the zip says about itself, but what really comes out.
            with self._archive.open(name) as file:
                content = file.read(min(most, self._room) + 1)
            if len(content) <= min(most, self._room):
                self._room -= len(content)
                return parse(content)
        except Problem:
            raise
        except KeyError as error:
            raise Problem(MISSING, entry=name) from error
        except HOSTILE as error:
            raise Problem(GARBLED, entry=name, reason=excerpt(str(error))) from error
        raise Problem(UNPACKS_TOO_LARGE, entry=name, limit=most // MB)


def demand(right: bool, complaint: str) -> None:
    """Refuse an entry for a reason."""
    if not right:
        raise ValueError(text(complaint))
