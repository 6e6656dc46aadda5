"""Which line names the columns: what stands above the first rows of data."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rnnviz.data.reading.form.kinds import Kind, kind_of
from rnnviz.data.reading.form.separators import COMMENT, Row
from rnnviz.data.reading.result import Choice, Question
from rnnviz.messages import N_, Message, excerpt

HEADER_LINE = N_("Line {line} names the columns; {count} {count:line|lines} above it left out.")
UNITS_LINE = N_("Line {line} is read as units, not as a row: {cells}.")
NO_HEADER = N_("No line names the columns; they are numbered.")
IS_HEADER = N_("Does line {line} name the columns, or is it the first row? {cells}")
AS_ROW = N_("It is the first row; the columns have no names.")
AS_NAMES = N_("It names the columns.")

_YEAR = re.compile(r"(?:19|20)\d\d")
_UNIT = re.compile(
    r"""[(\[].*[)\]] | .*[°%/²³µμ℃Ω].* | \W* | unit.* | 단위 |
    (?:deg)?\s?[CFK] | [mckhM]?(?:m|g|s|h|l|W|V|A|J|Pa|Hz|bar|Wh) | min | sec | hr? | yr | mo |
    dy | mn |    ft | mi | kt | in | ppm | ppb | lux? | rpm | dB | degT? | nmi | usd | eur |
    krw | 원 | 개 | 명 | UTC | none | date | time | timestamp | datetime | yyyy.* | hh.* | -""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Header:
    """The line that names the columns (0: none does), their names, and where the rows begin."""

    line: int
    cells: tuple[str, ...]
    first_row: int
    remarks: tuple[Message, ...] = ()
    questions: tuple[Question, ...] = ()


def body_kinds(rows: Sequence[Row], width: int) -> list[Kind]:
    """What most cells of each column look like, those of nothing left out."""
    kinds: list[Kind] = []
    for column in range(width):
        counts = Counter(
            kind_of(cells[column]) for _line, cells in rows if len(cells) > column and cells[column]
        )
        counts.pop("missing", 0)
        typed = counts["number"] + counts["time"]
        if not counts:
            kinds.append("missing")
        elif 2 * typed < sum(counts.values()):
            kinds.append("text")
        else:
            kinds.append("number" if counts["number"] >= counts["time"] else "time")
    return kinds


def is_data(cells: Sequence[str], kinds: Sequence[Kind]) -> bool:
    """Whether a row looks like those of the body: numbers and times where these have them."""
    typed = texts = empty = years = 0
    for cell, kind in zip(cells, kinds, strict=False):
        if kind in ("text", "missing"):
            continue
        own = kind_of(cell)
        if own == "missing":
            empty += 1
        elif own == "text":
            texts += 1
        else:
            typed += 1
            years += _YEAR.fullmatch(cell) is not None
    if texts and typed and years == typed:
        return False  # Month, 2019, 2020: names
    expected = sum(kind in ("number", "time") for kind in kinds)
    return typed > texts and 2 * (typed + empty) >= expected


def recognise_header(rows: Sequence[Row], later: Sequence[Row], header: int | None) -> Header:
    """The header among the first rows of a file, which begin with its line 1.

    rows    of the beginning of the file
    later   from its middle and end, which show what the columns hold
    header  the line that a visitor named, 0 for none
    """
    widths = Counter(len(cells) for _line, cells in later if any(cells)).most_common(1)
    width = widths[0][0] if widths else 1
    kinds = body_kinds([row for row in later if len(row[1]) == width], width)
    if header:
        place = next((i for i, (line, _cells) in enumerate(rows) if line >= header), None)
        if place is not None:
            return _named(rows, place, kinds)
        return Header(header, (), header + 1)
    if header is not None:
        return _without_names(rows, kinds)
    first = next((i for i, (_line, cells) in enumerate(rows) if is_data(cells, kinds)), len(rows))
    above = [(i, cells) for i, (_line, cells) in enumerate(rows[:first]) if any(cells)]
    plain = [(i, cells) for i, cells in above if not COMMENT.match(cells[0])]
    wide = [(i, cells) for i, cells in plain if _names_enough(cells, width)]
    place = _best([(i, cells) for i, cells in wide if not _typed(cells, kinds)] or wide)
    if place is None:
        stripped = [
            (i, _without_mark(cells, width)) for i, cells in above if COMMENT.match(cells[0])
        ]
        place = _best([(i, cells) for i, cells in stripped if len(cells) == width])
    if place is None and first == len(rows) and plain:
        place = plain[0][0]  # nothing looks like data: the first line names what stands below
    if place is None and first < len(rows) and _counts_up(rows[first][1]):
        return _with_question(_named(rows, first, kinds), rows[first])
    if place is not None:
        return _named(rows, place, kinds)
    nameless = _without_names(rows, kinds)
    row = next((row for row in rows if row[0] == nameless.first_row), (nameless.first_row, []))
    return _with_question(nameless, row)


