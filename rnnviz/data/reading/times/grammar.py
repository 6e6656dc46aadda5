"""The forms in which people write times, as regular expressions over shapes ("0000-00-00").

A group's name is the directive of `strptime` that it stands for, then perhaps "_" and a number:
%Y %y %m %d %b %j %G %V %u %q (quarter) %H %M %S %f %p %z %Z %a, and of lengths of time D (days),
K (hours), N (minutes) and R (seconds), of which there may be any number.
"""

import re
from collections.abc import Mapping
from functools import cache

from rnnviz.data.reading.times.words import AFTERNOON, MONTHS, WEEKDAYS, alternatives

_M, _D, _Y = "(?P<m>0{1,2})", "(?P<d>0{1,2})", "(?P<Y>0000)"
_MARK, _SAME = r" ?(?P<_s>[-/._ ]) ?", r" ?(?P=_s) ?"
_SHORT = "(?<!0)['’]?(?P<y>00)"
_YEAR = f"(?:(?<!0){_Y}|{_SHORT})"
_NAME = rf"(?P<b>{alternatives(MONTHS)})(?![^\W\d_])\.?"
_TH = "(?:st|nd|rd|th)?"
_GAP = r"(?: ?[-/_] ?|\.? ?)"
_YMD = f"{_Y}(?P<m>00)(?P<d>00)"

DATES: Mapping[str, tuple[str, ...]] = {
    "year-month-day": (
        rf"{_Y}{_MARK}{_M}{_SAME}{_D}\.?",
        rf"{_Y}[년年] ?{_M}[월月] ?{_D}[일日]",
        rf"{_YMD}(?:(?P<H_9>00)(?:(?P<M_9>00)(?P<S_9>00)?)?)?",
        rf"{_Y}{_GAP}{_NAME}{_GAP}{_D}",
        rf"{_Y}:{_M}:{_D}",
    ),
    "year-day-month": (rf"{_Y}{_MARK}{_D}{_SAME}{_M}\.?",),
    "day-month-year": (
        rf"{_D}{_MARK}{_M}{_SAME}{_YEAR}\.?",
        rf"{_D}{_TH}{_GAP}{_NAME}{_GAP},? ?{_YEAR}",
        f"(?P<d>00)(?P<m>00){_Y}",
    ),
    "month-day-year": (
        rf"{_M}{_MARK}{_D}{_SAME}{_YEAR}\.?",
        rf"{_NAME}{_GAP}{_D}{_TH}(?:, ?|{_GAP}){_YEAR}",
        f"(?P<m>00)(?P<d>00){_Y}",
    ),
    "short-year-month-day": (
        rf"{_SHORT}{_MARK}{_M}{_SAME}{_D}\.?",
        rf"{_SHORT}[년年] ?{_M}[월月] ?{_D}[일日]",
        r"(?P<y>00)(?P<m>00)(?P<d>00)",
    ),
    "year-month": (
        rf"{_Y} ?[-/._ ] ?{_M}\.?",
        rf"{_Y}M(?P<m>0{{1,2}})",
        rf"{_Y}(?P<m>00)",
        rf"(?:{_Y}|{_SHORT})[년年] ?{_M}[월月]",
        rf"{_Y}{_GAP}{_NAME}",
    ),
    "month-year": (
        rf"{_M}[-/.]{_Y}",
        rf"{_NAME}(?:, ?|{_GAP}){_YEAR}",
    ),
    "quarter": (
        rf"{_Y}[-/_. ]?Q(?P<q>0)",
        rf"Q(?P<q>0)[-/_. ]?{_YEAR}",
        rf"(?P<q>0)Q[-/_. ]?{_YEAR}",
        rf"{_Y}[년. ] ?(?P<q>0)(?:분기|/0(?: ?분기)?)",
    ),
    "week": (
        r"(?P<G>0000)[-_ ]?W(?P<V>00)(?:-?(?P<u>0))?",
        r"(?P<G>0000)년 ?(?P<V>0{1,2})주차?",
        r"(?P<G>0000)[-_/ ](?:KW|Week) ?(?P<V>0{1,2})",
        r"(?:W|KW|Week) ?(?P<V>0{1,2})[-_/, ]{1,2}(?P<G>0000)",
    ),
    "day-of-year": (rf"{_Y}-?(?P<j>000)",),
    "year": (rf"{_Y}년도?",),
}
"""What each order of year, month and day looks like."""

