"""Numbers as people and programs write them, under given decimal and thousands marks."""

import re
import unicodedata
from dataclasses import dataclass

BLANK = " "
"""The thousands mark that stands for every kind of blank."""

_PLAIN = {
    mark: re.compile(rf"[+-]?(?:\d+[{mark}]?\d*|[{mark}]\d+)(?:[eE][+-]?\d{{1,3}})?", re.ASCII)
    for mark in ".,"
}
_MINUS = str.maketrans(dict.fromkeys("−–‒﹣－‐‑", "-") | dict.fromkeys("’‘′`´", "'"))
_CURRENCY = r"(?:[$€£¥₩₹₽฿₫₪]|US\$|USD|EUR|GBP|CHF|JPY|KRW|CNY|AUD|CAD|Rs\.?|R\$|Fr\.|kr\.?)"
_WRITTEN = re.compile(
    rf"""(?P<open>\()? \s* (?P<before>{_CURRENCY})? \s* (?P<sign>[+-])? \s* (?P<inner>{_CURRENCY})?
        \s* (?P<body>[\d.,' ]*\d[.,]?) (?P<exponent>\s?(?:[eEdD]|[x×*]\s?10\s?\^?)[+-]?\d{{1,3}})?
        \s* (?P<after>-)? \s* (?P<unit>[^\W\d_].{{0,15}}|[%‰°℃℉$€£¥₩₹²³/'"].{{0,15}}|
            [*†‡]{{1,3}}|\([a-z]\))?
        \s* (?P<close>\))?""",
    re.VERBOSE,
)
_NO_UNIT = re.compile(
    r"""am|pm|a\.m\.|p\.m\.|오전|오후|[시분년월일時分年月日].*|st|nd|rd|th|z|utc|gmt|
        [hms:]?\s?\d.*|x[\da-f]+|.*\d\d.*|.*[:;|].*|[tw]\d.*|
        (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b.*""",
    re.VERBOSE | re.IGNORECASE,
)
_NO_NUMBER = re.compile(r"\d\s?[:/-]\s?\d|[;|]")
"""Two numbers, as in times and dates; these are many and all different, so they go first."""
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Written:
    """A cell taken apart: its digits with the marks between them, its sign, exponent and unit."""

    body: str
    negative: bool
    exponent: str
    unit: str


def take_apart(cell: str) -> Written | None:
    """The parts of a cell that may be a number, whatever its marks mean; None if it is none."""
    if _NO_NUMBER.search(cell):
        return None
    match = _WRITTEN.fullmatch(
        _BLANKS.sub(" ", unicodedata.normalize("NFKC", cell)).translate(_MINUS)
    )
    if match is None or (match["open"] is None) != (match["close"] is None):
        return None
    signs = [match["sign"] == "-", match["after"] is not None, match["open"] is not None]
    if sum(signs) > 1 or (match["sign"] == "+" and any(signs)):
        return None
    unit = match["unit"] or ""
    if _NO_UNIT.fullmatch(unit):
        return None
    exponent = (match["exponent"] or "").strip()
    power = re.sub(r"(?:[eEdD]|[x×*]\s?10\s?\^?)", "", exponent)
    units = [part for part in (match["before"], match["inner"], unit.strip()) if part]
    if len(units) > 1:
        return None
    return Written(match["body"].strip(), any(signs), f"e{power}" if power else "", "".join(units))


@dataclass(frozen=True)
class Marks:
    """The mark before the decimals, "." or ",", and the one between thousands, "" for none."""

    decimal: str
    thousands: str

    def parse(self, cell: str) -> tuple[float, str] | None:
        """The number in a cell and its unit, None where there is no number.

        Infinity is no measurement, and so is what is larger than float64 can hold.
        """
        if _PLAIN[self.decimal].fullmatch(cell):
            return _finite(float(cell.replace(self.decimal, ".")), "")
        written = take_apart(cell)
        if written is None:
            return None
        digits = self.digits(written.body)
        if digits is None:
            return None
        number = float(digits + written.exponent)
        return _finite(-number if written.negative else number, written.unit)

    def digits(self, body: str) -> str | None:
        """`body` with a decimal point and no thousands marks, None where marks are misplaced."""
        whole, mark, decimals = body.partition(self.decimal)
        if mark and decimals and not decimals.isdigit():
            return None
        if not whole.isdigit() and whole:
            if not self.thousands or not groups(whole, self.thousands):
                return None
            whole = whole.replace(self.thousands, "")
        return f"{whole or '0'}.{decimals or '0'}" if whole or decimals else None


def _finite(number: float, unit: str) -> tuple[float, str] | None:
    return (number, unit) if abs(number) < float("inf") else None


def groups(whole: str, mark: str) -> bool:
    """Whether `mark` stands between groups of three digits, or of two before the last (Indian)."""
    first, *others = whole.split(mark)
    if not others or not all(part.isdigit() for part in (first, *others)):
        return False
    if not 1 <= len(first) <= 3 or len(others[-1]) != 3:
        return False
    inner = {len(part) for part in others[:-1]}
    return inner <= {3} or (inner == {2} and len(first) <= 2)
