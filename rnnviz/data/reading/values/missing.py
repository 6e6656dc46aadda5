"""Numbers that stand for "not measured": found per column, or named by the visitor.

A suspicion needs three things: the value is spelled as codes are (-999, 9999, -200, 32767, 1e20),
it lies outside all other values of its column, and far from them: by half of their range. Other
values need to return exactly, and to lie five ranges away. A code of one column counts in the
others, too, where it lies outside. Limits of a sensor (0, 100, 360) and counters are none of these.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.arguments import Codes
from rnnviz.data.reading.result import Choice, Question
from rnnviz.data.reading.values.cells import Numbers
from rnnviz.messages import N_, Message, excerpt

SUSPICION = N_(
    "Does {code} mean that nothing was measured? It lies far outside the other values: {columns}."
)
COUNTS_AS_MISSING = N_("It counts as missing.")
IS_MEASUREMENT = N_("It is a measurement.")
CODES_MISSING = N_("{column}: {code} counts as missing, in {count} {count:row|rows}.")
MISSING_CELLS = N_("Missing values: {columns}.")

_DECIMALS = re.compile(r"[.,]\d")
_CERTAIN = re.compile(r"-9{3,}(?:\.9+)?|9{4,}(?:\.9+)?")
_SPELLING = re.compile(
    r"-?(?:9{2,}(?:\.9+)?|8{3,}(?:\.8+)?|7{4,}|6999)|-(?:100|200|250|300|500|1000|1111)|"
    r"-?(?:32767|32768|65535|2147483647|2147483648|4294967295)"
)
_ENDS = 4
"""How many of the smallest and of the largest values may be codes."""
_HUGE = 1e15
_FEWEST_VALUES = 5
"""How many different other values a column needs before one of them can be suspected."""

_NEAR, _FAR, _VERY_FAR = 0.25, 0.5, 5.0
"""How far from the others, in their range: a code below zero where all others are above, a value
spelled as a code, and any other that returns."""


@dataclass(frozen=True)
class Suspicion:
    """A number that may be a code, and how often it occurs in each column where it lies outside."""

    code: float
    columns: Mapping[str, int]

    @property
    def likely(self) -> bool:
        """Whether it counts as missing meanwhile; zero does not, as it is often measured."""
        return self.code != 0


def find_codes(columns: Sequence[Numbers]) -> list[Suspicion]:
    """The numbers that may stand for missing, the most frequent first."""
    strong: dict[float, dict[str, int]] = {}
    for numbers in columns:
        for value, count in _suspects(numbers).items():
            strong.setdefault(value, {})[numbers.cells.name] = count
    for code, places in strong.items():
        for numbers in columns:
            name = numbers.cells.name
            if name not in places and (count := _count_outside(numbers, code, strong)):
                places[name] = count
    suspicions = [Suspicion(code, dict(places)) for code, places in strong.items()]
    return sorted(suspicions, key=lambda item: -sum(item.columns.values()))


def _suspects(numbers: Numbers) -> dict[float, int]:
    """The values of one column that are far outside the rest, and how often they occur."""
    values, counts = _distinct(numbers)
    ends = [*range(min(_ENDS, len(values))), *range(max(_ENDS, len(values) - _ENDS), len(values))]
    candidates = {float(values[i]) for i in ends if _is_spelled_as_code(values[i], counts[i])}
    suspects: dict[float, int] = {}
    for value in sorted(candidates | _extremes(values, counts), key=lambda v: -abs(v)):
        is_rest = ~np.isin(values, [*candidates, *suspects, value])
        rest, weights = values[is_rest], counts[is_rest]
        count = int(counts[values == value][0])
        if len(rest) < _FEWEST_VALUES or (count > weights.sum() and value not in candidates):
            continue
        gap, spread = _distance(value, rest, weights)
        if abs(value) >= _HUGE:
            far = abs(value) > 1e6 * max(1.0, float(np.abs(rest).max()))
        elif value in candidates:
            opposite = value < 0 <= rest.min() and count > 1
            far = gap > (_NEAR if opposite else _FAR) * spread
        elif value == -1:
            far = count > 1 and bool(rest.min() > 0) and float(np.median(rest)) >= 10
        else:
            often = value == 0 and count > 0.2 * weights.sum()
            far = count > 2 and gap > _VERY_FAR * spread and not often
        if far and gap > 0:
            suspects[value] = count
    return suspects


def _is_spelled_as_code(value: float, count: int) -> bool:
    """Whether a number looks like a code; one that may be a measurement must return."""
    text = f"{value:.10g}"
    if abs(value) >= _HUGE or _CERTAIN.fullmatch(text):
        return True
    return count > 1 and _SPELLING.fullmatch(text) is not None


def _extremes(values: NDArray[np.float64], counts: NDArray[np.intp]) -> set[float]:
    """The smallest and the largest value, if they return."""
    if not len(values):
        return set()
    return {
        float(values[place])
        for place in (int(values.argmin()), int(values.argmax()))
        if counts[place] > 1
    }


def _count_outside(numbers: Numbers, code: float, codes: Mapping[float, object]) -> int:
    """How often a code of another column occurs in this one.

    0 unless it lies outside the rest, or is written without decimals, as the rest is not.
    """
    values, counts = _distinct(numbers)
    is_code = values == code
    rest = values[~np.isin(values, list(codes))]
    if not is_code.any() or len(rest) < _FEWEST_VALUES:
        return 0
    if _is_written_otherwise(numbers, code):
        return int(counts[is_code][0])
    if rest.min() < code < rest.max():
        return 0
    # The next value must not be as near as any two others: 99.9 beside 100 % is a measurement.
    gap, _spread = _distance(code, rest, np.ones(len(rest), np.intp))
    steps = np.diff(np.sort(rest))
    return int(counts[is_code][0]) if gap > 5 * np.median(steps) else 0


def _is_written_otherwise(numbers: Numbers, code: float) -> bool:
    """Whether a code has no decimals, and nearly all other numbers of the column have some."""
    texts = [numbers.cells.texts[place] for place in np.flatnonzero(numbers.values == code)]
    others = [
        numbers.cells.texts[place]
        for place in np.flatnonzero(np.isfinite(numbers.values) & (numbers.values != code))
    ]
    decimals = sum(_DECIMALS.search(text) is not None for text in others)
    return decimals > 0.9 * len(others) and not any(map(_DECIMALS.search, texts))


def _distance(
    value: float, rest: NDArray[np.float64], weights: NDArray[np.intp]
) -> tuple[float, float]:
    """How far `value` lies outside all others, and the range of these without single spikes."""
    low, high = float(rest.min()), float(rest.max())
    gap = low - value if value < low else value - high
    order = np.argsort(rest)
    share = np.cumsum(weights[order]) / weights.sum()
    inner = rest[order][(share > 0.002) & (share - weights[order] / weights.sum() < 0.998)]
    spread = float(inner[-1] - inner[0]) if len(inner) else high - low
    return gap, spread


def _distinct(numbers: Numbers) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The different finite values of a column and how many rows hold each."""
    is_number = np.isfinite(numbers.values)
    values, places = np.unique(numbers.values[is_number], return_inverse=True)
    counts = np.bincount(places, numbers.cells.counts[is_number], len(values)).astype(np.intp)
    return values, counts


