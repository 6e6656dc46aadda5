"""Texts of a whole column as times: in which order do year, month and day stand?"""

from dataclasses import dataclass

from rnnviz.data.reading.times.grammar import DATES, Form, form_from, forms_of, pattern_form
from rnnviz.data.reading.times.moments import Moments, read_moments
from rnnviz.data.reading.times.regularity import is_monotone, regularity
from rnnviz.data.reading.times.shapes import Shapes

MOST_SHAPES = 1_500
"""Times have fewer shapes; what lies beyond, the rarest, is not matched."""
CLEAR = 10
"""Rows from which one order that runs in time decides against another that jumps."""


@dataclass(frozen=True, eq=False)
class Option:
    """One way to read a column.

    order    a code of `grammar.DATES`, or "clock"
    fitting  how many rows it reads
    """

    order: str
    moments: Moments
    fitting: int

    @property
    def time_format(self) -> str:
        """The argument of `read_series` that reads so."""
        return self.moments.pattern or self.order


def options_of(shapes: Shapes, order: str | None = None) -> list[Option]:
    """The orders that read most rows of a column, the likeliest first; only `order` if not None."""
    forms = [forms_of(shape) for shape in shapes.shapes[:MOST_SHAPES]]
    forms += [{}] * (len(shapes.shapes) - len(forms))
    orders = [name for name in (*DATES, "clock") if any(name in options for options in forms)]
    options = []
    for name in orders if order is None else [order]:
        moments = read_moments(shapes, [_in_order(name, options) for options in forms])
        fitting = int(moments.valid.sum())
        if fitting:
            options.append(Option(name, moments, fitting))
    best = max((option.fitting for option in options), default=0)
    options = [option for option in options if option.fitting == best]
    if len(options) > 1:
        options = [option for option in options if option.order != "year-day-month"]
    return _ranked(options, shapes)


def read_pattern(shapes: Shapes, pattern: str) -> Moments:
    """Read the texts that match a pattern of `strptime`, and no others."""
    expression = pattern_form(pattern)
    matches = [expression.fullmatch(shape) for shape in shapes.shapes]
    forms = [form_from("", match) if match else None for match in matches]
    moments = read_moments(shapes, forms)
    moments.pattern = pattern
    return moments


def _in_order(order: str, options: "dict[str, Form] | object") -> Form | None:
    """The form of a shape in `order`; where it has none, the form that needs no order."""
    assert isinstance(options, dict)
    if order in options or order == "clock":
        form: Form | None = options.get(order)
        return form
    certain = (
        form
        for form in options.values()
        if ("b" in form.words or form.order == "year-month-day") and order.count("-") > 1
    )
    return next(certain, None)


def _ranked(options: list[Option], shapes: Shapes) -> list[Option]:
    if len(options) < 2:
        return options
    if len({option.moments.sort_key.tobytes() for option in options}) == 1:
        return options[:1]
    keys = {option.order: option.moments.sort_key for option in options}
    monotone = [option for option in options if is_monotone(keys[option.order])]
    if len(monotone) == 1 and len(keys[monotone[0].order]) >= CLEAR:
        return monotone
    by_slash = "/" in shapes.shapes[0]
    habits = ["month-day-year", "day-month-year"] if by_slash else ["day-month-year"]

    def rank(option: Option) -> tuple[bool, float, int]:
        days = keys[option.order]
        habit = habits.index(option.order) if option.order in habits else len(habits)
        return not is_monotone(days), -round(regularity(days), 2), habit

    return sorted(options, key=rank)
