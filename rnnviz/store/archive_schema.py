"""The schema of run.json: which types its keys have, and what their values become.

The keys of the archived columns and their types follow from the fields of `columns.RunFields`.
"""

import re
import string
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from rnnviz.messages import Message
from rnnviz.store.bundle import upload_key
from rnnviz.store.columns import STATES, RunFields
from rnnviz.store.entries import demand
from rnnviz.store.sanitise import step_of

_KEY = re.compile("[0-9a-f]{64}")

_PLURAL = re.compile(r"[^{}|]*\|[^{}|]*")
"""Both forms of the words that follow a number."""

_REASON_DEPTH = 3
"""How deeply messages may be nested in a reason."""


@dataclass(frozen=True)
class Key:
    """A key of run.json: the types of its value, and how to parse it.

    `default` is the value if the key is absent; MISSING if it must not be.
    """

    types: tuple[type, ...]
    default: Any
    parse: Callable[[Any], Any]


def _json_types(hint: Any) -> tuple[type, ...]:
    """The Python types that JSON has for a value of the type `hint`."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return tuple(each for part in get_args(hint) for each in _json_types(part))
    if origin is Literal:
        return (str,)
    if hint is Message:
        return (dict,)
    return (int, float) if hint is float else (origin or hint,)


def _state(value: str) -> str:
    demand(value in STATES, f"state: {value!r}")
    return value


def _reason(value: dict[str, Any] | None) -> Message | None:
    if value is None:
        return None
    _check_message(value, _REASON_DEPTH)
    return Message.from_plain(value)


def _check_message(plain: object, depth: int) -> None:
    """Refuse a template that would do more than name values when it is filled in."""
    match plain:
        case {"template": str(template), "values": dict(values), **more} if not more:
            pass
        case _:
            raise ValueError(f"reason: {plain!r}")
    demand(0 < len(template) <= 1000, f"reason: {len(template)} characters")
    for _, name, spec, conversion in string.Formatter().parse(template):
        is_value = name is None or (name in values and name.isidentifier())
        is_plain = not conversion and (not spec or _PLURAL.fullmatch(spec) is not None)
        demand(is_value and is_plain, f"reason: {template!r}")
    # These are the names of the parameters of the functions that fill it in.
    demand(not {"template", "self"} & set(values), f"reason: {values!r}")
    for value in values.values():
        if isinstance(value, dict):
            demand(depth > 1, "reason: nested too deeply")
            _check_message(value, depth - 1)
        else:
            demand(isinstance(value, int | float | str | None), f"reason: {value!r}")


def _file_title(value: dict[str, Any] | None) -> str | None:
    if value is None:
        return None
    title = value.get("title")
    if not isinstance(title, str) or len(value) > 1:
        raise ValueError(f"file: {value!r}")
    return title


def _optional_step(value: int | None) -> int | None:
    return None if value is None else step_of(value)


def _identity(value: Any) -> Any:
    return value


_PARSERS: Mapping[str, Callable[[Any], Any]] = {"state": _state, "reason": _reason}
_HINTS = get_type_hints(RunFields)

RUN_JSON: Mapping[str, Key] = {
    **{
        field.name: Key(
            _json_types(_HINTS[field.name]),
            field.default,
            _PARSERS.get(field.name, _identity),
        )
        for field in fields(RunFields)
    },
    "checkpoint": Key((int, NoneType), MISSING, _optional_step),
    "file": Key((dict, NoneType), None, _file_title),
}


def parse_settings(plain: Mapping[str, Any]) -> dict[str, Any]:
    """The values of run.json by key; "file" is the title of the visitor's file.

    Raises:
        ValueError: a key is absent, or its value is not as it should be.
    """
    values = {}
    for name, key in RUN_JSON.items():
        value = plain.get(name, key.default)
        demand(isinstance(value, key.types), f"{name}: {value!r}")
        values[name] = key.parse(value)
    if values["file"] is not None:
        uploaded = upload_key(values["experiment"])
        demand(_KEY.fullmatch(uploaded) is not None, f"file: the experiment names {uploaded!r}")
    return values
