"""Which columns are directions of a compass, where 359 degrees are next to 1."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.result import Choice, Question
from rnnviz.messages import N_, Message

IS_DIRECTION = N_("{column} is read as a direction: 359 degrees are next to 1.")
MAY_BE_DIRECTION = N_("Is {column} a direction, in which 359 degrees are next to 1?")
AS_DIRECTION = N_("It is a direction.")
AS_NUMBER = N_("It is a plain number.")

_NAME = re.compile(
    r".*(?:direction|wind.?dir|(?:^|[^a-z])(?:w?dir|wd|dd|heading|bearing|azimuth|course|yaw|cog)"
    r"(?:[^a-z]|$)|wdir|windrichtung|richtung|kurs|풍향|방위|방향|風向).*",
    re.IGNORECASE,
)
_UNIT = re.compile(r".*(?:°(?!\s*[CFK])|\bdeg\b|degrees?\b|\bdegt\b).*", re.IGNORECASE)
_SMOOTHER = 0.7
"""How much smaller the mean step is when 359 is next to 1, where a column goes round."""

_FEWEST_JUMPS = 2


def recognise_directions(
    columns: Mapping[str, NDArray[np.float64]], names: Sequence[str] | None
) -> tuple[tuple[str, ...], list[Message], list[Question]]:
    """The columns that go round, in the order of the file, with remarks and questions.

    A direction fills 0 to 360 and jumps between the ends. A name or unit that says so is believed
    then; without one, and where there are no jumps, it is asked.
    """
    if names is not None:
        return tuple(name for name in columns if name in names), [], []
    sure = [name for name, values in columns.items() if _likeness(name, values) == "sure"]
    open_ = [name for name, values in columns.items() if _likeness(name, values) == "open"]
    remarks = [Message(IS_DIRECTION, {"column": name}) for name in sure]
    questions = []
    for name in open_:
        more = [column for column in columns if column in sure or column == name]
        choices = (
            Choice(Message(AS_NUMBER), {"directions": sure}),
            Choice(Message(AS_DIRECTION), {"directions": more}),
        )
        questions.append(Question(Message(MAY_BE_DIRECTION, {"column": name}), choices))
    return tuple(sure), remarks, questions


def _likeness(name: str, values: NDArray[np.float64]) -> str:
    """ "sure", "open" or "" for a column that is no direction."""
    values = values[np.isfinite(values)]
    if len(values) < 10 or values.min() < 0 or values.max() > 360:
        return ""
    named, unit = _NAME.fullmatch(name) is not None, _UNIT.fullmatch(name) is not None
    span = values.max() - values.min()
    if span <= 180 or len(np.unique(values)) < 4:
        return ""
    steps = np.abs(np.diff(values))
    around = np.minimum(steps, 360 - steps)
    jumps = int((steps > 180).sum())
    ends = values.min() < 45 and values.max() > 315
    smoother = around.mean() < _SMOOTHER * steps.mean() if len(steps) else False
    if named and (jumps or ends):
        return "sure"
    if unit and ends and jumps >= _FEWEST_JUMPS and smoother:
        return "sure"
    if named or (ends and jumps >= _FEWEST_JUMPS and smoother):
        return "open"
    return ""
