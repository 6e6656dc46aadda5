"""The allowed values of a field, declared once for the widget, the URL, the check and the test.

    hidden: Annotated[int, Range(2, 64, label=N_("Hidden units"))] = 16

`rules(cls)` returns these annotations; `check(instance)` validates an instance against them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from rnnviz.messages import N_, Problem

NOT_IN_RANGE = N_("{name} is {value}; allowed is {low} to {high}.")
NOT_A_NUMBER = N_("{name} is {value}; allowed is a number from {low} to {high}.")
NOT_A_WHOLE_NUMBER = N_("{name} is {value}; allowed is a whole number from {low} to {high}.")
NOT_A_CHOICE = N_("{name} is {value}; allowed is one of: {options}.")


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both allowed; `step` and `logarithmic` shape its slider.

    `unit` follows the number; where that may be 1, it contains it: "{count} {count:row|rows}".
    """

    low: float
    high: float
    step: float | None = None
    label: str = ""
    unit: str = ""
    help: str = ""
    logarithmic: bool = False

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are allowed: both ends are `int`."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def check(self, name: str, value: object) -> None:
        """Raise a `Problem` unless `value` is a finite number inside the range."""
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise Problem(NOT_A_NUMBER, name=name, value=value, low=self.low, high=self.high)
        if self.whole and int(value) != value:
            raise Problem(NOT_A_WHOLE_NUMBER, name=name, value=value, low=self.low, high=self.high)
        if not self.low <= value <= self.high:
            raise Problem(NOT_IN_RANGE, name=name, value=value, low=self.low, high=self.high)


@dataclass(frozen=True)
class Choice:
    """One of `options`: the raw codes mapped to the English labels that a visitor reads."""

    options: Mapping[str, str]
    label: str = ""
    help: str = ""

    def check(self, name: str, value: object) -> None:
        """Raise a `Problem` unless `value` is one of the codes."""
        if not isinstance(value, str) or value not in self.options:
            raise Problem(NOT_A_CHOICE, name=name, value=value, options=", ".join(self.options))


Rule = Range | Choice


def rules(cls: type[Any]) -> Mapping[str, Rule]:
    """The rule of every field of the dataclass `cls` that has one, in the order of the fields."""
    if cls not in _RULES:
        hints: dict[str, Any] = get_type_hints(cls, include_extras=True)
        _RULES[cls] = MappingProxyType(
            {
                field.name: annotation
                for field in fields(cls)
                if get_origin(hints[field.name]) is Annotated
                for annotation in get_args(hints[field.name])[1:]
                if isinstance(annotation, Range | Choice)
            }
        )
    return _RULES[cls]


_RULES: dict[type[Any], Mapping[str, Rule]] = {}
"""Read once per class: that takes as long as drawing a control, and every control asks."""


def check(instance: object) -> None:
    """Check every annotated field of a dataclass instance against its rule.

    A field whose default is None may be None.

    Raises:
        Problem: the first field outside its rule, with its value and what is allowed.
    """
    cls: type[Any] = type(instance)
    optional = {field.name for field in fields(cls) if field.default is None}
    for name, rule in rules(cls).items():
        value = getattr(instance, name)
        if value is not None or name not in optional:
            rule.check(name, value)