def without(numbers: Numbers, codes: Sequence[float | str]) -> Numbers:
    """The numbers with those that a visitor or a suspicion names as missing taken out."""
    texts = {code.strip().lower() for code in codes if isinstance(code, str)}
    listed = np.array([code for code in codes if not isinstance(code, str)], float)
    is_code = np.isin(numbers.values, listed)
    is_code |= np.array([text.lower() in texts for text in numbers.cells.texts], bool)
    return numbers.with_values(np.where(is_code, np.nan, numbers.values), is_code)


def codes_of(missing: Codes, column: str) -> list[float | str]:
    """The codes for one column."""
    return missing.get(column, []) if isinstance(missing, dict) else missing


def to_codes(suspicions: Sequence[Suspicion], columns: Sequence[Numbers]) -> Codes:
    """The codes as an argument: a list where each means missing in every column that holds it."""
    names = [numbers.cells.name for numbers in columns]
    everywhere = all(
        name in suspicion.columns or not np.isin(suspicion.code, numbers.values)
        for suspicion in suspicions
        for name, numbers in zip(names, columns, strict=True)
    )
    if everywhere:
        return [suspicion.code for suspicion in suspicions]
    codes: dict[str, list[float | str]] = {}
    for name in names:
        listed: list[float | str] = [item.code for item in suspicions if name in item.columns]
        if listed:
            codes[name] = listed
    return codes


def likely_codes(suspicions: Sequence[Suspicion], columns: Sequence[Numbers]) -> Codes:
    """The codes that count as missing meanwhile."""
    return to_codes([item for item in suspicions if item.likely], columns)


def code_questions(
    suspicions: Sequence[Suspicion], columns: Sequence[Numbers]
) -> tuple[Question, ...]:
    """Whether each of the suspected numbers is a measurement; the others stay as they are."""
    questions = []
    for suspicion in suspicions:
        rest = [item for item in suspicions if item.likely and item is not suspicion]
        both = [item for item in suspicions if item.likely or item is suspicion]
        places = ", ".join(f"{name} ({count})" for name, count in suspicion.columns.items())
        message = Message(SUSPICION, {"code": f"{suspicion.code:.15g}", "columns": places})
        choices = (
            Choice(Message(COUNTS_AS_MISSING), {"missing": to_codes(both, columns)}),
            Choice(Message(IS_MEASUREMENT), {"missing": to_codes(rest, columns)}),
        )
        questions.append(Question(message, choices if suspicion.likely else choices[::-1]))
    return tuple(questions)


def missing_remarks(columns: Iterable[Numbers]) -> list[Message]:
    """Which numbers count as missing, and how many values each column lacks."""
    remarks = []
    counts = {}
    for numbers in columns:
        cells = numbers.cells
        counts[cells.name] = int(cells.counts[np.isnan(numbers.values)].sum())
        for place in np.flatnonzero(numbers.coded) if numbers.coded is not None else ():
            values = {
                "column": cells.name,
                "code": excerpt(cells.texts[place]),
                "count": int(cells.counts[place]),
            }
            remarks.append(Message(CODES_MISSING, values))
    lacking = ", ".join(f"{name} ({count})" for name, count in counts.items() if count)
    if lacking:
        remarks.append(Message(MISSING_CELLS, {"columns": lacking}))
    return remarks
