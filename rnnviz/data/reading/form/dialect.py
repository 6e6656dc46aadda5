"""How a table is written: what stands between its cells, and which line names the columns."""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from rnnviz.data.reading.form.across import refuse_times_across
from rnnviz.data.reading.form.header import recognise_header
from rnnviz.data.reading.form.lines import LINE_LIMIT, Records, count_cells, line_starts
from rnnviz.data.reading.form.separators import (
    head_lines,
    is_doubtful_column,
    later_lines,
    recognise_separator,
    split_rows,
)
from rnnviz.data.reading.result import Choice, Question
from rnnviz.messages import N_, Message, Problem, excerpt

COLUMNS_LIMIT = 300

RAGGED = N_(
    "Line {line} has {count} {count:cell|cells}; allowed {allowed:is|are} {allowed}, as in the "
    "header."
)
DECIMAL_COMMAS = N_(
    "Every row has more cells than the header names ({count}, allowed {allowed:is|are} {allowed}), "
    "so commas seem to stand both between the cells and within the numbers; save the file with "
    "semicolons between the cells."
)
TOO_MANY_COLUMNS = N_("The header names {columns} columns; allowed are at most {allowed}.")
NO_ROWS = N_("The file has no rows below line {line}.")
HEADER_OUTSIDE = N_("Line {line} cannot name the columns; allowed are lines 1 to {allowed}.")

SEPARATOR_LINE = N_("Line 1 says that {separator} stands between the cells.")
ROW_NAMES = N_("The header names one column fewer than there are: the first one has no name.")

ONE_OR_TWO = N_("Every line is like 1,5. What is it?")
ONE_COLUMN = N_("One number with a decimal comma")
TWO_COLUMNS = N_("Two numbers with a comma between them")

_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """The decisions about the form of a table, and its records below the header."""

    separator: str
    header: int
    names: tuple[str, ...]
    body: Records
    remarks: tuple[Message, ...]
    questions: tuple[Question, ...]


def recognise_dialect(data: bytes, separator: str | None, header: int | None) -> Dialect:
    """How the table in `data` (UTF-8) is written; what is not None is taken as it is.

    Raises:
        Problem: lines are too long or too many, or rows have more cells than the header.
    """
    starts = line_starts(data)
    head, later = head_lines(data, starts), later_lines(data, starts)
    remarks: list[Message] = []
    skip = 0
    match = _SEPARATOR_LINE.fullmatch(head[0]) if head else None
    if match:
        skip = 1
        head = head[1:]
        if separator is None:
            separator = match[1]
            remarks.append(Message(SEPARATOR_LINE, {"separator": separator}))
    questions: tuple[Question, ...] = ()
    if separator is None:
        separator = recognise_separator(head, later)
        if separator != "," and is_doubtful_column(head):
            questions = (_one_or_two(separator),)
    rows = split_rows(head, separator, skip + 1)
    if header is not None and header > (rows[-1][0] if rows else 0):
        allowed = rows[-1][0] if rows else 1
        raise Problem(HEADER_OUTSIDE, line=header, allowed=allowed)
    if header is None:
        refuse_times_across(rows)
    layout = recognise_header(rows, split_rows(later, separator), header)
    remarks.extend(layout.remarks)
    if layout.first_row >= len(starts):
        raise Problem(NO_ROWS, line=layout.line)
    body = count_cells(data, starts, separator, layout.first_row)
    cells = layout.cells
    if not layout.line:
        cells = ("",) * Counter(body.widths.tolist()).most_common(1)[0][0]
    elif len(body.widths) and (body.widths == len(cells) + 1).all():
        cells = _shift(cells, body)
        remarks.extend([Message(ROW_NAMES)] * (len(cells) > len(layout.cells)))
    if len(cells) > COLUMNS_LIMIT:
        raise Problem(TOO_MANY_COLUMNS, columns=len(cells), allowed=COLUMNS_LIMIT)
    names = distinct_names(cells)
    return Dialect(
        separator, layout.line, names, body, tuple(remarks), (*questions, *layout.questions)
    )


def _one_or_two(separator: str) -> Question:
    one = {"separator": separator, "decimal": ","}
    two = {"separator": ",", "decimal": "."}
    choices = (Choice(Message(ONE_COLUMN), one), Choice(Message(TWO_COLUMNS), two))
    return Question(Message(ONE_OR_TWO), choices)


def _shift(cells: tuple[str, ...], body: Records) -> tuple[str, ...]:
    """The header of a table whose first column, the names of the rows, is not in it, as R writes.

    Raises:
        Problem: that column is no number of rows, so the cells are split by mistake.
    """
    beginning = body.data[: 3 * LINE_LIMIT].decode("utf-8", "ignore")
    lines = [line for line in re.split(r"[\r\n]+", beginning) if line.strip()][:2]
    rows = [row for _line, row in split_rows(lines, body.separator) if row]
    if not rows:
        return cells
    first, last = rows[0], rows[-1]
    if not last[-1]:
        return cells  # every row ends with a separator
    numbered = first[0].isdigit() and last[0].isdigit() and int(last[0]) - int(first[0]) == 1
    if numbered or lines[0].startswith('"'):
        return ("", *cells)
    if body.separator == ",":
        raise Problem(DECIMAL_COMMAS, count=len(cells) + 1, allowed=len(cells))
    raise Problem(RAGGED, line=int(body.lines[0]), count=len(cells) + 1, allowed=len(cells))


def distinct_names(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Names that a visitor can choose from: none is empty, long, or there twice."""
    distinct: dict[str, None] = {}
    for number, cell in enumerate(cells, start=1):
        name = excerpt(cell.strip()) or f"#{number}"
        while name in distinct:
            name += f" #{number}"
        distinct[name] = None
    return tuple(distinct)


def width_of(body: Records) -> int:
    """How many cells the widest record has."""
    return int(np.max(body.widths, initial=1))
