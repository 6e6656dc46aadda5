"""What the name of a column says about time."""

import re
import unicodedata
from typing import Literal

Part = Literal["year", "month", "day", "hour", "minute", "second", "quarter", "week", "yearday"]

_PARTS: dict[Part, str] = {
    "year": "year yr yyyy yy jahr année annee año 년 연도 년도 jaar",
    "month": "month mon mo mm mnth monat mois mes mês mese 월",
    "day": "day dd dy dom tag jour dia día 일 mday",
    "hour": "hour hr hrs hh h stunde std heure hora 시 시간",
    "minute": "minute min mins mi minuten 분",
    "second": "second sec ss s sekunde sekunden 초",
    "quarter": "quarter qtr q quartal 분기",
    "week": "week wk woche kw 주 주차 weeknum",
    "yearday": "doy yday yearday dayofyear jday julian",
}
PARTS = {part: frozenset(names.split()) for part, names in _PARTS.items()}
"""Names of columns that hold one part of a time."""

_TIME = (
    "time date datetime timestamp ts dt when ds month week quarter year day hour period "
    "start begin from anfang beginn von 시작 시작일시 epoch unix unixtime utc gmt local mjd tm "
    "hhmm yyyymm yyyymmdd yyyymmddhh yyyymmddhhmm "
    "datum zeit zeitpunkt zeitstempel uhrzeit datumzeit datumuhrzeit messzeitpunkt messzeit "
    "monat woche quartal jahr tag stunde periode fecha hora heure horodatage dato tid "
    "일시 날짜 시각 시간 시점 일자 기준일 기준일자 기준일시 기준월 기준년월 년월 연월 "
    "조사일 조사년월 관측일 관측일시 관측시각 측정일 측정일시 측정시간 거래일 거래일자 등록일시 "
    "월 주 분기 년 연도 년도 일 시"
)
_TIMES = frozenset(_TIME.split())
_OTHER = (
    "created updated modified creation update ingested inserted loaded issue issued uploaded "
    "exported download downloaded end stop finish ende bis 등록일 등록일시 등록 수정 수정일 "
    "생성 생성일 갱신 종료 종료일"
)
_OF_SOMETHING_ELSE = frozenset(_OTHER.split())
_SINCE = (
    "t time sec secs second seconds s elapsed ms msec millis milliseconds us min mins minutes "
    "hours hour hrs h days day step zeit sekunden sek 시간 초 경과 경과시간 since"
)
_ELAPSED = frozenset(_SINCE.split())
_AHEAD = frozenset(["to", "until", "left", "remaining", "before", "till", "남은"])
"""What counts down to something is no time since the beginning."""


def words_of(name: str) -> list[str]:
    """The words of a column's name in lower case: "LocalTime [s]" has local, time and s."""
    name = unicodedata.normalize("NFKC", name)
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[\W_\d]+", name.lower()) if word]


def clock_score(name: str) -> float:
    """How much a name speaks for times: 1 for "date" alone, less with other words, below 0 for
    the times of something else, such as "updated"."""
    words = words_of(name)
    hits = [word for word in words if word in _TIMES or "".join(words) in _TIMES]
    if not hits and not any(
        word.endswith(("time", "date", "일시", "일자", "시각")) for word in words
    ):
        return -0.5 if any(word in _OF_SOMETHING_ELSE for word in words) else 0.0
    score = 1.0 - 0.1 * min(len(words) - 1, 4)
    return score - 1.0 if any(word in _OF_SOMETHING_ELSE for word in words) else score


def names_elapsed(name: str) -> bool:
    """Whether a name may stand for the time since the beginning: "t", "time (s)", "elapsed".

    "T" and "t (degC)" are temperatures: a unit in brackets is one of time.
    """
    words = words_of(name)
    unit = re.search(r"[(\[]([^()\[\]]*)[)\]]", name)
    if (
        _AHEAD & set(words)
        or name.strip() == "T"
        or (unit and not _ELAPSED & set(words_of(unit[1])))
    ):
        return False
    return bool(words) and (words[0] in _ELAPSED or "elapsed" in words or "경과" in words[0])


def is_part(name: str) -> bool:
    """Whether a name stands for a part of a time, and for nothing else, as "min" or "s" may."""
    words = words_of(name)
    clear = bool(words) and (len(words[0]) > 1 or not words[0].isascii()) and words[0] != "min"
    return clear and part_of(name) is not None


def part_of(name: str) -> Part | None:
    """Which part of a time a column's name stands for."""
    bare = re.sub(r"[(\[].*", "", unicodedata.normalize("NFKC", name)).strip(" #_").lower()
    return next((part for part, names in PARTS.items() if bare in names), None)
