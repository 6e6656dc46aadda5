"""How the times of one shape are written, and patterns of `strptime` for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from rnnviz.data.reading.times.grammar import expressions
from rnnviz.data.reading.times.words import AFTERNOON, MONTHS, WEEKDAYS, alternatives
from rnnviz.messages import N_, Problem, excerpt


@dataclass(frozen=True)
class Form:
    """How the times of one shape are written.

    order    the code of the order, such as "day-month-year"
    digits   directive -> the places of its digits in the text
    words    directive -> its text, in lower case: months, halves of the day, zones, offsets
    pattern  the same as a pattern of `strptime`; "" where there is none
    """

    order: str
    digits: Mapping[str, tuple[int, int]]
    words: Mapping[str, str]
    pattern: str

    @property
    def directives(self) -> frozenset[str]:
        """The directives that the times of the shape fill."""
        return frozenset((*self.digits, *self.words))


@lru_cache(maxsize=10_000)
def forms_of(shape: str) -> Mapping[str, Form]:
    """The forms that fit a shape, by their order; of intervals, "00:00 - 01:00", their starts."""
    forms: dict[str, Form] = {}
    for order, patterns in expressions().items():
        match = next(filter(None, (pattern.fullmatch(shape) for pattern in patterns)), None)
        if match:
            forms[order] = form_from(order, match)
    ends = re.split(r" [-–] | ?~ ?| to | bis ", shape) if not forms else []
    if len(ends) == 2 and ends[0] and forms_of(ends[1]):
        return {order: replace(form, pattern="") for order, form in forms_of(ends[0]).items()}
    return forms


def form_from(order: str, match: re.Match[str]) -> Form:
    """The form of the shape that `match` fits."""
    digits: dict[str, tuple[int, int]] = {}
    words: dict[str, str] = {}
    parts, end = [], 0
    groups = [
        (name.split("_")[0], match.span(name)) for name, text in match.groupdict().items() if text
    ]
    by_halves = any(directive == "p" for directive, _span in groups)
    for directive, (start, stop) in sorted(groups, key=lambda group: group[1][0]):
        if not directive:
            continue
        if directive in ("b", "p", "z", "Z", "a"):
            words[directive] = match.string[start:stop].lower()
        else:
            digits[directive] = (start, stop)
        if directive not in ("zh", "zm"):
            letter = "I" if directive == "H" and by_halves else directive
            parts += [match.string[end:start].replace("%", "%%"), f"%{letter}"]
            end = stop
    parts.append(match.string[end:].replace("%", "%%"))
    # The only digit of a form that says nothing is that of "1/4", a quarter.
    pattern = "".join(parts).replace("%q/0", "%q/4")
    return Form(order, digits, words, "" if order == "duration" else pattern)


_DIRECTIVES = {
    **dict.fromkeys("YG", "0000"),
    **dict.fromkeys("mdVHM", "0{1,2}"),
    **{"S": "0{1,2}", "y": "00", "j": "0{1,3}", "u": "0", "q": "0", "f": "0{1,12}"},
    "b": alternatives(MONTHS) + r"\.?",
    "p": alternatives(AFTERNOON),
    "a": alternatives(WEEKDAYS),
    "z": r"(?:Z|[-+−](?P<zh>0{1,2})(?::?(?P<zm>00))?(?::?00)?)",
    "Z": "(?:[A-Za-z]+(?:/[A-Za-z_/]+)?)",
}
_SAME_AS = {"B": "b", "h": "b", "I": "H", "A": "a", "e": "d"}
_SHORT_FOR = {"%T": "%H:%M:%S", "%R": "%H:%M", "%F": "%Y-%m-%d", "%D": "%m/%d/%y"}


def pattern_expression(pattern: str) -> re.Pattern[str]:
    """The regular expression over shapes for a pattern of `strptime`.

    More is read than `strptime` reads: words in other languages, fractions of any length, 24:00,
    numbers without leading zeros; blanks in the pattern stand for any number of blanks.
    """
    for short, long in _SHORT_FOR.items():
        pattern = pattern.replace(short, long)
    parts, seen = [], set()
    for token in re.findall(r"%-?.?|\s+|[^%\s]", pattern, re.DOTALL):
        letter = _SAME_AS.get(token[-1], token[-1])
        if token.isspace():
            parts.append(r"\s+")
        elif token == "%%":
            parts.append("%")
        elif token[0] != "%":
            parts.append("0" if token in "0123456789" else re.escape(token))
        elif letter in _DIRECTIVES and letter not in seen:
            seen.add(letter)
            parts.append(f"(?P<{letter}>{_DIRECTIVES[letter]})")
        else:
            raise Problem(
                N_(
                    "The time format {value} is not allowed at {part}; allowed are patterns "
                    "such as {example}, with each of {directives} at most once."
                ),
                value=excerpt(pattern),
                part=excerpt(token),
                example="%d/%m/%Y %H:%M",
                directives=" ".join(f"%{name}" for name in _DIRECTIVES),
            )
    return re.compile("".join(parts), re.IGNORECASE)
