"""Ten windows for a visitor's own guesses, out of those on which all methods are measured."""

from dataclasses import dataclass

import numpy as np
import torch

from rnnviz.ideas.forecasting.settings import ROWS_AN_HOUR, WindowSettings
from rnnviz.ideas.forecasting.window import mast_times, series, window_index
from rnnviz.tasks.framework.examples import evenly_spaced

GUESSES = 10
ROOM = 7
"""How many degrees a guess may lie beyond what the window has."""


@dataclass(frozen=True)
class Question:
    """One window to guess.

    Attributes:
        number: of the validation windows on which all methods are measured.
        date: and the hour of its last value.
        line: every hour of the window in °C, the last one now.
        target: the answer in °C.
        now: the last value.
        choices: the whole degrees that can be guessed, the warmest first.
    """

    number: int
    date: str
    line: tuple[float, ...]
    target: float
    choices: tuple[int, ...]

    @property
    def now(self) -> float:
        """What persistence answers."""
        return self.line[-1]


def questions(settings: WindowSettings, round_number: int) -> tuple[Question, ...]:
    """The ten windows of a round, the same for all visitors."""
    ends = window_index(settings).ends["validation"]
    ends = ends[torch.tensor(evenly_spaced(len(ends)))]
    generator = torch.Generator().manual_seed(round_number)
    numbers = torch.randperm(len(ends), generator=generator)[:GUESSES].tolist()
    return tuple(_question(settings, number, int(ends[number])) for number in numbers)


def _question(settings: WindowSettings, number: int, end: int) -> Question:
    values = series()[1]
    line = values[end - settings.lookback + ROWS_AN_HOUR : end + 1 : ROWS_AN_HOUR]
    day = line[-24:]
    choices = range(int(np.floor(day.min())) - ROOM, int(np.ceil(day.max())) + ROOM + 1)
    return Question(
        number,
        str(np.datetime_as_string(mast_times()[end], unit="h")).replace("T", " ") + ":00",
        tuple(line.tolist()),
        float(values[end + settings.delay]),
        tuple(reversed(choices)),
    )
