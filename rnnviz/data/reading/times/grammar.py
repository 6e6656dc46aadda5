"""The forms in which people write times, as regular expressions over shapes ("0000-00-00").

A group's name is the directive of `strptime` that it stands for, then perhaps "_" and a number:
%Y %y %m %d %b %j %G %V %u %q (quarter) %H %M %S %f %p %z %Z %a.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from rnnviz.data.reading.times.words import AFTERNOON, MONTHS, WEEKDAYS, alternatives
from rnnviz.messages import N_, Problem, excerpt

_M, _D, _Y = "(?P<m>0{1,2})", "(?P<d>0{1,2})", "(?P<Y>0000)"
_MARK, _SAME = r" ?(?P<_s>[-/._ ]) ?", r" ?(?P=_s) ?"
_YEAR = "['’]?(?P<y>00)"
_NAME = rf"(?P<b>{alternatives(MONTHS)})\b\.?"
_TH = "(?:st|nd|rd|th)?"
_GAP = r"(?: ?[-/_] ?|\.? ?)"

DATES: Mapping[str, tuple[str, ...]] = {
    "year-month-day": (
        rf"{_Y}{_MARK}{_M}{_SAME}{_D}\.?",
        rf"{_Y}[년年] ?{_M}[월月] ?{_D}[일日]",
        rf"{_Y}(?P<m>00)(?P<d>00)(?:(?P<H_9>00)(?:(?P<M_9>00)(?P<S_9>00)?)?)?(?:\.0)?",
        rf"{_Y}{_GAP}{_NAME}{_GAP}{_D}",
    ),
    "year-day-month": (rf"{_Y}{_MARK}{_D}{_SAME}{_M}\.?",),
    "day-month-year": (
        rf"{_D}{_MARK}{_M}{_SAME}(?:{_Y}|{_YEAR})\.?",
        rf"{_D}{_TH}{_GAP}{_NAME}{_GAP},? ?(?:{_Y}|{_YEAR})",
    ),
    "month-day-year": (
        rf"{_M}{_MARK}{_D}{_SAME}(?:{_Y}|{_YEAR})\.?",
        rf"{_NAME}{_GAP}{_D}{_TH}(?:, ?|{_GAP})(?:{_Y}|{_YEAR})",
    ),
    "short-year-month-day": (
        rf"{_YEAR}{_MARK}{_M}{_SAME}{_D}\.?",
        rf"{_YEAR}[년年] ?{_M}[월月] ?{_D}[일日]",
        r"(?P<y>00)(?P<m>00)(?P<d>00)",
    ),
    "year-month": (
        rf"{_Y} ?[-/._ ] ?{_M}\.?",
        rf"{_Y}M?(?P<m>00)(?:\.0)?",
        rf"{_Y}[년年] ?{_M}[월月]",
        rf"{_Y}{_GAP}{_NAME}",
    ),
    "month-year": (
        rf"{_M}[-/.]{_Y}",
        rf"{_NAME}(?:, ?|{_GAP})(?:{_Y}|{_YEAR})",
    ),
    "quarter": (
        rf"{_Y}[-/_. ]?Q(?P<q>0)",
        rf"Q(?P<q>0)[-/_. ]?(?:{_Y}|{_YEAR})",
        rf"(?P<q>0)Q[-/_. ]?(?:{_Y}|{_YEAR})",
        rf"{_Y}[년. ] ?(?P<q>0)(?:분기|/0)",
    ),
    "week": (
        r"(?P<G>0000)-?W(?P<V>00)(?:-?(?P<u>0))?",
        r"(?P<G>0000)년 ?(?P<V>0{1,2})주차?",
    ),
    "day-of-year": (r"(?P<Y>0000)-(?P<j>000)",),
    "year": (r"(?P<Y>0000)년",),
}
"""What each order of year, month and day looks like."""

_P = rf"(?P<p{{}}>{alternatives(AFTERNOON)})"
_CLOCKS = (
    r"(?P<H>0{1,2}):(?P<M>0{1,2})(?::(?P<S>0{1,2})(?:[.,:](?P<f>0{1,12}))?)?",
    r"(?P<H_2>0{1,2})\.(?P<M_2>00)(?:\.(?P<S_2>00)(?:[.,](?P<f_2>0{1,12}))?)?",
    r"(?P<H_3>0{1,2})[시時时](?: ?(?P<M_3>0{1,2})분?)?"
    r"(?: ?(?P<S_3>0{1,2})(?:\.(?P<f_3>0{1,12}))?초)?",
    r"(?P<H_4>0{1,2}) ?h ?(?P<M_4>00)?",
    r"(?P<H_5>00)(?P<M_5>00)(?:(?P<S_5>00)(?:[.,](?P<f_5>0{1,12}))?)?",
)
_HALF = rf"{_P.format('')} ?(?P<H_6>0{{1,2}})|(?P<H_7>0{{1,2}}) ?{_P.format('_2')}"
CLOCK = (
    rf"(?:(?:{_P.format('_3')} ?)?(?:{'|'.join(_CLOCKS)})(?: ?{_P.format('_4')})?|{_HALF})"
    r"(?: ?Uhr)?"
)
_OFFSET = r"(?P<Z>[A-Za-z]{1,5})?(?P<z>[-+−](?P<zh>0{1,2})(?::?(?P<zm>00))?(?::?00)?)"
_ZONE = rf"(?: ?(?:{_OFFSET}|(?P<z_2>Z)|(?P<Z_2>[A-Za-z]{{1,5}}|[A-Za-z]+/[A-Za-z_/]+)))?"
_TAIL = r"(?: ?\([^)]*\)| ?\[[^\]]*\])?"
_DAY = rf"(?P<a{{}}>{alternatives(WEEKDAYS)})"
_FRONT = rf"(?:\(?{_DAY.format('')}\b\)?\.?,? )?"
_BACK = rf"(?:,? ?\(?{_DAY.format('_2')}\)?)?"
_JOIN = r"(?: ?T ?| ?[,_:;/-] ?| at | um | |(?<!0)|(?!0))"
_DAY_ZONE = r"(?P<z>Z|[-+](?P<zh>00):(?P<zm>00))"
_HOUR = r"(?:[ T](?P<H_8>0{1,2}))"
_ALONE = rf"(?: (?P<p_5>{alternatives(AFTERNOON)}))"


@dataclass(frozen=True)
class Form:
    """How the times of one shape are written.

    order   the code of the order, such as "day-month-year"
    digits  directive -> the places of its digits in the text
    words   directive -> its text, in lower case: months, halves of the day, zones, offsets
    pattern the same as a pattern of `strptime`
    """

    order: str
    digits: Mapping[str, tuple[int, int]]
    words: Mapping[str, str]
    pattern: str


@cache
def _compiled() -> dict[str, list[re.Pattern[str]]]:
    behind = (
        rf"(?:{_JOIN}(?:{CLOCK}){_ZONE}{_TAIL})?",
        rf"{_HOUR}{_ZONE}",
        rf"{_ALONE}|{_DAY_ZONE}",
    )
    sources = {}
    for order, dates in DATES.items():
        sources[order] = [rf"{_FRONT}{date}{_BACK}" for date in dates]
        if order.count("-") > 1:
            days = sources[order]
            sources[order] = [f"{date}(?:{end})" for date in days for end in behind]
            sources[order] += [rf"(?:{CLOCK}),? {date}" for date in dates]
    sources["month-day-year"].append(
        rf"(?:{_DAY.format('')},? )?{_NAME} +{_D} (?:{CLOCK})(?: (?P<Z>[A-Za-z]{{1,5}}))? {_Y}"
    )
    sources["clock"] = [rf"T?(?:{CLOCK}){_ZONE}"]
    return {
        order: [re.compile(pattern, re.IGNORECASE) for pattern in patterns]
        for order, patterns in sources.items()
    }


@cache
def forms_of(shape: str) -> Mapping[str, Form]:
    """The forms that fit a shape, by their order."""
    forms = {}
    for order, patterns in _compiled().items():
        match = next(filter(None, (pattern.fullmatch(shape) for pattern in patterns)), None)
        if match:
            forms[order] = form_from(order, match)
    return forms


def form_from(order: str, match: re.Match[str]) -> Form:
    """The form of the shape that `match` fits."""
    digits: dict[str, tuple[int, int]] = {}
    words: dict[str, str] = {}
    parts, end = [], 0
    groups = [
        (name.split("_")[0], match.span(name)) for name, text in match.groupdict().items() if text
    ]
    afternoon = any(directive == "p" for directive, _span in groups)
    for directive, (start, stop) in sorted(groups, key=lambda group: group[1][0]):
        if directive in ("", "zh", "zm"):
            if directive:
                digits[directive] = (start, stop)
            continue
        if directive in ("b", "p", "z", "Z", "a"):
            words[directive] = match.string[start:stop].lower()
        else:
            digits[directive] = (start, stop)
        letter = "I" if directive == "H" and afternoon else directive
        parts += [match.string[end:start].replace("%", "%%"), f"%{letter}"]
        end = stop
    parts.append(match.string[end:].replace("%", "%%"))
    return Form(order, digits, words, "".join(parts))


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


def pattern_form(pattern: str) -> re.Pattern[str]:
    """The regular expression over shapes for a pattern of `strptime`.

    More is read than `strptime` reads: words in other languages, fractions of any length, 24:00,
    numbers without leading zeros; blanks in the pattern stand for any number of blanks.
    """
    for short, long in _SHORT_FOR.items():
        pattern = pattern.replace(short, long)
    parts, seen = [], set()
    for token in re.findall(r"%-?.?|\s+|[^%\s]", pattern, re.DOTALL):
        if token.isspace():
            parts.append(r"\s+")
        elif token == "%%":
            parts.append("%")
        elif token[0] != "%":
            parts.append("0" if token in "0123456789" else re.escape(token))
        else:
            letter = _SAME_AS.get(token[-1], token[-1])
            if letter not in _DIRECTIVES or letter in seen:
                raise Problem(
                    N_(
                        "The time format {value} is not allowed at {part}; allowed are patterns "
                        "such as {example}, with each of {directives} at most once."
                    ),
                    value=excerpt(pattern),
                    part=token,
                    example="%d/%m/%Y %H:%M",
                    directives=" ".join(f"%{name}" for name in _DIRECTIVES),
                )
            seen.add(letter)
            parts.append(f"(?P<{letter}>{_DIRECTIVES[letter]})")
    return re.compile("".join(parts), re.IGNORECASE)
