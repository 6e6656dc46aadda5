"""The door of the store: whatever comes in leaves here as something that SQLite can keep.

What is refused here could not be written later, and would hold up all that waits behind it.
"""

import json
import math
import unicodedata
from collections.abc import Mapping
from typing import Any

from rnnviz.messages import N_, Problem

TOO_LONG = N_("{name} has {count} characters; allowed is up to {limit}.")

DEPTH = 40
"""How deeply lists and tables may lie in each other."""

WIDEST = 2**62
"""Whole numbers beyond this do not fit a column."""


def text(value: object) -> str:
    """`value` as text that UTF-8 can hold: composed, without NUL and without half a surrogate."""
    valid = str(value).encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", valid.replace("\0", ""))


def titled(name: str, value: str, limit: int) -> str:
    """A name or a note as a visitor typed it.

    Raises:
        Problem: longer than `limit` characters.
    """
    clean = text(value).strip()
    if len(clean) > limit:
        raise Problem(TOO_LONG, name=name, count=len(clean), limit=limit)
    return clean


def searchable(*parts: object) -> str:
    """The text in which a search looks: all `parts`, without regard to case."""
    return "\n".join(text(part) for part in parts if part).casefold()


def number(value: object) -> float | None:
    """A finite float, or None for everything else: a loss that diverged leaves a gap."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        real = float(value)
    except OverflowError:
        return None
    return real if math.isfinite(real) else None


def whole(value: object) -> int | None:
    """A whole number that fits a column, or None."""
    fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= WIDEST
    return int(value) if fits else None  # type: ignore[call-overload]


def step_of(value: object) -> int:
    """The number of a training step.

    Raises:
        ValueError: not a whole number from 0 on.
    """
    step = whole(value)
    if step is None or step < 0:
        raise ValueError(f"a step is a whole number from 0 to {WIDEST}, not {value!r}")
    return step


def to_json(value: object) -> str:
    """`value` as JSON; a number that is not finite becomes null, half a surrogate "?".

    Raises:
        ValueError: something that JSON cannot say, or nested deeper than `DEPTH`.
    """
    return json.dumps(_plain(value, DEPTH), ensure_ascii=True, separators=(",", ":"))


def maybe_json(value: object | None) -> str | None:
    """`to_json`, and None for None."""
    return None if value is None else to_json(value)


def from_json(given: str | None) -> Any:
    """What `maybe_json` has written."""
    return None if given is None else json.loads(given)


def _plain(value: object, depth: int) -> object:
    if depth == 0:
        raise ValueError(f"nested deeper than {DEPTH}")
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
