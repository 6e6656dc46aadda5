"""Values without a widget that live in the address all the same, like the position on the stage."""

from typing import Any, TypeVar, cast

from rnnviz.settings import Range
from rnnviz.ui import permalink
from rnnviz.ui.controls import parse

T = TypeVar("T")

_ANY_INTEGER = Range(-1_000_000_000, 1_000_000_000)
_ANY_NUMBER = Range(-1e9, 1e9)


def address_value(key: str, default: T, *, rule: Range | None = None, parameter: str = "") -> T:
    """The value of `key`, which has no widget but lives in the address all the same.

    `default` is a `bool`, a number or a text, and the value is of its type; `rule` may bound it.
    """
    return typed_value(key, parse.parameter_of(key, parameter), default, rule, parameter)


def set_address_value(key: str, value: Any) -> None:
    """Set a value without a widget: the address at once, `address_value` from then on."""
    permalink.set_and_write(key, value)


def typed_value(key: str, name: str, default: T, rule: Range | None, parameter: str) -> T:
    """The value of `key`, of the type of `default`; `name` is what an error calls it."""

    def check(value: Any) -> T:
        if rule is not None:
            rule.check(name, value)
        return cast(T, value)

    def parse_text(text: str) -> T:
        value: object = text
        if isinstance(default, bool):
            value = parse.parse_switch(name, text)
        elif isinstance(default, int | float):
            unbounded = _ANY_INTEGER if isinstance(default, int) else _ANY_NUMBER
            value = parse.parse_number(name, text, rule or unbounded)
        return check(value)

    def serialise(value: T) -> str:
        return parse.format_number(value) if isinstance(value, int | float) else str(value)

    return permalink.value(
        key,
        parse.parameter_of(key, parameter),
        default,
        parse=parse_text,
        check=check,
        serialise=serialise,
    )
