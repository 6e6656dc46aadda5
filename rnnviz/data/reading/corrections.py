"""What a visitor corrected of a reading, as text: a part of the experiment, like its settings.

Only what differs from the recognition is in it, so that "" is the reading as it was proposed.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, get_args

from rnnviz.data.reading.result import Spacing
from rnnviz.messages import N_, Message, Problem, excerpt

MAX_LENGTH = 4_000
"""The longest text of corrections, in characters; it has to fit into a link."""

MAX_TEXT = 200
MAX_ENTRIES = 60
MAX_HEADER = 1_000

NOT_CORRECTIONS = N_("The corrections of the reading are not readable: {reason}")
TOO_LONG = N_("The corrections of the reading are too long: {count}; allowed are at most {limit}.")
NOT_AN_ARGUMENT = N_("{name} cannot be corrected; allowed is one of: {options}.")
NOT_ALLOWED = N_("The correction of {name} is {value}; allowed is {kind}.")

A_TEXT = N_("a text no longer than {limit}")
A_HEADER = N_("the number of a line up to {limit}, or 0 for none")
NAMES = N_("a list of at most {limit} names of columns")
NUMBERS_OR_TEXTS = N_("a list of at most {limit} numbers or texts")
ONE_OF = N_("one of: {options}")


def to_json(arguments: Mapping[str, Any]) -> str:
    """The `arguments` of `read_series` that were corrected, as text; None is no correction.

    Equal corrections give equal texts, and none the empty one.

    Raises:
        Problem: an unknown argument, a value that is not allowed, or too much of them.
    """
    table = {name: _check(name, value) for name, value in arguments.items() if value is not None}
    if not table:
        return ""
    text = json.dumps(table, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if len(text) > MAX_LENGTH:
        raise Problem(TOO_LONG, count=len(text), limit=MAX_LENGTH)
    return text


def from_json(text: str) -> dict[str, Any]:
    """The arguments in `text`, which may come from anywhere.

    Raises:
        Problem: no such text, an unknown argument, or a value that is not allowed.
    """
    if not text:
        return {}
    if len(text) > MAX_LENGTH:
        raise Problem(TOO_LONG, count=len(text), limit=MAX_LENGTH)
    try:
        table = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Problem(NOT_CORRECTIONS, reason=excerpt(str(error))) from error
    if not isinstance(table, dict):
        raise Problem(NOT_CORRECTIONS, reason=excerpt(text))
    return {name: _check(name, value) for name, value in table.items() if value is not None}


def _check(name: str, value: object) -> object:
    """`value` in the one form in which it is written."""
    if name not in ARGUMENTS:
        raise Problem(NOT_AN_ARGUMENT, name=excerpt(str(name)), options=", ".join(ARGUMENTS))
    return ARGUMENTS[name](name, value)


def _refusal(name: str, value: object, kind: str, **values: object) -> Problem:
    return Problem(NOT_ALLOWED, name=name, value=excerpt(repr(value)), kind=Message(kind, values))


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise _refusal(name, value, A_TEXT, limit=MAX_TEXT)
    return value


def _one_of(*options: str) -> Callable[[str, object], str]:
    def check(name: str, value: object) -> str:
        if not isinstance(value, str) or value not in options:
            raise _refusal(name, value, ONE_OF, options=", ".join(map(repr, options)))
        return value

    return check


def _header(name: str, value: object) -> int:
    if not isinstance(value, int) or not 0 <= value <= MAX_HEADER or value is True:
        raise _refusal(name, value, A_HEADER, limit=MAX_HEADER)
    return int(value)


def _names(name: str, value: object) -> list[str]:
    names = [value] if isinstance(value, str) else value
    if (
        not isinstance(names, list | tuple)
        or len(names) > MAX_ENTRIES
        or not all(isinstance(each, str) and len(each) <= MAX_TEXT for each in names)
    ):
        raise _refusal(name, value, NAMES, limit=MAX_ENTRIES)
    return list(names)


def _missing(name: str, value: object) -> list[float | str] | dict[str, list[float | str]]:
    if isinstance(value, Mapping):
        _names(name, list(value))
        return {column: _codes(name, codes) for column, codes in value.items()}
    return _codes(name, value)


def _codes(name: str, value: object) -> list[float | str]:
    if (
        not isinstance(value, list | tuple)
        or len(value) > MAX_ENTRIES
        or not all(map(_is_number_or_text, value))
    ):
        raise _refusal(name, value, NUMBERS_OR_TEXTS, limit=MAX_ENTRIES)
    return [each if isinstance(each, str) else float(each) for each in value]


def _is_number_or_text(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_TEXT
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e308


ARGUMENTS: dict[str, Callable[[str, object], object]] = {
    "encoding": _text,
    "separator": _one_of(",", ";", "\t", "|", " "),
    "decimal": _one_of(".", ","),
    "thousands": _one_of("", ",", ".", " ", "'"),
    "header": _header,
    "time": _names,
    "time_format": _text,
    "missing": _missing,
    "target": _text,
    "spacing": _one_of(*get_args(Spacing)),
    "directions": _names,
}
"""The arguments of `read_series`, each with the check of its values."""