def _counts_up(cells: Sequence[str]) -> bool:
    """Whether a row is 0, 1, 2 and so on, the names that pandas gives to columns without any."""
    written = list(cells[1:] if cells and not cells[0] else cells)
    return len(written) > 2 and written == [str(i) for i in range(len(written))]


def _typed(cells: Sequence[str], kinds: Sequence[Kind]) -> bool:
    """Whether a row holds a number or time where the body does, so that it may be a row itself."""
    return any(
        kind in ("number", "time") and kind_of(cell) in ("number", "time")
        for cell, kind in zip(cells, kinds, strict=False)
    )


def _names_enough(cells: Sequence[str], width: int) -> bool:
    return 2 * sum(map(bool, cells)) >= max(1, width - 1)


def _without_mark(cells: Sequence[str], width: int) -> list[str]:
    """The cells of a comment, without the mark that begins it, unless "#" names a column."""
    if len(cells) == width and cells[0] == "#":
        return list(cells)
    first = COMMENT.sub("", cells[0], count=1).strip()
    return [first, *cells[1:]] if first else list(cells[1:])


def _best(candidates: Sequence[tuple[int, Sequence[str]]]) -> int | None:
    """The place of the row that names most columns, each another way; the last of equals.

    A row of units below the names is none of them.
    """
    if not candidates:
        return None
    distinct = [len(set(filter(None, cells))) for _i, cells in candidates]
    most = max(distinct)
    places = [n for n, count in enumerate(distinct) if count >= most - (most > 3)]
    named = [n for n in places if not _is_units(candidates[n][1])] or places[:1]
    # What stands below the names without naming the first column, that of the times, adds to them.
    complete = [n for n in places if candidates[n][1][0]]
    chosen = complete if complete and not candidates[named[-1]][1][0] else named
    return candidates[chosen[-1]][0]


def _is_units(cells: Sequence[str]) -> bool:
    written = [cell for cell in cells if cell]
    units = sum(_UNIT.fullmatch(cell) is not None for cell in written)
    return 2 * units > len(written) and units > 0


def _named(rows: Sequence[Row], place: int, kinds: Sequence[Kind]) -> Header:
    line, cells = rows[place]
    remarks = []
    if line > 1:
        remarks.append(Message(HEADER_LINE, {"line": line, "count": line - 1}))
    if cells and COMMENT.match(cells[0]):
        cells = _without_mark(cells, len(kinds))
    following = place + 1
    while following < len(rows):
        number, below = rows[following]
        if is_data(below, kinds) or not any(below):
            break
        if COMMENT.match(below[0]):
            following += 1
            continue
        if not _is_units(below):
            break
        text = excerpt("; ".join(below))
        remarks.append(Message(UNITS_LINE, {"line": number, "cells": text}))
        following += 1
    first_row = rows[following][0] if following < len(rows) else line + 1
    return Header(line, tuple(cells), first_row, tuple(remarks))


def _without_names(rows: Sequence[Row], kinds: Sequence[Kind]) -> Header:
    """No header: the rows begin with the first that is as wide as they are, or looks like them."""
    begin = next(
        (
            line
            for line, cells in rows
            if is_data(cells, kinds)
            or (cells and not COMMENT.match(cells[0]) and _names_enough(cells, len(kinds)))
        ),
        1,
    )
    return Header(0, (), begin, (Message(NO_HEADER),))


def _with_question(header: Header, row: Row) -> Header:
    """`header`, and the question whether it is right that `row` names the columns, or does not."""
    line, cells = row
    choices = (
        Choice(Message(AS_ROW), {"header": 0}),
        Choice(Message(AS_NAMES), {"header": line}),
    )
    question = Question(
        Message(IS_HEADER, {"line": line, "cells": excerpt("; ".join(cells))}),
        choices[::-1] if header.line else choices,
    )
    return replace(header, questions=(question,))
