"""Read the entries of a .zip that may come from anywhere, within bounds."""

import csv
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import safetensors

from rnnviz.messages import N_, Message, Problem, excerpt
from rnnviz.store.sanitise import text

UNPACKS_TOO_LARGE = N_(
    "In the file, {entry} is too large once unpacked; allowed is up to {limit} MB."
)
MISSING = N_("The file lacks {entry}; allowed is a .zip of a run as it was exported here.")
GARBLED = N_(
    "In the file, {entry} is invalid ({reason}); allowed is a .zip of a run as it was exported "
    "here."
)

TOO_COMPLEX = N_(
    "In the file, {entry} has {count} {kind}; allowed is up to {limit}, as in a .zip of a run as "
    "it was exported here."
)

LISTS, VALUES, TEXTS = N_("lists and tables"), N_("values"), N_("texts")

MB = 2**20
MAX_UNPACKED = 128 * MB
"""Bytes that all entries may have together once they are unpacked."""

T = TypeVar("T")

HOSTILE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, safetensors.SafetensorError, csv.Error),
    *(OSError, EOFError, ValueError, TypeError, RuntimeError, LookupError, OverflowError),
    *(AttributeError, MemoryError),
)
"""The exceptions that zipfile, json, csv and safetensors raise for invalid content."""

_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Other methods may allocate gigabytes before they return the first byte."""


@dataclass(frozen=True)
class Bounds:
    """How many parts a text may have, counted before it is parsed.

    An empty list takes two bytes as text and fifty times as much as an object. What is counted are
    the signs without which there is no such part; a text that contains them counts as well.
    """

    lists: int
    values: int
    texts: int

    def check(self, entry: str, content: bytes) -> None:
        """Refuse the content of `entry` if it has more.

        Raises:
            Problem: there are more lists and tables, values, or texts.
        """
        quotes = content.count(b'"') // 2
        lists = content.count(b"[") + content.count(b"{")
        values = content.count(b",") + content.count(b":") + content.count(b"\n")
        for count, limit, kind in (
            (lists, self.lists, LISTS),
            (quotes, self.texts, TEXTS),
            (values, self.values, VALUES),
        ):
            if count > limit:
                message = Message(kind)
                raise Problem(TOO_COMPLEX, entry=entry, count=count, limit=limit, kind=message)


class Entries:
    """The entries of a zip; together they may not unpack to more than `MAX_UNPACKED` bytes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._bytes_left = MAX_UNPACKED

    def read(
        self,
        name: str,
        parse: Callable[[bytes], T],
        max_bytes: int = MAX_UNPACKED,
        bounds: "Bounds | None" = None,
    ) -> T:
        """The entry `name`, which has up to `max_bytes` bytes and `bounds`, parsed by `parse`.

        Raises:
            Problem: it is missing, too large or invalid.
        """
        try:
            demand(self._archive.getinfo(name).compress_type in _COMPRESSIONS, "not deflated")
            # The size that the zip states may be false: count what really comes out.
            with self._archive.open(name) as file:
                content = file.read(min(max_bytes, self._bytes_left) + 1)
            if len(content) <= min(max_bytes, self._bytes_left):
                self._bytes_left -= len(content)
                if bounds is not None:
                    bounds.check(name, content)
                return parse(content)
        except Problem:
            raise
        except KeyError as error:
            raise Problem(MISSING, entry=name) from error
        except HOSTILE as error:
            raise Problem(GARBLED, entry=name, reason=excerpt(str(error))) from error
        raise Problem(UNPACKS_TOO_LARGE, entry=name, limit=max_bytes // MB)


def demand(is_valid: bool, reason: str) -> None:
    """Raise a ValueError with `reason` unless `is_valid`."""
    if not is_valid:
        raise ValueError(text(reason))