DURATIONS = (
    r"(?:(?P<D>0{1,4}) ?(?:d|days?|Tage?|일),? ?)?"
    r"(?P<K>0{1,6}):(?P<M>00):(?P<S>00)(?:[.,](?P<f>0{1,12}))?",
    r"(?P<N>0{1,6}):(?P<S>00)(?:[.,](?P<f>0{1,12}))?",
    r"(?P<D>0{1,4}) ?(?:d|days?|Tage?|일)",
    r"P(?:(?P<D>0{1,4})D)?(?:T(?=0)(?:(?P<K>0{1,6})H)?(?:(?P<N>0{1,6})M)?"
    r"(?:(?P<R>0{1,7})(?:[.,](?P<f>0{1,12}))?S)?)?",
)
"""Lengths of time: "1 day, 0:00:05", "25:13:00", "12:03.5" (minutes), "PT90S"."""

_P = rf"(?P<p{{}}>{alternatives(AFTERNOON)})"
_CLOCKS = (
    r"(?P<H>0{1,2}):(?P<M>0{1,2})(?::(?P<S>0{1,2})(?:[.,:](?P<f>0{1,12}))?)?",
    r"(?P<H_2>0{1,2})\.(?P<M_2>00)(?:\.(?P<S_2>00)(?:[.,](?P<f_2>0{1,12}))?)?",
    r"(?P<H_3>0{1,2})[시時时](?: ?(?P<M_3>0{1,2})[분分]?)?"
    r"(?: ?(?P<S_3>0{1,2})(?:\.(?P<f_3>0{1,12}))?[초秒])?",
    r"(?P<H_4>0{1,2}) ?h ?(?P<M_4>00)?",
    r"(?P<H_5>00)(?P<M_5>00)(?:(?P<S_5>00)(?:[.,](?P<f_5>0{1,12}))?)?",
)
_HALF = rf"{_P.format('')} ?(?P<H_6>0{{1,2}})|(?P<H_7>0{{1,2}}) ?{_P.format('_2')}"
_CLOCK = (
    rf"(?:(?:{_P.format('_3')} ?)?(?:{'|'.join(_CLOCKS)})(?: ?{_P.format('_4')})?|{_HALF})"
    r"(?: ?Uhr)?"
)
_OFFSET = r"(?P<Z>[A-Za-z]{1,5})?(?P<z>[-+−](?P<zh>0{1,2})(?::?(?P<zm>00))?(?::?00)?)"
_ZONE = rf"(?: ?(?:{_OFFSET}|(?P<z_2>Z)|(?P<Z_2>[A-Za-z]{{1,5}}|[A-Za-z]+/[A-Za-z_/]+)))?"
_TAIL = r"(?: ?\([^)]*\)| ?\[[^\]]*\]| [A-Z]{3,4})?"
_DAY = rf"(?P<a{{}}>{alternatives(WEEKDAYS)})"
_FRONT = rf"(?:\(?{_DAY.format('')}\b\)?\.?,? )?"
_BACK = rf"(?:,? ?\(?{_DAY.format('_2')}\)?)?"
_JOIN = r"(?: ?T ?| ?[,_:;/-] ?| at | um | |(?<!0)|(?!0))"
_BEHIND = (
    rf"(?:{_JOIN}(?:{_CLOCK}){_ZONE}{_TAIL})?",
    rf"[ T_:-](?P<H_8>0{{1,2}})(?: (?P<M_8>0{{1,2}})(?: (?P<S_8>0{{1,2}}))?)?{_ZONE}",
    rf" (?P<p_5>{alternatives(AFTERNOON)})|(?P<z>Z|[-+](?P<zh>00):(?P<zm>00))",
)
_CTIME = rf"(?:{_DAY.format('')},? )?{_NAME} +{_D} (?:{_CLOCK})(?: (?P<Z>[A-Za-z]{{1,5}}))? {_Y}"


@cache
def expressions() -> dict[str, list[re.Pattern[str]]]:
    """The regular expressions of each order of `DATES`, and of "clock" and "duration"."""
    sources = {}
    for order, dates in DATES.items():
        sources[order] = [rf"{_FRONT}{date}{_BACK}" for date in dates]
        if order.count("-") > 1:
            days = sources[order]
            sources[order] = [f"{date}(?:{behind})" for date in days for behind in _BEHIND]
            sources[order] += [rf"(?:{_CLOCK}),? {date}" for date in dates]
    sources["month-day-year"].append(_CTIME)
    sources["clock"] = [rf"T?(?:{_CLOCK}){_ZONE}"]
    sources["duration"] = list(DURATIONS)
    return {
        order: [re.compile(pattern, re.IGNORECASE) for pattern in patterns]
        for order, patterns in sources.items()
    }
