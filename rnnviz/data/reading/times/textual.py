"""Texts of a whole column as times: in which order do year, month and day stand?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rnnviz.data.reading.times.forms import Form, form_from, forms_of, pattern_expression
from rnnviz.data.reading.times.grammar import DATES
from rnnviz.data.reading.times.mixed import mixed_moments
from rnnviz.data.reading.times.moments import Moments, read_moments
from rnnviz.data.reading.times.regularity import is_monotone, regularity
from rnnviz.data.reading.times.shapes import Shapes

MIXED = "mixed"
TEXT_CODES = (*DATES, "clock", "duration", MIXED)
"""The codes of `time_format` for texts whose marks, clocks and zones may differ from row to row."""
_DAYS_AND_MONTHS = ("day-month-year", "month-day-year", "year-month-day", "year-day-month")
_MOST_SHAPES = 1_500
"""Times have fewer shapes; what lies beyond, the rarest, is not matched."""
_CLEAR = 10
"""Rows from which one order that runs in time decides against another that jumps."""


@dataclass(frozen=True, eq=False)
class Option:
    """One way to read a column.

    order     one of TEXT_CODES, or "" for a pattern
    fitting   how many rows it reads
    has_clock whether a time of day stands in any row
    rejected  the order that would read each row as well, but not in the order of time
    """

    order: str
    moments: Moments
    fitting: int
    has_clock: bool
    rejected: str = ""

    @property
    def time_format(self) -> str:
        """The argument of `read_series` that reads so."""
        form = self.moments.pattern or self.order
        return in_century(form, self.moments.since) if self.moments.is_odd else form


def in_century(form: str, first: int | None) -> str:
    """A form whose years of two digits are those of the hundred from `first` on."""
    return f"{form} from {first}"


def split_century(time_format: str) -> tuple[str, int | None]:
    """A form without the " from 1900" at its end, and that year."""
    match = re.fullmatch(r"(.*) from ([12][0-9]{3})", time_format, re.DOTALL)
    return (match[1], int(match[2])) if match else (time_format, None)


def options_of(shapes: Shapes, order: str | None = None) -> list[Option]:
    """The orders that read most rows of a column, the likeliest first; only `order` if not None.

    Where dates with the day first seem to stand beside others with the month first, there are at
    least two, one of them MIXED.
    """
    order, since = split_century(order) if order else (None, None)
    forms = [forms_of(shape) for shape in shapes.shapes[:_MOST_SHAPES]]
    forms += [{}] * (len(shapes.shapes) - len(forms))
    orders = [name for name in TEXT_CODES if any(name in options for options in forms)]
    options = []
    for name in [order] if order and order != MIXED else orders:
        chosen = [_in_order(name, choices) for choices in forms]
        option = _option(name, shapes, chosen, since)
        if option is not None:
            options.append(option)
    every = options
    best = max((option.fitting for option in options), default=0)
    options = [option for option in options if option.fitting == best]
    for unusual in ("year-day-month", "duration"):
        if len(options) > 1:
            options = [option for option in options if option.order != unusual]
    options = _ranked(options, shapes)
    if not options or (order and order != MIXED):
        return options
    return _with_mixed(options, every, shapes, forms, order == MIXED)


def _with_mixed(
    options: list[Option],
    every: Sequence[Option],
    shapes: Shapes,
    forms: Sequence[Mapping[str, Form]],
    only: bool,
) -> list[Option]:
    """`options`, and where dates seem to have several orders that reading, too; or it `only`."""
    rivals = [one for one in every if one.order in _DAYS_AND_MONTHS and one is not options[0]]
    if options[0].order not in _DAYS_AND_MONTHS:
        return options
    moments = mixed_moments(
        options[0].moments, [one.moments for one in rivals], shapes, forms, only
    )
    if moments is None:
        return options
    mixed = Option(MIXED, moments, int(moments.valid.sum()), options[0].has_clock)
    if only:
        return [mixed]
    others = [one for one in rivals if 2 * one.fitting >= shapes.nonempty]
    return (
        [mixed, options[0], *others]
        if _is_better(mixed, options[0])
        else [options[0], *others, mixed]
    )


def _is_better(mixed: Option, best: Option) -> bool:
    """Whether times are in order or regular only if their dates have several orders."""
    if is_monotone(mixed.moments.sort_key):
        if mixed.fitting > best.fitting:
            return True
        if is_monotone(best.moments.sort_key) or mixed.fitting < _CLEAR:
            return False
        return regularity(mixed.moments.sort_key) >= regularity(best.moments.sort_key)
    return regularity(mixed.moments.sort_key) > regularity(best.moments.sort_key)


def pattern_option(shapes: Shapes, pattern: str) -> Option | None:
    """The texts that match a pattern of `strptime`, and no others; None where none does."""
    pattern, since = split_century(pattern)
    expression = pattern_expression(pattern)
    matches = [expression.fullmatch(shape) for shape in shapes.shapes]
    forms = [form_from("", match) if match else None for match in matches]
    option = _option("", shapes, forms, since)
    if option is not None:
        option.moments.pattern = pattern
    return option


def _option(
    order: str, shapes: Shapes, forms: Sequence[Form | None], since: int | None = None
) -> Option | None:
    moments = read_moments(shapes, forms, since)
    fitting = int(moments.valid.sum())
    has_clock = any(form is not None and "H" in form.directives for form in forms)
    return Option(order, moments, fitting, has_clock) if fitting else None


def _in_order(order: str, options: Mapping[str, Form]) -> Form | None:
    """The form of a shape in `order`; where it has none, the form that needs no order."""
    if order in options or order.count("-") < 2:
        return options.get(order)
    certain = (
        form for form in options.values() if "b" in form.words or form.order == "year-month-day"
    )
    return next(certain, None)


def _ranked(options: list[Option], shapes: Shapes) -> list[Option]:
    dated = [option for option in options if option.moments.dated]
    if dated and all(shape.isdigit() for shape in shapes.shapes):
        options = dated
    if len(options) < 2:
        return options
    keys = {option.order: option.moments.sort_key for option in options}
    if len({key.tobytes() for key in keys.values()}) == 1:
        return options[:1]
    monotone = [option for option in dated if is_monotone(keys[option.order])]
    if len(monotone) == 1 and len(keys[monotone[0].order]) >= _CLEAR:
        rejected = next(option.order for option in options if option is not monotone[0])
        best = monotone[0]
        return [Option(best.order, best.moments, best.fitting, best.has_clock, rejected)]
    by_slash = "/" in shapes.shapes[0]
    habits = ["month-day-year", "day-month-year"] if by_slash else ["day-month-year"]

    def rank(option: Option) -> tuple[bool, bool, float, int]:
        days = keys[option.order]
        habit = habits.index(option.order) if option.order in habits else len(habits)
        regular = -round(float(regularity(days)), 2)
        return not option.moments.dated, not is_monotone(days), regular, habit

    return sorted(options, key=rank)


def differing_row(options: Sequence[Option]) -> int:
    """A row that the first two options read differently, or else the first that holds a time."""
    first, second = options[0].moments, options[-1].moments
    differ = np.flatnonzero(first.valid & second.valid & (first.day != second.day))
    return int(differ[0]) if len(differ) else int(np.flatnonzero(first.valid)[0])
