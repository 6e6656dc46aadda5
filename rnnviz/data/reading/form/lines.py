"""The lines of a table as they stand in the file: how long, how many cells, where they begin."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.messages import N_, Problem

LINES_LIMIT = 600_000
LINE_LIMIT = 10_000
"""How long a line may be, in bytes: a hostile one must not become millions of cells."""

TOO_MANY_LINES = N_("The file has more than {limit} lines; allowed are at most {limit}.")
LONG_LINE = N_("Line {line} has more than {limit} characters; allowed are at most {limit}.")
BAD_QUOTES = N_(
    "Line {line}: a quotation mark is opened and not closed before the end of the line."
)

_LINE_END = re.compile(rb"\r\n|\n|\r")
_WORD = re.compile(r'"(?:[^"]|"")*"|[^\s"]+|"')
_OTHER_ENDS = re.compile("[\x85\v\f\u2028\u2029]")

MAX_BREAKS = 20
"""How many lines a quoted cell may cover; more mean that a mark was not closed."""


def unify_ends(text: str) -> str:
    """`text` with "\\n" for line ends of the rarer kinds, where it has no common ones."""
    if "\n" in text or "\r" in text:
        return text
    return _OTHER_ENDS.sub("\n", text)


def line_starts(data: bytes) -> NDArray[np.int64]:
    """Where each line of `data` begins; the last entry is the length of `data`.

    Raises:
        Problem: a line is too long, or there are too many.
    """
    codes = np.frombuffer(data, np.uint8)
    if b"\r" in data:
        ends = np.fromiter((match.end() for match in _LINE_END.finditer(data)), np.int64)
    else:
        ends = np.flatnonzero(codes == ord("\n")) + 1
    starts = np.concatenate([[0], ends]).astype(np.int64)
    if starts[-1] < len(data):
        starts = np.append(starts, len(data))
    lengths = np.diff(starts)
    if len(lengths) > LINES_LIMIT:
        raise Problem(TOO_MANY_LINES, limit=LINES_LIMIT)
    if len(lengths) and lengths.max() > LINE_LIMIT:
        line = int(np.argmax(lengths > LINE_LIMIT)) + 1
        raise Problem(LONG_LINE, line=line, limit=LINE_LIMIT)
    return starts


def split_words(line: str) -> list[str]:
    """The cells of a line between which runs of blanks stand."""
    return [
        word[1:-1].replace('""', '"') if len(word) > 1 and word[0] == '"' == word[-1] else word
        for word in _WORD.findall(line)
    ]


def records(
    lines: Iterable[str], separator: str, first: int = 1
) -> Iterator[tuple[int, list[str]]]:
    """The cells of each record, and the number of the line on which it begins.

    Raises:
        Problem: a quoted cell does not end.
    """
    if separator == " ":
        for number, line in enumerate(lines, start=first):
            yield number, split_words(line)
        return
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    begin = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Problem(BAD_QUOTES, line=first + begin) from None
        if reader.line_num - begin > MAX_BREAKS:
            raise Problem(BAD_QUOTES, line=first + begin)
        yield first + begin, cells
        begin = reader.line_num


@dataclass(frozen=True)
class Records:
    """All records from one line on: `data` in UTF-8, `lines` (N,) numbers, `widths` (N,) cells.

    `separator` stands between the cells of `data`; it is a tab where blanks stood in the file.
    """

    data: bytes
    separator: str
    lines: NDArray[np.int64]
    widths: NDArray[np.int64]


def count_cells(data: bytes, starts: NDArray[np.int64], separator: str, line: int) -> Records:
    """The records from `line` on (counted from 1).

    Raises:
        Problem: a quoted cell does not end.
    """
    rest = data[int(starts[line - 1]) :]
    if separator == " ":
        words = [split_words(text) for text in _text_lines(rest)]
        clean = ("\t".join(cell.replace("\t", " ") for cell in cells) for cells in words)
        widths = np.array([len(cells) for cells in words], np.int64)
        joined = "\n".join(clean).replace('"', "").encode()
        return Records(joined, "\t", line + np.arange(len(words)), widths)
    if b'"' not in rest:
        marks = np.flatnonzero(np.frombuffer(rest, np.uint8) == ord(separator))
        counts = np.diff(np.searchsorted(marks, starts[line - 1 :] - starts[line - 1]))
        return Records(rest, separator, line + np.arange(len(counts)), counts + 1)
    pairs = [(number, len(cells)) for number, cells in records(_text_lines(rest), separator, line)]
    table = np.array(pairs, np.int64).reshape(-1, 2)
    return Records(rest, separator, table[:, 0], np.maximum(table[:, 1], 1))


def _text_lines(data: bytes) -> Iterator[str]:
    return iter(io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline=""))
