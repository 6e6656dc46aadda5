"""What a cell looks like, before anything is decided: a number, a time, nothing, or text."""

import re
from typing import Literal

from rnnviz.data.reading.times.forms import forms_of
from rnnviz.data.reading.times.shapes import WIDTH

Kind = Literal["number", "time", "missing", "text"]

_WORDS = (
    "na|n/a|n.a.|n.a|n/d|nd|nan|-nan|null|none|nil|nat|<na>|#n/a|#na|#n/a n/a|#div/0!|#value!|"
    "#ref!|#name?|#num!|#null!|#wert!|#bezug!|#zahl!|#nv|1.#ind|-1.#ind|1.#qnan|-1.#qnan|missing|"
    "nodata|no_data|no data|not available|not measured|undefined|unknown|void|k.a.|k. a.|s.o.|"
    "결측|결측치|결측값|없음|무응답|미측정|자료없음|자료 없음|欠測|m"
)
MISSING_WORDS = frozenset(_WORDS.split("|"))
"""What people and programs write where nothing was measured, in lower case."""

_NUMBER = re.compile(
    r"""[(]? \s* (?:(?:USD|EUR|GBP|CHF|JPY|KRW|CNY|Rs|R\$|kr)\.?\s?|[$€£¥₩₹]\s?)? [-+−–]? \s*
        [$€£¥₩₹]? \s*
        (?: \d{1,3} (?:[ \u00a0\u2007\u2009\u202f'’.,]\d{2,3})* (?:[.,]\d*)? | \d+ (?:[.,]\d*)?
          | [.,]\d+ )
        (?: \s?[eEdD][-+]?\d{1,3} )? \s? [-)]? \s? (?: [^\W\d_]{0,2} [^\d\s.,;:|()-]{0,12} [23]? )?
        [)]?""",
    re.VERBOSE,
)
_MONTHS = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai|okt|dez|mär|fév|fev|avr|juin|juil|aoû|déc"
)
_TIME = re.compile(
    rf"""(?: \d{{1,9}} (?: [-/.: T년월일시분초年月日時分秒]+ | ,\s | $ | (?=[-+a-zA-Z오]) )
          | (?:{_MONTHS})[a-zé]* (?:[-/. ]+ | ,\s)? | (?:am|pm|a\.m\.|p\.m\.|오전|오후) \s* | [zZ] $
          | [-+]\d\d:?\d\d $ | (?:utc|gmt|[a-z]{{1,3}}t) $ | q[1-4] \s* |  w\d\d $
          | \([월화수목금토일]\) \s*
          | (?:mon|tue|wed|thu|fri|sat|sun)[a-z]* [, ]+ )+""",
    re.VERBOSE | re.IGNORECASE,
)
_BARE_TIME = re.compile(
    r"\d{4}\.\s*\d\d?\.\s*\d\d?\.?(?:\s+\d\d?\.\d\d(?:\.\d\d)?)?|\d+ \d+ \d+(?: \d+)*|"
    r"\d\d?\.\d\d?\.\d\d(?:\d\d)?\s+\d\d?\.\d\d(?:\.\d\d)?"
)
"""A time without a letter or any mark but blanks and dots, as numbers have them, too."""
_BARE = re.compile(r"[\d.\s]+")
_LIMIT = re.compile(r"(?:[<>≤≥]=?\s*[\d.,]+.{0,8}|trace|tr|bdl|lod)", re.IGNORECASE)
"""Beyond what the instrument can measure."""
_DIGIT = re.compile(r"\d")


def is_missing(cell: str) -> bool:
    """Whether a stripped cell says that nothing was measured: a word for it, or only marks."""
    return cell.lower() in MISSING_WORDS or not any(map(str.isalnum, cell))


def _is_date(cell: str) -> bool:
    """Whether a cell is a date in words, or with a clock, as the times of a table may be."""
    if len(cell) > WIDTH or _NUMBER.fullmatch(cell) or _BARE.fullmatch(cell):
        return False
    return any(order.count("-") > 1 for order in forms_of(re.sub("[0-9]", "0", cell)))


def kind_of(cell: str) -> Kind:
    """What a cell looks like."""
    cell = cell.strip()
    if is_missing(cell):
        return "missing"
    if _LIMIT.fullmatch(cell):
        return "missing"
    if _is_date(cell):
        return "time"
    if len(cell) > 40 or not _DIGIT.search(cell) or "  " in cell or "\t" in cell:
        return "text"
    if _NUMBER.fullmatch(cell):
        return "number"
    if _BARE.fullmatch(cell):
        return "time" if _BARE_TIME.fullmatch(cell) else "text"
    return "time" if _TIME.fullmatch(cell) else "text"
