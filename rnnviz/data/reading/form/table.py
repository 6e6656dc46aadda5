"""The cells of a table as text, column by column, and what of the file is no row of it."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rnnviz.data.reading.form.dialect import RAGGED, Dialect, width_of
from rnnviz.data.reading.form.header import body_kinds
from rnnviz.data.reading.form.kinds import Kind, kind_of
from rnnviz.data.reading.form.lines import BAD_QUOTES
from rnnviz.data.reading.form.separators import COMMENT
from rnnviz.messages import N_, Message, Problem, excerpt

EMPTY_ROWS = N_("Empty lines left out: {count}.")
SHORT_ROWS = N_(
    "{count} {count:row has|rows have} fewer cells than the header, the first in line {line}; the "
    "cells at the end count as missing."
)
WIDE_ROWS = N_(
    "{count} {count:row|rows} left out because {count:it has|they have} more cells than the "
    "header, the first in line {line}: {cells}."
)
SHORT_BLANKS = N_(
    "Rows left out because they have fewer cells than the header, so that blanks do not say which "
    "is missing: {count}, the first in line {line}."
)
REPEATED_HEADERS = N_("Rows left out because they repeat the header: {count}.")
COMMENTS = N_("Comments left out below the header: {count}.")
FOOTER = N_("{count} {count:line|lines} at the end left out, from line {line} on: {cells}.")

_FOOTER_WORD = re.compile(
    r"\W*(?:total|sum|mean|average|avg|min|max|minimum|maximum|source|note|notes|copyright|©|"
    r"summe|gesamt|mittelwert|quelle|moyenne|total général|합계|총계|평균|계|소계|출처|자료|비고|"
    r"최대|최소)"
    r"\b.*",
    re.IGNORECASE,
)
_FOOTER_ROWS = 12
_WIDE_SHARE = 0.03
"""The share of rows that may have too many cells and be left out; more are a Problem."""


@dataclass(frozen=True)
class Table:
    """The rows of a table: `frame` holds stripped text, "" for empty; `lines` number the rows."""

    frame: pd.DataFrame
    lines: NDArray[np.int64]
    remarks: tuple[Message, ...]


def read_table(dialect: Dialect) -> Table:
    """The rows of the table, without what is none of them.

    Raises:
        Problem: a row has more cells than the header, or its quotation marks do not match.
    """
    frame = _parse(dialect)
    names, widths = dialect.names, dialect.body.widths
    extra = frame.iloc[:, len(names) :]
    if extra.shape[1]:
        is_wide = (extra != "").any(axis=1).to_numpy()
        is_wide = is_wide & ~_may_be_footer(frame)
        place = int(np.argmax(is_wide))
        if is_wide.sum() > _WIDE_SHARE * len(frame):
            raise Problem(
                RAGGED,
                line=int(dialect.body.lines[place]),
                count=int(widths[place]),
                allowed=len(names),
            )
        wide = [cell for cell in frame.iloc[place] if cell]
        frame = frame.iloc[:, : len(names)]
    else:
        is_wide, wide = np.zeros(len(frame), bool), []
    frame.columns = pd.Index(names)
    return _without_others(frame, dialect, is_wide, excerpt("; ".join(wide)))


def _may_be_footer(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows at the end begin as sums or notes do."""
    first = frame.iloc[-_FOOTER_ROWS:, 0]
    begins = [bool(_FOOTER_WORD.fullmatch(cell) or COMMENT.match(cell)) for cell in map(str, first)]
    return np.array([False] * (len(frame) - len(begins)) + begins)


