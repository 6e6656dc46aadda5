"""Checks of every file of a visitor: its size, its kind and its encoding."""

import math

from rnnviz.data.reading.form.encoding import Decoded, decode
from rnnviz.data.reading.form.formats import refuse_binary
from rnnviz.messages import N_, Problem

TOO_LARGE = N_("The file has {size} MB; allowed are at most {limit} MB.")
EMPTY = N_("The file is empty; allowed is a text.")

MB = 2**20

SERIES_LIMIT = 60
"""How large a table may be, in MB; Jena's eight years have 41."""


def check_size(content: bytes, limit: int) -> None:
    """Refuse a file of more than `limit` MB.

    Raises:
        Problem: it is larger.
    """
    if len(content) > limit * MB:
        # Rounded up, so that the size named is always above the limit named.
        raise Problem(TOO_LARGE, size=math.ceil(10 * len(content) / MB) / 10, limit=limit)


def decode_file(content: bytes, limit: int, encoding: str | None = None) -> Decoded:
    """The text of a file of at most `limit` MB, without a byte order mark.

    The `encoding` is recognised where it is None.

    Nothing is ever unpacked here, so a small file cannot become a large one.

    Raises:
        Problem: it is larger, empty, of a format that is no text, or binary.
    """
    check_size(content, limit)
    refuse_binary(content)
    decoded = decode(content, encoding)
    check_written(decoded.text)
    return decoded


def check_written(text: str) -> None:
    """Refuse a text of blanks.

    Raises:
        Problem: it is one.
    """
    if not text.strip():
        raise Problem(EMPTY)
