"""The cells of a visitor's CSV file, line by line, and what stands in its columns."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rnnviz.data.times import parse_time
from rnnviz.messages import N_, Problem, excerpt

COLUMNS_LIMIT = 60
LINES_LIMIT = 600_000
LINE_LIMIT = 10_000
"""How long a line may be, in characters: a hostile one must not become millions of cells."""

SAMPLE = 100
"""How many rows say what a column holds."""

TOO_MANY_LINES = N_("The file has more than {limit} lines; allowed are at most {limit}.")
LONG_LINE = N_("Line {line} has more than {limit} characters; allowed are at most {limit}.")
BAD_QUOTES = N_("Line {line}: a quotation mark is not closed, or text follows behind it: {value}")
RAGGED = N_(
    "Line {line} has {count} {count:cell|cells}; allowed {allowed:is|are} {allowed}, as in the "
    "header."
)
TOO_MANY_COLUMNS = N_("The header names {columns} columns; allowed are at most {allowed}.")
NO_HEADER = N_("Line {line} must name the columns, but holds only numbers: {value}")

# What people write where nothing was measured.
_MISSING = {"", "-", "--", "---", "na", "n/a", "nan", "null", "none", "#n/a"}
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d+,\d+(?:[eE][+-]?\d+)?\s*", re.ASCII)
_UNIT = re.compile(r"(.*\S)\s*[(\[]([^()\[\]]{1,20})[)\]]")
_SIGNS = {"degC": "°C", "deg": "°"}

Row = tuple[int, list[str]]
"""The number of a line and its cells."""


def numbered_lines(content: bytes) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, each with its number.

    Raises:
        Problem: a line is too long, or there are too many.
    """
    # Decoded piece by piece: a second copy of a large file would cost more than its numbers.
    with io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if number > LINES_LIMIT:
                raise Problem(TOO_MANY_LINES, limit=LINES_LIMIT)
            if len(line) > LINE_LIMIT:
                raise Problem(LONG_LINE, line=number, limit=LINE_LIMIT)
            if not line.isspace():
                yield number, line.rstrip("\n")


def split_cells(number: int, line: str, delimiter: str) -> list[str]:
    """The cells of one line; a quoted cell ends on its line.

    Raises:
        Problem: the quotation marks do not match.
    """
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        raise Problem(BAD_QUOTES, line=number, value=excerpt(line)) from None


@dataclass(frozen=True)
class Header:
    """The names and units of all columns, and what stands between the cells."""

    names: tuple[str, ...]
    units: tuple[str, ...]
    delimiter: str
    written: tuple[str, ...]

    @classmethod
    def parse(cls, number: int, line: str) -> "Header":
        """What the header line says.

        Raises:
            Problem: it names too many columns, or none.
        """
        delimiter = max(",;\t", key=line.count)
        written = tuple(cell.strip() for cell in split_cells(number, line, delimiter))
        if len(written) > COLUMNS_LIMIT:
            raise Problem(TOO_MANY_COLUMNS, columns=len(written), allowed=COLUMNS_LIMIT)
        if all(parse_number(cell) is not None or parse_time(cell) is not None for cell in written):
            raise Problem(NO_HEADER, line=number, value=excerpt(line))
        matches = [_UNIT.fullmatch(cell) for cell in written]
        names = [match[1] if match else cell for match, cell in zip(matches, written, strict=True)]
        if len(set(names)) < len(names):  # "T (K)" and "T (degC)" keep what tells them apart
            names = list(written)
        units = [_SIGNS.get(match[2], match[2]) if match else "" for match in matches]
        return cls(_distinct(names), tuple(units), delimiter, written)

    def rows(self, source: Iterator[tuple[int, str]]) -> Iterator[Row]:
        """The cells of the lines below.

        Raises:
            Problem: a line has more or fewer cells than the header.
        """
        width = len(self.names)
        for number, line in source:
            cells = split_cells(number, line, self.delimiter)
            if len(cells) != width:
                # Some programs end every line with a delimiter.
                if len(cells) != width + 1 or cells[-1].strip():
                    raise Problem(RAGGED, line=number, count=len(cells), allowed=width)
                cells.pop()
            yield number, cells


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Names that a visitor can choose from: none is empty, long, or there twice."""
    distinct: dict[str, None] = {}
    for number, written in enumerate(names, start=1):
        name = excerpt(written) or f"#{number}"
        while name in distinct:
            name += f" #{number}"
        distinct[name] = None
    return tuple(distinct)


def parse_number(cell: str, decimal_comma: bool = False) -> float | None:
    """The number in a cell, NaN where nothing was measured, None where something else stands."""
    try:
        return float(cell.replace(",", ".") if decimal_comma else cell)
    except ValueError:
        return float("nan") if cell.strip().lower() in _MISSING else None


@dataclass(frozen=True)
class ColumnRoles:
    """Which column holds the times (None: no column does), and which hold numbers."""

    time: int | None
    numbers: tuple[int, ...]
    decimal_comma: bool

    @classmethod
    def infer(cls, header: Header, sample: list[Row]) -> "ColumnRoles":
        """What the first rows show. A column is one of numbers when most of its cells are."""
        first = sample[0][1]
        time = next((i for i, cell in enumerate(first) if parse_time(cell) is not None), None)
        comma = header.delimiter != "," and any(
            _DECIMAL_COMMA.fullmatch(cell) for _number, cells in sample for cell in cells
        )
        numbers = []
        for i in range(len(header.names)):
            values = [parse_number(cells[i], comma) for _number, cells in sample]
            if i != time and 2 * values.count(None) < len(values):
                numbers.append(i)
        return cls(time, tuple(numbers), comma)