def _parse(dialect: Dialect) -> pd.DataFrame:
    """The cells, stripped; columns behind those of the header have numbers for names."""
    body = dialect.body
    count = max(width_of(body), len(dialect.names))
    try:
        frame = pd.read_csv(
            io.BytesIO(body.data),
            sep=body.separator,
            header=None,
            names=list(range(count)),
            index_col=False,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            skip_blank_lines=False,
            skipinitialspace=True,
            encoding="utf-8",
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        raise Problem(BAD_QUOTES, line=int(body.lines[-1])) from None
    if len(frame) != len(body.lines):
        raise Problem(BAD_QUOTES, line=int(body.lines[0]))
    return pd.DataFrame({name: frame[name].str.strip() for name in frame})


def _without_others(
    frame: pd.DataFrame, dialect: Dialect, is_wide: NDArray[np.bool_], wide: str
) -> Table:
    remarks: list[Message] = []
    lines, widths = dialect.body.lines, dialect.body.widths
    # A row of another kind of separators is empty, too.
    empty = frame if frame.shape[1] > 1 else frame.replace(r"^[,;|\s]*$", "", regex=True)
    filled = (empty != "").to_numpy()
    keep = np.ones(len(frame), bool)
    keep &= ~_empty_rows(filled, widths)
    if not keep.all():
        remarks.append(Message(EMPTY_ROWS, {"count": int((~keep).sum())}))

    def leave_out(rows: NDArray[np.bool_], template: str) -> None:
        rows = rows & keep
        if rows.any():
            values = {"count": int(rows.sum()), "line": int(lines[np.argmax(rows)])}
            remarks.append(Message(template, values))
            keep[rows] = False

    if is_wide.any():
        values = {"count": int(is_wide.sum()), "line": int(lines[np.argmax(is_wide)])}
        remarks.append(Message(WIDE_ROWS, {**values, "cells": wide}))
        keep &= ~is_wide
    first = frame.iloc[:, 0]
    if dialect.header:
        leave_out(_repeats(frame, dialect.names), REPEATED_HEADERS)
    marked = first.str.startswith(("#", "//")).to_numpy(dtype=bool)
    if marked.mean() < 0.5:
        leave_out(marked & (widths < len(dialect.names)), COMMENTS)
    _leave_out_footer(frame, keep, lines, remarks)
    is_short = (widths < len(dialect.names)) & keep
    if dialect.separator == " ":
        leave_out(is_short, SHORT_BLANKS)
    elif is_short.any():
        values = {"count": int(is_short.sum()), "line": int(lines[np.argmax(is_short)])}
        remarks.append(Message(SHORT_ROWS, values))
    if keep.all():
        return Table(frame, lines, tuple(remarks))
    return Table(frame[keep].reset_index(drop=True), lines[keep], tuple(remarks))


def _empty_rows(filled: NDArray[np.bool_], widths: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The rows to leave out because nothing stands in them.

    Between others, an empty row of the full width is one in which all is missing, and so is an
    empty line in a table of one column, unless every second line is empty.
    """
    is_empty: NDArray[np.bool_] = ~np.asarray(filled.any(axis=1))
    last = int(np.max(np.flatnonzero(~is_empty), initial=-1))
    behind = np.arange(len(is_empty)) > last
    lines = is_empty & (widths <= 1)
    single = filled.shape[1] == 1
    if single and lines[: last + 1].sum() < 0.4 * (last + 1):
        lines = np.zeros_like(lines)
    return is_empty & (behind | lines)


def _repeats(frame: pd.DataFrame, names: Sequence[str]) -> NDArray[np.bool_]:
    """The rows that hold the names of the columns once more."""
    same = np.ones(len(frame), bool)
    compared = 0
    for place, name in enumerate(names):
        if name and not name.endswith(f"#{place + 1}"):
            same &= (frame.iloc[:, place] == name).to_numpy(dtype=bool)
            compared += 1
    return same if compared else np.zeros(len(frame), bool)


def _leave_out_footer(
    frame: pd.DataFrame,
    keep: NDArray[np.bool_],
    lines: NDArray[np.int64],
    remarks: list[Message],
) -> None:
    """Take the rows at the end that are sums or notes out of `keep`, and say so."""
    rows = np.flatnonzero(keep)
    if len(rows) < 2 * _FOOTER_ROWS:
        return
    sample = frame.iloc[rows[:: max(1, len(rows) // 300)][:-1]]
    width = frame.shape[1]
    kinds = body_kinds([(0, list(cells)) for cells in sample.itertuples(index=False)], width)
    last = len(rows)
    while last > len(rows) - _FOOTER_ROWS and _is_footer(
        [str(cell) for cell in frame.iloc[rows[last - 1]]], kinds
    ):
        last -= 1
    if len(rows) - _FOOTER_ROWS < last < len(rows):
        cells = excerpt("; ".join(cell for cell in frame.iloc[rows[last]] if cell))
        values = {"count": len(rows) - last, "line": int(lines[rows[last]]), "cells": cells}
        remarks.append(Message(FOOTER, values))
        keep[rows[last:]] = False


def _is_footer(cells: Sequence[str], kinds: Sequence[Kind]) -> bool:
    """Whether a row begins with words where the others have numbers or times, and holds no more.

    A sum names itself.
    """
    place = next((i for i, cell in enumerate(cells) if cell), None)
    if place is None:
        return True
    if kind_of(cells[place]) != "text" or kinds[place] == "text":
        return False
    written = sum(cell != "" for cell in cells)
    return (
        _FOOTER_WORD.fullmatch(cells[place]) is not None
        or COMMENT.match(cells[place]) is not None
        or (len(cells) > 2 and written == 1)
    )
