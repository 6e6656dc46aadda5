"""Tables on their side: a column for each time, a row for each country."""

import re
from collections.abc import Sequence

import numpy as np

from rnnviz.data.reading.form.separators import Row
from rnnviz.data.reading.times.moments import DAY
from rnnviz.data.reading.times.shapes import shapes_of
from rnnviz.data.reading.times.textual import options_of
from rnnviz.messages import N_, Problem, excerpt

TIMES_ACROSS = N_(
    "Line {line} has a time in each of {count} columns ({examples}): the times run from left to "
    "right. Allowed are tables with one row for each time; exchange rows and columns."
)

_FEWEST = 6
_HEAD = 30
_YEAR = re.compile(r"(?:X|YR)?(1[5-9]\d\d|2[01]\d\d)(?: ?\[.*\])?")


def refuse_times_across(rows: Sequence[Row]) -> None:
    """Refuse a table of which a line at the beginning names times instead of quantities.

    Raises:
        Problem: there is such a line.
    """
    import pandas as pd

    for line, cells in rows[:_HEAD]:
        named = [cell for cell in cells if cell]
        if len(named) < _FEWEST:
            continue
        years = [_YEAR.fullmatch(cell) for cell in named]
        if years[-1]:
            valid = np.array([match is not None for match in years])
            values = np.array([int(match[1]) if match else 0 for match in years], float)
        elif re.fullmatch(r"[-+]?[\d.,\s]*", named[-1]):
            continue  # rather numbers
        else:
            options = options_of(shapes_of(pd.Series(named, dtype=str)))
            if not options or not options[0].moments.dated:
                continue
            moments = options[0].moments
            valid = moments.valid
            values = moments.day + moments.nano / DAY
        start = int(np.max(np.flatnonzero(~valid), initial=-1)) + 1
        times, values = named[start:], values[start:]
        if len(times) < _FEWEST:
            continue
        steps = np.diff(values)
        if (steps > 0).all() or (steps < 0).all():
            examples = excerpt(", ".join((*times[:2], "…", times[-1])))
            raise Problem(TIMES_ACROSS, line=line, count=len(times), examples=examples)
