"""What each column of a table is taken for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rnnviz.data.reading.result import Role
from rnnviz.data.reading.values.cells import Cells, Numbers
from rnnviz.messages import N_, Message, excerpt

INDEX = N_("{column} is left out: it numbers the rows.")
TEXTS = N_("Left out, because they hold no numbers: {columns}.")
EMPTY = N_("Left out, because they are empty: {columns}.")
UNREAD = N_(
    "{column}: {count} {count:cell is no number and counts|cells are no numbers and count} as "
    "missing, for example "
    "{examples}."
)
BELOW = N_(
    "{column}: {count} {count:cell|cells} such as {examples}, beyond a limit, {count:counts|count} "
    "as missing."
)
UNIT = N_("{column}: the unit {unit} is left out of the cells.")
BOOLEANS = N_("{column}: true is read as 1, false as 0.")
WORDS = N_("{column}: words are read as numbers: {pairs}.")
MARKS = N_(
    "{column}: marks behind some numbers ({marks}), as for provisional values, are left out."
)
SCALED = N_("{column}: K, M and B behind the numbers are read as thousands, millions, billions.")
CONSTANT = N_("{column} always has the same value.")

ROUNDED = N_("{column}: numbers of more than 15 digits are rounded, so that some become equal.")

NUMBER_SHARE = 0.5
"""The share of numbers among the cells of a column, words for missing left out, for numbers."""

_INDEX_NAME = re.compile(
    r"#\d*|unnamed: ?\d+|no\.?|nr\.?|index|idx|id|row|rows?names?|row_?id|row_?num(?:ber)?|record|"
    r"번호|순번|연번|일련번호|lfd\.? ?nr\.?|rn|obs|instant",
    re.IGNORECASE,
)
_LARGEST_INDEX = 1_000_000
_BELOW = re.compile(r"\s*(?:[<>≤≥]=?|&lt;|trace$|tr$|bdl|<?lod|n\.?n\.?$).*", re.IGNORECASE)


def is_index(cells: Cells, numbers: Numbers, first: bool, named: bool) -> bool:
    """Whether a column only numbers the rows: its name says so, or it has none and is the first.

    Its numbers are whole, and grow or fall; if nothing is `named`, or not the first, by 1.
    """
    if not _INDEX_NAME.fullmatch(cells.name) or (cells.name.startswith("#") and not first):
        return False
    rows = numbers.rows
    if len(rows) < 3 or not np.isfinite(rows).all() or (rows % 1 != 0).any():
        return False
    low, high = rows.min(), rows.max()
    if low > 1 and (high > _LARGEST_INDEX or (low > 1_500 and high < 2_200)):
        return False  # rather a date such as 20210131, seconds since 1970, or years
    steps = np.diff(rows)
    if first and named:
        return bool((steps > 0).all() or (steps < 0).all())
    return bool((np.abs(steps) == 1).mean() > 0.9 if first else (steps == 1).all())


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a file by their roles."""

    roles: Mapping[str, Role]
    numbers: Mapping[str, Numbers]
    remarks: tuple[Message, ...]


def assign_roles(
    cells: Sequence[Cells],
    numbers: Mapping[str, Numbers],
    times: Sequence[str],
    index: Sequence[str],
) -> Columns:
    """The role of every column; those of `times` and `index` are known."""
    roles: dict[str, Role] = {}
    for column in cells:
        if column.name in times:
            roles[column.name] = "time"
        elif column.name in index:
            roles[column.name] = "index"
        elif column.missing.all():
            roles[column.name] = "empty"
        else:
            is_number = numbers[column.name].share > NUMBER_SHARE
            roles[column.name] = "number" if is_number else "text"
    chosen = {name: numbers[name] for name, role in roles.items() if role == "number"}
    remarks: list[Message] = [Message(INDEX, {"column": name}) for name in index]
    for role, template in (("text", TEXTS), ("empty", EMPTY)):
        names = [name for name, own in roles.items() if own == role]
        if names:
            remarks.append(Message(template, {"columns": ", ".join(names)}))
    for part in chosen.values():
        remarks.extend(_remarks(part))
    return Columns(roles, chosen, tuple(remarks))


def _remarks(numbers: Numbers) -> list[Message]:
    """What of the cells of a column of numbers was read otherwise than it stands there."""
    cells, name = numbers.cells, numbers.cells.name
    remarks = []
    unread = list(np.flatnonzero(numbers.unread))
    below = [place for place in unread if _BELOW.fullmatch(cells.texts[place])]
    others = sorted(set(unread) - set(below))
    for places, template in ((below, BELOW), (others, UNREAD)):
        if places:
            count = int(cells.counts[places].sum())
            examples = ", ".join(excerpt(cells.texts[place]) for place in places[:3])
            remarks.append(
                Message(template, {"column": name, "count": count, "examples": examples})
            )
    if numbers.unit:
        remarks.append(Message(UNIT, {"column": name, "unit": numbers.unit}))
    if numbers.marks:
        remarks.append(Message(MARKS, {"column": name, "marks": ", ".join(numbers.marks)}))
    if numbers.booleans:
        remarks.append(_boolean_remark(numbers))
    if numbers.scaled:
        remarks.append(Message(SCALED, {"column": name}))
    if _rounded(numbers):
        remarks.append(Message(ROUNDED, {"column": name}))
    present = numbers.values[np.isfinite(numbers.values)]
    if len(present) and present.min() == present.max():
        remarks.append(Message(CONSTANT, {"column": name}))
    return remarks


def _boolean_remark(numbers: Numbers) -> Message:
    """Which words were read as 1 and as 0."""
    texts, name = numbers.cells.texts, numbers.cells.name
    words = {
        f"{value:g}": text.lower()
        for text, value in zip(texts, numbers.values, strict=True)
        if np.isfinite(value)
    }
    if set(words.values()) <= {"true", "false"}:
        return Message(BOOLEANS, {"column": name})
    pairs = ", ".join(f"{text} = {value}" for value, text in sorted(words.items()))
    return Message(WORDS, {"column": name, "pairs": pairs})


def _rounded(numbers: Numbers) -> bool:
    """Whether large whole numbers that are written differently became equal."""
    is_large = np.abs(numbers.values) >= 2.0**53
    if not is_large.any():
        return False
    texts = {numbers.cells.texts[place].lstrip("+0") for place in np.flatnonzero(is_large)}
    return len({text for text in texts if text.isdigit()}) > len(
        np.unique(numbers.values[is_large])
    )
