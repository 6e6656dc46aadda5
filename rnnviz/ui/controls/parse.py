"""Parsing of what an address says, into the type that it should have.

A `Problem` names the control, the value and what is allowed; a hostile value is repeated only as
far as it fits into a sentence.
"""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from unicodedata import category

from rnnviz.messages import N_, Problem, excerpt
from rnnviz.settings import NOT_A_CHOICE, NOT_A_NUMBER, NOT_A_WHOLE_NUMBER, Range

Number = int | float

NOT_A_SWITCH = N_("{name} is {value}; allowed is: 0, 1.")
TOO_FEW = N_("{name} needs at least {count} of: {options}.")
TOO_MANY = N_("{name}: {selected} are selected; allowed are at most {count}.")
_CONTROL_CHARACTERS = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode categories: control, surrogate, line and paragraph separator."""


def parameter_of(key: str, parameter: str = "") -> str:
    """The parameter of the control `key`: `parameter`, else the part of the key after the dot."""
    return parameter or key.rpartition(".")[2]


def parse_number(name: str, text: str, rule: Range) -> Number:
    """The number that `text` spells.

    Raises:
        Problem: it spells none, or one outside `rule`.
    """
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        template = NOT_A_WHOLE_NUMBER if rule.whole else NOT_A_NUMBER
        raise Problem(template, name=name, value=excerpt(text), low=rule.low, high=rule.high)
    # As it was written, not as 99999.0; a number of three hundred digits stays short.
    rule.check(name, int(number) if number.is_integer() and abs(number) < 1e15 else number)
    return int(number) if rule.whole else number


def parse_switch(name: str, text: str) -> bool:
    """On or off, spelled 1 or 0."""
    if text not in ("0", "1"):
        raise Problem(NOT_A_SWITCH, name=name, value=excerpt(text))
    return text == "1"


def parse_code(name: str, text: object, options: Mapping[str, str]) -> str:
    """`text` as one of the codes of `options`."""
    if text not in options:
        codes = ", ".join(options)
        raise Problem(NOT_A_CHOICE, name=name, value=excerpt(str(text)), options=codes)
    return str(text)


def single_line(text: object) -> str:
    """`text` on one line: line ends and control characters become blanks, joined emoji survive."""
    return "".join(
        " " if category(character) in _CONTROL_CHARACTERS else character for character in str(text)
    )


def format_number(value: Number) -> str:
    """A number as the address spells it: short, and parsed back to the same number."""
    return f"{value:d}" if isinstance(value, int) else f"{value:.12g}"


def slider_stops(rule: Range, default: Number) -> tuple[Number, ...]:
    """The values at which a slider stops; empty if it takes every value of its range.

    A logarithmic slider stops at round values, at both ends, and at the default. One whose unit has
    a singular and a plural stops at every whole number: a slider without stops would write the same
    form of the unit after all of them.
    """
    return _stops(rule, rule.whole, default)


@lru_cache(maxsize=500, typed=True)
def _stops(rule: Range, whole: bool, default: Number) -> tuple[Number, ...]:
    """`whole` tells ranges of whole numbers from equal ones of real numbers."""
    if not rule.logarithmic:
        return tuple(range(int(rule.low), int(rule.high) + 1)) if "{" in rule.unit else ()
    digits = (1, 2, 3, 5, 7) if whole else (1, 1.5, 2, 3, 5, 7)
    number_type: Callable[[float], Number] = int if whole else float
    stops = {number_type(rule.low), number_type(rule.high), number_type(default)}
    for power in range(-12, 13):
        for digit in digits:
            stop = float(f"{digit}e{power}")
            if rule.low <= stop <= rule.high and (not whole or stop >= 1):
                stops.add(number_type(stop))
    return tuple(sorted(stops))
