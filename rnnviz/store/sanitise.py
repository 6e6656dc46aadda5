"""Turn values from outside into values that SQLite can store.

A value that is not refused here and cannot be written later would hold up the whole queue.
"""

import json
import math
import unicodedata
from collections.abc import Mapping
from typing import Any

from rnnviz.messages import N_, Problem

TOO_LONG = N_("{name} has {count} characters; allowed is up to {limit}.")

MAX_DEPTH = 40
"""How deeply lists and mappings may be nested."""

LARGEST_INTEGER = 2**62
"""Integers beyond this do not fit a column."""


def text(value: object) -> str:
    """`value` as NFC text that UTF-8 can encode, without NUL and without lone surrogates."""
    valid = str(value).encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", valid.replace("\0", ""))


def clean_title(name: str, value: str, limit: int) -> str:
    """The name or note that a visitor typed, stripped.

    Raises:
        Problem: longer than `limit` characters.
    """
    clean = text(value).strip()
    if len(clean) > limit:
        raise Problem(TOO_LONG, name=name, count=len(clean), limit=limit)
    return clean


def searchable(*parts: object) -> str:
    """The text that searches look through: all `parts`, case-folded."""
    return "\n".join(text(part) for part in parts if part).casefold()


def number(value: object) -> float | None:
    """A finite float; None for everything else, such as a loss that diverged."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        real = float(value)
    except OverflowError:
        return None
    return real if math.isfinite(real) else None


def integer(value: object) -> int | None:
    """An integer that fits a column, or None."""
    fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_INTEGER
    return int(value) if fits else None  # type: ignore[call-overload]


def step_of(value: object) -> int:
    """The number of a training step.

    Raises:
        ValueError: it is not an integer from 0 to `LARGEST_INTEGER`.
    """
    step = integer(value)
    if step is None or step < 0:
        raise ValueError(f"a step is a whole number from 0 to {LARGEST_INTEGER}, not {value!r}")
    return step


def to_json(value: object) -> str:
    """`value` as JSON; a number that is not finite becomes null, a lone surrogate "?".

    Raises:
        ValueError: it has a type that JSON lacks, or is nested deeper than `MAX_DEPTH`.
    """
    return json.dumps(_plain(value, MAX_DEPTH), ensure_ascii=True, separators=(",", ":"))


def maybe_json(value: object | None) -> str | None:
    """`to_json`, and None for None."""
    return None if value is None else to_json(value)


def from_json(content: str | None) -> Any:
    """The value that `maybe_json` has written."""
    return None if content is None else json.loads(content)


def _plain(value: object, depth: int) -> object:
    if depth == 0:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    match value:
        case None | bool() | int():
            return value
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case float():
            return value if math.isfinite(value) else None
        case Mapping():
            return {str(key): _plain(each, depth - 1) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each, depth - 1) for each in value]
    raise ValueError(f"a {type(value).__name__} is not plain data")
