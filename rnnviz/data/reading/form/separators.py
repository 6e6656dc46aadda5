"""What stands between the cells of a table, recognised from its beginning, middle and end."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.form.kinds import Kind, kind_of
from rnnviz.data.reading.form.lines import records

SEPARATORS = (",", ";", "\t", "|", " ")

Row = tuple[int, list[str]]
"""The number of a line, counted from 1, and the stripped cells of the record that begins there."""

HEAD_LINES = 120
_PART_LINES = 150
"""How many lines of the middle and of the end are looked at."""

_PAIR = re.compile(r"[+-]?\d+,\d+")
COMMENT = re.compile(r"\s*(?:#|%|//|;)")


def head_lines(data: bytes, starts: NDArray[np.int64]) -> list[str]:
    """The first lines of the file as they stand there."""
    return _lines(data, starts, 0, HEAD_LINES)


def later_lines(data: bytes, starts: NDArray[np.int64]) -> list[str]:
    """Lines from the middle and the end of the file; those of the head where it is short."""
    count = len(starts) - 1
    if count <= HEAD_LINES:
        return _lines(data, starts, count // 2, count)
    middle = max(HEAD_LINES, count // 2)
    end = max(middle + _PART_LINES, count - _PART_LINES)
    return _lines(data, starts, middle, middle + _PART_LINES) + _lines(data, starts, end, count)


def _lines(data: bytes, starts: NDArray[np.int64], first: int, last: int) -> list[str]:
    places = starts[first : last + 1]
    return [data[begin:end].decode("utf-8", "replace") for begin, end in pairwise(places)]


def split_rows(lines: Sequence[str], separator: str, first: int = 1) -> list[Row]:
    """The records in `lines`, the first of which has the number `first`."""
    return [
        (number, [cell.strip() for cell in cells])
        for number, cells in records(lines, separator, first)
    ]


def recognise_separator(head: Sequence[str], later: Sequence[str]) -> str:
    """The separator that splits most lines into as many cells, which look like numbers or times.

    A file of one column is read with commas.
    """
    lines = [line for line in [*head, *later] if line.strip() and not COMMENT.match(line)]
    if not lines:
        return ","
    scores = {separator: _score(lines, separator) for separator in SEPARATORS}
    best = max(scores, key=scores.__getitem__)
    names_several = scores[best] > 0 and kind_of(lines[0]) == "text" and best in lines[0].strip()
    if names_several or scores[best] > _score(lines, None):
        return best
    return next((mark for mark in SEPARATORS[:-1] if not _splits(lines, mark)), best)


def is_doubtful_column(head: Sequence[str]) -> bool:
    """Whether each line is one number with a comma, or two numbers: no header tells which."""
    lines = [line.strip() for line in head if line.strip()]
    return bool(lines) and all(_PAIR.fullmatch(line) for line in lines)


def _splits(lines: Sequence[str], separator: str) -> bool:
    return any(len(cells) > 1 for _number, cells in split_rows(lines, separator))


def _score(lines: Sequence[str], separator: str | None) -> float:
    """How much like a table the lines are with this separator, with None as one column."""
    rows = [[line.strip()] for line in lines]
    if separator is not None:
        rows = [cells for _number, cells in split_rows(lines, separator) if any(cells)]
    if not rows:
        return 0.0
    width, count = Counter(map(len, rows)).most_common(1)[0]
    if separator is not None and width == 1:
        return 0.0
    kinds: Counter[Kind] = Counter(
        kind_of(cell) for cells in rows if len(cells) == width for cell in cells if cell
    )
    # A column of times alone is no table of measurements.
    typed = kinds["number"] + (kinds["time"] if separator is not None else 0)
    share = typed / max(1, kinds["number"] + kinds["time"] + kinds["text"])
    # The names of the columns are apart by the same mark, unless a title stands above.
    agrees = len(rows[0]) == width
    # Blanks stand also within cells.
    likeness = 0.9 if separator == " " else 1.0
    return count / len(rows) * (share + 0.2 + 0.3 * agrees) * likeness
