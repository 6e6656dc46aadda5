"""Several columns that make up one time: a date and a clock; year, month, day and hour."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.data.reading.times.candidates import Candidate, Cells, single_candidate
from rnnviz.data.reading.times.moments import MINUTE
from rnnviz.data.reading.times.names import Part, clock_score, part_of
from rnnviz.data.reading.times.shapes import Shapes, shapes_of
from rnnviz.data.reading.times.textual import options_of, pattern_option
from rnnviz.data.reading.times.words import AFTERNOON, ZONES

if TYPE_CHECKING:
    import pandas as pd

    from rnnviz.data.reading.times.candidates import ParseNumber

_WAYS: tuple[tuple[tuple[Part, ...], str], ...] = (
    (("year", "month", "day", "hour", "minute", "second"), "%Y %m %d %H %M %S"),
    (("year", "month", "day", "hour", "minute"), "%Y %m %d %H %M"),
    (("year", "month", "day", "hour"), "%Y %m %d %H"),
    (("year", "month", "day"), "%Y %m %d"),
    (("year", "yearday", "hour", "minute"), "%Y %j %H %M"),
    (("year", "yearday", "hour"), "%Y %j %H"),
    (("year", "yearday"), "%Y %j"),
    (("year", "month"), "%Y %m"),
    (("year", "quarter"), "%Y %q"),
    (("year", "week"), "%G %V"),
)
_FITTING = 0.9
"""The share of filled rows that must be times: joined columns need better reasons than one."""


def single_candidates(cells: Cells, parse_number: "ParseNumber") -> list[Candidate]:
    """The columns that may be times, or clocks beside a date, in the order of the file."""
    candidates = (
        single_candidate(
            name, column, position, parse_number, is_first=position == 0 < len(cells) - 1
        )
        for position, (name, column) in enumerate(cells.items())
    )
    return [candidate for candidate in candidates if candidate is not None]


def candidates_of(cells: Cells, alone: Sequence[Candidate]) -> list[Candidate]:
    """All columns that may be times, the likeliest first; joined ones stand for their parts."""
    joined = [*_of_parts(cells), *_of_pairs(cells, alone)]
    joined = [_with_word(cells, one) or one for one in joined] or [
        longer
        for one in alone
        if one.options and one.options[0].has_clock and (longer := _with_word(cells, one))
    ]
    parts = {name for candidate in joined for name in candidate.names}
    alone = [one for one in alone if not one.is_part and not parts & set(one.names)]
    candidates = sorted([*joined, *alone], key=lambda candidate: -candidate.score)
    if not any(one.is_sure for one in candidates):
        nameless = _of_nameless_parts(cells)
        parts = {name for candidate in nameless for name in candidate.names}
        candidates = [*nameless, *(one for one in candidates if not parts & set(one.names))]
    return candidates


def join(cells: Cells, names: Sequence[str]) -> "pd.Series[str]":
    """The texts of several columns, joined by a blank; "" where one of them is empty.

    Whole numbers lose a ".0", and clocks without their leading zeros, 30 and 1500, get them back.
    """
    import pandas as pd

    if len(names) == 1:
        return cells[names[0]]
    columns = [_plain(cells[name].tolist()) for name in names]
    columns[1:] = [
        _padded(column) if part_of(name) is None else column
        for name, column in zip(names[1:], columns[1:], strict=True)
    ]
    texts = [" ".join(parts) if all(parts) else "" for parts in zip(*columns, strict=True)]
    return pd.Series(texts, dtype=object)


def _plain(texts: list[str]) -> list[str]:
    if not any("." in text or "," in text for text in texts):
        return texts
    return [re.sub(r"^([0-9]+)[.,]0+$", r"\1", text) for text in texts]


def _padded(texts: list[str]) -> list[str]:
    """Clocks such as 0, 30, 1500 or 0, 3000, 150000 with all of their digits."""
    distinct = {text for text in texts if text}
    if not distinct or not all(text.isascii() and text.isdigit() for text in distinct):
        return texts
    width = 4 if max(map(len, distinct)) <= 4 else 6
    if len({len(text) for text in distinct}) == 1 or max(map(len, distinct)) not in (3, 4, 5, 6):
        return texts
    clocks = [text.zfill(width) for text in distinct]
    if all(int(clock[:2]) <= 24 and int(clock[2:4]) <= 59 for clock in clocks):
        return [text.zfill(width) if text else "" for text in texts]
    return texts


def _of_parts(cells: Cells) -> list[Candidate]:
    columns: dict[Part, str] = {}
    for name in cells:
        part = part_of(name)
        if name == "mm" and "MM" in cells:
            part = "minute"
        if part is not None:
            columns.setdefault(part, name)
    if "month" not in columns and "year" in columns:
        # As the Bureau of Labor Statistics writes them; M13 is the mean of the year.
        months = (
            name
            for name, column in cells.items()
            if column.iloc[:1000].str.fullmatch("M(?:0[1-9]|1[0-3])").all()
        )
        if monthly := next(months, None):
            columns["month"] = monthly
    for parts, pattern in _WAYS:
        if not set(parts) <= set(columns):
            continue
        names = tuple(columns[part] for part in parts)
        shapes = shapes_of(join(cells, names))
        option = pattern_option(shapes, _spelling(pattern, shapes))
        if option is not None and option.fitting >= _FITTING * shapes.nonempty:
            key = option.moments.sort_key
            if np.ptp(key) > 0:
                score = 4.5 + len(np.unique(key)) / len(key)
                return [Candidate(names, score, True, shapes.texts, (option,))]
    return []


def _spelling(pattern: str, shapes: Shapes) -> str:
    """The pattern with what stands around the numbers: "Q%q", "%m월", month names, short years."""
    texts = shapes.shapes[0].split() if shapes.shapes else []
    directives = pattern.split()
    if len(texts) != len(directives):
        return pattern
    parts = []
    for text, directive in zip(texts, directives, strict=True):
        around = re.fullmatch(r"([^0%]*)(0+)([^0%]*)", text)
        if around is None:
            parts.append("%b" if directive == "%m" else directive)
        else:
            short = directive == "%Y" and around[2] == "00"
            parts.append(f"{around[1]}{'%y' if short else directive}{around[3]}")
    return " ".join(parts)


def _of_nameless_parts(cells: Cells) -> list[Candidate]:
    """The first columns as year, month and so on, if they always rise as such; this is a guess."""
    directives = ("%Y", "%m", "%d", "%H", "%M", "%S")
    for count in range(min(len(directives), len(cells)), 1, -1):
        names = tuple(cells)[:count]
        texts = join({name: cells[name].iloc[:200] for name in names}, names)
        if not all(re.fullmatch(r"[12][0-9]{3}( [0-9]{1,2})+", text) for text in texts):
            continue
        shapes = shapes_of(join(cells, names))
        option = pattern_option(shapes, " ".join(directives[:count]))
        if option is None or option.fitting < max(shapes.nonempty, 3):
            continue
        steps = np.diff(option.moments.sort_key)
        if (steps > 0).all() or (steps < 0).all():
            return [Candidate(names, 1.0, False, shapes.texts, (option,))]
    return []


def _of_pairs(cells: Cells, alone: Sequence[Candidate]) -> list[Candidate]:
    """The likeliest date with a clock, an hour, or a half of the day beside it."""
    names = list(cells)
    pairs = []
    for date in alone:
        if not date.is_date_only:
            continue
        repeats = len(np.unique(date.options[0].moments.sort_key)) < date.options[0].fitting
        for name in names:
            if name in date.names or not _may_follow(cells[name], name, alone, repeats):
                continue
            pair = (date.names[0], name)
            shapes = shapes_of(join(cells, pair))
            options = options_of(shapes)
            if options and options[0].fitting >= _FITTING * shapes.nonempty > 0:
                near = 1 / (1 + abs(names.index(name) - names.index(date.names[0])))
                score = date.score + 1.0 + clock_score(name) + near
                pairs.append(Candidate(pair, score, True, shapes.texts, tuple(options)))
    pairs += [triple for pair in pairs if (triple := _with_minutes(cells, pair)) is not None]
    return sorted(pairs, key=lambda pair: -pair.score)[:1]


def _with_minutes(cells: Cells, pair: Candidate) -> Candidate | None:
    """A date and an hour with the minute, and perhaps the second, of other columns."""
    parts = {part_of(name): name for name in cells if name not in pair.names}
    if part_of(pair.names[1]) != "hour" or "minute" not in parts:
        return None
    names = (*pair.names, parts["minute"])
    names += (parts["second"],) if "second" in parts else ()
    shapes = shapes_of(join(cells, names))
    options = options_of(shapes)
    if not options or options[0].fitting < _FITTING * shapes.nonempty:
        return None
    return Candidate(names, pair.score + 1.0, True, shapes.texts, tuple(options))


def _with_word(cells: Cells, candidate: Candidate) -> Candidate | None:
    """A time of 12 hours with the half of the day, or any with the zone, of another column."""
    moments = candidate.options[0].moments
    if not moments.dated:
        return None
    for name in cells:
        if name in candidate.names:
            continue
        words = {text.strip().lower() for text in cells[name].iloc[:1000].tolist()} - {""}
        is_zone = re.search("tz|zone|시간대", name.lower()) and words <= set(ZONES)
        is_half = words <= set(AFTERNOON) and moments.nano.max() < 13 * 60 * MINUTE
        if not words or not (is_zone or is_half):
            continue
        names = (*candidate.names, name)
        shapes = shapes_of(join(cells, names))
        options = options_of(shapes)
        if options and options[0].has_clock and options[0].fitting >= candidate.options[0].fitting:
            score = candidate.score + 1.0
            return Candidate(names, score, True, shapes.texts, tuple(options))
    return None


def _may_follow(
    column: "pd.Series[str]", name: str, alone: Sequence[Candidate], repeats: bool
) -> bool:
    """Whether a column may stand behind a date, of which some rows have the same if `repeats`."""
    named = clock_score(name) > 0 or part_of(name) == "hour"
    if any(one.names == (name,) and one.is_clock_only for one in alone):
        return named or repeats
    if not repeats:
        return False
    words = {text.strip().lower() for text in column.iloc[:100].tolist()} - {""}
    if words and words <= set(AFTERNOON):
        return True
    return named and all(re.fullmatch(r"[0-9]{1,6}(?:[.,]0+)?", text) for text in words)
