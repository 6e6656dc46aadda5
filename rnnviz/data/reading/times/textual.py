"""Texts of a whole column as times: in which order do year, month and day stand?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rnnviz.data.reading.times.forms import Form, form_from, forms_of, pattern_expression
from rnnviz.data.reading.times.grammar import DATES
from rnnviz.data.reading.times.moments import Moments, read_moments
from rnnviz.data.reading.times.regularity import is_monotone, regularity
from rnnviz.data.reading.times.shapes import Shapes

TEXT_CODES = (*DATES, "clock", "duration")
"""The codes of `time_format` for texts whose marks, clocks and zones may differ from row to row."""
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
        return self.moments.pattern or self.order


def options_of(shapes: Shapes, order: str | None = None) -> list[Option]:
    """The orders that read most rows of a column, the likeliest first; only `order` if not None."""
    forms = [forms_of(shape) for shape in shapes.shapes[:_MOST_SHAPES]]
    forms += [{}] * (len(shapes.shapes) - len(forms))
    orders = [name for name in TEXT_CODES if any(name in options for options in forms)]
    options = []
    for name in orders if order is None else [order]:
        option = _option(name, shapes, [_in_order(name, choices) for choices in forms])
        if option is not None:
            options.append(option)
    best = max((option.fitting for option in options), default=0)
    options = [option for option in options if option.fitting == best]
    for unusual in ("year-day-month", "duration"):
        if len(options) > 1:
            options = [option for option in options if option.order != unusual]
    return _ranked(options, shapes)


def pattern_option(shapes: Shapes, pattern: str) -> Option | None:
    """The texts that match a pattern of `strptime`, and no others; None where none does."""
    expression = pattern_expression(pattern)
    matches = [expression.fullmatch(shape) for shape in shapes.shapes]
    option = _option("", shapes, [form_from("", match) if match else None for match in matches])
    if option is not None:
        option.moments.pattern = pattern
    return option


def _option(order: str, shapes: Shapes, forms: Sequence[Form | None]) -> Option | None:
    moments = read_moments(shapes, forms)
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
