"""One column of a table: its different cells, and which row holds which."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rnnviz.data.reading.form.kinds import is_missing
from rnnviz.data.reading.values.numbers import Marks

_MARK = re.compile(r"[*†‡]{1,3}|\([a-z]\)|[bcdefinprsu]")
"""What statistical offices write behind provisional, estimated or revised values."""
_SCALES = {"K": 1e3, "k": 1e3, "M": 1e6, "B": 1e9, "G": 1e9, "T": 1e12}
_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "on", "wahr", "ja", "vrai", "oui", "참", "예"), 1.0),
    **dict.fromkeys(("false", "no", "off", "falsch", "nein", "faux", "non", "거짓", "아니오"), 0.0),
}


@dataclass(frozen=True, eq=False)
class Cells:
    """`texts`: the K different cells of a column; `codes` (N,): the place of each row's in them."""

    name: str
    texts: tuple[str, ...]
    codes: NDArray[np.intp]

    @classmethod
    def of(cls, name: str, column: "pd.Series[str]") -> "Cells":
        """The cells of a column of stripped text."""
        codes, texts = pd.factorize(column)
        return cls(name, tuple(map(str, texts)), codes.astype(np.intp, copy=False))

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """How many rows hold each of `texts`."""
        return np.bincount(self.codes, minlength=len(self.texts))

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """Which of `texts` say that nothing was measured."""
        return np.fromiter(map(is_missing, self.texts), bool, len(self.texts))

    def numbers(self, marks: Marks) -> "Numbers":
        """The numbers in the cells."""
        values = np.full(len(self.texts), np.nan)
        units: list[str] = [""] * len(self.texts)
        for place, text in enumerate(self.texts):
            if not self.missing[place]:
                number = marks.parse(text)
                if number is not None:
                    values[place], units[place] = number
        if not np.isfinite(values).any():
            values = self._booleans()
            return Numbers(self, values, "", bool(np.isfinite(values).any()), False)
        return self._of_one_unit(values, units)

    def _booleans(self) -> NDArray[np.float64]:
        values = np.array([_BOOLEANS.get(text.lower(), np.nan) for text in self.texts])
        others = ~self.missing & np.isnan(values)
        return np.full(len(values), np.nan) if others.any() else values

    def _of_one_unit(self, values: NDArray[np.float64], units: list[str]) -> "Numbers":
        """Numbers in another unit than most are none: 5 km are not 5 m."""
        counts: Counter[str] = Counter()
        for place in np.flatnonzero(np.isfinite(values)):
            counts[units[place]] += int(self.counts[place])
        written = {unit for unit in counts if unit}
        marks = () if counts[""] * 2 < counts.total() else tuple(filter(_MARK.fullmatch, written))
        written = written.difference(marks)
        if not written and marks:
            return Numbers(self, values, "", False, False, marks=tuple(sorted(marks)))
        if not written:
            return Numbers(self, values, "", False, False)
        if len(written) > 1 and written <= set(_SCALES):
            values = values * np.array([_SCALES.get(unit, 1.0) for unit in units])
            return Numbers(self, values, "", False, True)
        unit = max(counts, key=lambda name: counts[name])
        allowed = {unit, "", *marks}
        other = np.array([name not in allowed for name in units])
        return Numbers(self, np.where(other, np.nan, values), unit, False, False)


@dataclass(frozen=True, eq=False)
class Numbers:
    """The numbers of a column: `values` (K,) of its different cells, NaN where there is none.

    unit        what stands behind (or before) most of them
    booleans    whether they stand for true and false
    scaled      whether K, M, B behind them were read as thousands, millions, billions
    coded       which of the different cells are codes for missing
    marks       what stands behind some of them, as "p" behind provisional values
    """

    cells: Cells
    values: NDArray[np.float64]
    unit: str
    booleans: bool
    scaled: bool
    coded: NDArray[np.bool_] | None = None
    marks: tuple[str, ...] = ()

    def with_values(self, values: NDArray[np.float64], coded: NDArray[np.bool_]) -> "Numbers":
        """The same cells with other values; `coded` (K,) marks those that mean missing."""
        return replace(self, values=values, coded=coded)

    @property
    def rows(self) -> NDArray[np.float64]:
        """(N,) float64, NaN where there is no number."""
        return self.values[self.cells.codes] if len(self.values) else np.empty(0)

    @property
    def present(self) -> bool:
        """Whether any cell holds a number."""
        return bool(np.isfinite(self.values).any())

    @cached_property
    def unread(self) -> NDArray[np.bool_]:
        """Which different cells are neither numbers nor words for missing."""
        unread: NDArray[np.bool_] = ~self.cells.missing & np.isnan(self.values)
        return unread if self.coded is None else unread & ~self.coded

    @property
    def share(self) -> float:
        """The share of numbers among the cells that do not say missing."""
        counts = self.cells.counts
        number = counts[np.isfinite(self.values)].sum()
        return float(number / max(1, number + counts[self.unread].sum()))
