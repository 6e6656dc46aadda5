"""Values without a widget that live in the address all the same, like the place on the stage."""

from typing import Any, TypeVar, cast

from rnnviz.settings import Range
from rnnviz.ui import permalink
from rnnviz.ui.controls import parse

T = TypeVar("T")

_ANY_WHOLE = Range(-1_000_000_000, 1_000_000_000)
_ANY_NUMBER = Range(-1e9, 1e9)


def address_value(key: str, default: T, *, rule: Range | None = None, parameter: str = "") -> T:
    """A value that has no widget but lives in the address all the same.

    `default` is a `bool`, a number or a text, and the value is of its type; `rule` may bound it.
    """
    return typed_value(key, parse.parameter_of(key, parameter), default, rule, parameter)


def set_address_value(key: str, value: Any) -> None:
    """Tell what a value without a widget is now: the address says it at once, `hold` from then."""
    permalink.set_and_write(key, value)


def typed_value(key: str, name: str, default: T, rule: Range | None, parameter: str) -> T:
    """The value of `key`, of the type of `default`; a notice calls it `name`."""

    def check(value: Any) -> T:
        if rule is not None:
            rule.check(name, value)
        return cast(T, value)

    def read(text: str) -> T:
        found: object = text
        if isinstance(default, bool):
            found = parse.parse_switch(name, text)
        elif isinstance(default, int | float):
            wide = _ANY_WHOLE if isinstance(default, int) else _ANY_NUMBER
            found = parse.parse_number(name, text, rule or wide)
        return check(found)

    def write(value: T) -> str:
        return parse.format_number(value) if isinstance(value, int | float) else str(value)

    return permalink.value(
        key, parse.parameter_of(key, parameter), default, parse=read, check=check, serialise=write
    )
