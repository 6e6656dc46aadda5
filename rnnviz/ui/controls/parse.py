"""At the door: what an address says, read into the type that it should have, or refused.

A `Problem` names the control, what was given and what is allowed; of a hostile value only so much
is repeated as fits a sentence.
"""

import math
from collections.abc import Callable, Mapping
from unicodedata import category

from rnnviz.messages import N_, Problem, excerpt
from rnnviz.settings import NOT_A_CHOICE, NOT_A_NUMBER, NOT_A_WHOLE_NUMBER, Range

Number = int | float

NOT_A_SWITCH = N_("{name} is {value}; allowed is: 0, 1.")
TOO_FEW = N_("{name} needs at least {count} of: {options}.")
TOO_MANY = N_("{name} is {given} at once; allowed is {count} at most.")
_BLANKS = {"Cc", "Cs", "Zl", "Zp"}


def parameter_of(key: str, given: str = "") -> str:
    """The parameter of the control `key`: `given`, else the part after the dot."""
    return given or key.rpartition(".")[2]


def parse_number(name: str, text: str, rule: Range) -> Number:
    """The number that `text` writes; a `Problem` that names the range if it writes none."""
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        template = NOT_A_WHOLE_NUMBER if rule.whole else NOT_A_NUMBER
        raise Problem(template, name=name, value=excerpt(text), low=rule.low, high=rule.high)
    # As it was written, not as 99999.0; a number of three hundred digits stays short.
    rule.check(name, int(found) if found.is_integer() and abs(found) < 1e15 else found)
    return int(found) if rule.whole else found


def parse_switch(name: str, text: str) -> bool:
    """On or off, written as 1 or 0."""
    if text not in ("0", "1"):
        raise Problem(NOT_A_SWITCH, name=name, value=excerpt(text))
    return text == "1"


def parse_code(name: str, text: object, options: Mapping[str, str]) -> str:
    """One of the codes of `options`."""
    if text not in options:
        told = ", ".join(options)
        raise Problem(NOT_A_CHOICE, name=name, value=excerpt(str(text)), options=told)
    return str(text)


def single_line(typed: object) -> str:
    """`typed` as one line: its line ends and control signs are blanks, joined emoji stay whole."""
    return "".join(" " if category(sign) in _BLANKS else sign for sign in str(typed))


def format_number(value: Number) -> str:
    """A number as the address writes it: short, and read back as the same."""
    return f"{value:d}" if isinstance(value, int) else f"{value:.12g}"


def slider_stops(rule: Range, default: Number) -> list[Number]:
    """The values that a slider stops at, none where they are all in its range.

    A logarithmic one has round ones, both ends, and the default. One whose unit has a singular and
    a plural has every whole number: a slider without stops writes the same unit after all of them.
    """
    if not rule.logarithmic:
        return list(range(int(rule.low), int(rule.high) + 1)) if "{" in rule.unit else []
    digits = (1, 2, 3, 5, 7) if rule.whole else (1, 1.5, 2, 3, 5, 7)
    kind: Callable[[float], Number] = int if rule.whole else float
    found = {kind(rule.low), kind(rule.high), kind(default)}
    for power in range(-12, 13):
        for digit in digits:
            place = float(f"{digit}e{power}")
            if rule.low <= place <= rule.high and (not rule.whole or place >= 1):
                found.add(kind(place))
    return sorted(found)
