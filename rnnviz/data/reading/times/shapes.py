"""A column of texts, sorted by their shapes: "2021-01-31" has the shape "0000-00-00".

A column of times has few shapes, so a pattern is matched once for each shape, and the numbers are
then read from all of its rows at once.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 72
"""Characters: no time is written longer."""
_AROUND = " \t\"'"
_MARK = re.compile(r"(?<=[0-9년월일])\s?(?:\(?[a-z]\)|\*+)$")
"""What marks provisional rows: "2020.01 p)"."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, eq=False)
class Shapes:
    """The shapes of N texts.

    texts    the texts, blanks and quotation marks at the ends stripped
    letters  (W, N) uint32, the code points of the texts; zeros behind their ends
    shapes   the distinct shapes, the most frequent first, without that of the empty text
    rows     for each shape the numbers of the rows that have it
    """

    texts: list[str]
    letters: NDArray[np.uint32]
    shapes: tuple[str, ...]
    rows: tuple[NDArray[np.int64], ...]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def nonempty(self) -> int:
        """How many texts are not empty."""
        return sum(len(rows) for rows in self.rows)

    def number(self, rows: NDArray[np.int64], start: int, stop: int) -> NDArray[np.int64]:
        """The number that the digits `start` to `stop` of the texts of `rows` write."""
        value = np.zeros(len(rows), dtype=np.int64)
        for place in range(start, min(stop, start + 19)):
            value = value * 10 + (self.letters[place][rows].astype(np.int64) - ord("0"))
        return value


def shapes_of(cells: "pd.Series[str]") -> Shapes:
    """The texts of a column by their shapes; what is longer than WIDTH has the shape "…"."""
    texts = [text.strip(_AROUND) if isinstance(text, str) else "" for text in cells.tolist()]
    texts = [_MARK.sub("", text) if text[-1:] in (")", "*") else text for text in texts]
    if not all(map(str.isascii, texts)):
        texts = [
            text if text.isascii() else unicodedata.normalize("NFKC", text).strip(_AROUND)
            for text in texts
        ]
    texts = ["…" if len(text) > WIDTH else text for text in texts]
    width = max(map(len, texts), default=0)
    if not width:
        return Shapes(texts, np.zeros((0, len(texts)), np.uint32), (), ())
    letters = np.ascontiguousarray(
        np.asarray(texts, dtype=f"<U{width}").view(np.uint32).reshape(len(texts), width).T
    )
    key = np.zeros(len(texts), dtype=np.uint64)
    for column in letters:
        digit = (column >= ord("0")) & (column <= ord("9"))
        key = (key ^ np.where(digit, np.uint32(ord("0")), column)) * _MULTIPLIER
        key ^= key >> np.uint64(29)
    _keys, first, inverse, counts = np.unique(
        key, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(inverse, kind="stable")
    parts = np.split(order, np.cumsum(counts)[:-1])
    ranked = sorted(range(len(first)), key=lambda code: (-int(counts[code]), int(first[code])))
    kinds = [(_shape(texts[first[code]]), parts[code]) for code in ranked]
    kinds = [(shape, rows) for shape, rows in kinds if shape]
    return Shapes(
        texts, letters, tuple(shape for shape, _ in kinds), tuple(rows for _, rows in kinds)
    )


def _shape(text: str) -> str:
    return re.sub("[0-9]", "0", text)
