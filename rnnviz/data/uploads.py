"""Uploaded files, addressed by the hash of their content."""

import hashlib
import threading
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING

from rnnviz.data.bounded_cache import BoundedCache
from rnnviz.data.reading.corrections import from_json
from rnnviz.data.series import Series
from rnnviz.data.validate import MB
from rnnviz.data.visitor_text import read_text_file
from rnnviz.messages import N_, Problem

if TYPE_CHECKING:
    from rnnviz.data.reading import SeriesReading

UPLOAD_MISSING = N_("The file {key} of this run is no longer available; upload it again.")


class Uploads:
    """The latest files, at most `limit` MB of them and always the last one; safe for threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit * MB
        self._lock = threading.Lock()
        self._contents: OrderedDict[str, bytes] = OrderedDict()

    def add(self, content: bytes) -> str:
        """Keep `content` and return its key, the SHA-256 of it in hexadecimal."""
        key = hashlib.sha256(content).hexdigest()
        with self._lock:
            self._contents[key] = content
            self._contents.move_to_end(key)
            total = sum(map(len, self._contents.values()))
            while total > self._limit and len(self._contents) > 1:
                _key, oldest = self._contents.popitem(last=False)
                total -= len(oldest)
        return key

    def __contains__(self, key: str) -> bool:
        with self._lock:
            return key in self._contents

    def get(self, key: str) -> bytes:
        """The content with this key.

        Raises:
            Problem: it is unknown, or no longer available.
        """
        with self._lock:
            if key not in self._contents:
                raise Problem(UPLOAD_MISSING, key=key[:8])
            self._contents.move_to_end(key)
            return self._contents[key]


# One for the process, although sessions share it: an entry never changes, and its key can only
# be computed from its content.
UPLOADS = Uploads(limit=256)


@lru_cache(maxsize=8)
def uploaded_text(key: str, corrections: str = "") -> str:
    """The text of the file with this key in `UPLOADS`; of the `corrections` the encoding counts.

    Raises:
        Problem: the file is no longer available, or no text.
    """
    return read_text_file(UPLOADS.get(key), from_json(corrections).get("encoding"))


def uploaded_reading(key: str, corrections: str = "") -> "SeriesReading":
    """What was recognised and read of the file with this key in `UPLOADS`.

    `corrections`: what the visitor corrected of it, as `corrections.to_json` writes it.

    Raises:
        Problem: the file is no longer available, or no table of measurements.
    """
    return _uploaded_reading(key, corrections)


def _read_table(key: str, corrections: str) -> "SeriesReading":
    # Only here: the reader is large.
    from rnnviz.data.visitor_series import read_table

    return read_table(UPLOADS.get(key), corrections)


_uploaded_reading = BoundedCache(_read_table, lambda reading: reading.nbytes, limit=256)


def uploaded_series(key: str, corrections: str = "") -> Series:
    """The measurements in the file with this key in `UPLOADS`.

    Raises:
        Problem: the file is no longer available, or no table of measurements.
    """
    return _uploaded_series(key, corrections)


def _make_series(key: str, corrections: str) -> Series:
    from rnnviz.data.visitor_series import series_from_reading

    return series_from_reading(_uploaded_reading(key, corrections))


def _series_size(series: Series) -> int:
    arrays = [series.values, series.times, series.elapsed]
    return sum(array.nbytes for array in arrays if array is not None)


_uploaded_series = BoundedCache(_make_series, _series_size, limit=256)
