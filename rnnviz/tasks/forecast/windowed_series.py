"""What a forecast reads of a series and asks of it. N rows, T rows in a window, I numbers each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from torch import Tensor

from rnnviz.data.bounded_cache import BoundedCache
from rnnviz.messages import N_, Message, Problem
from rnnviz.settings import NOT_A_CHOICE
from rnnviz.tasks.forecast.answer_text import format_with_unit
from rnnviz.tasks.forecast.window_index import SPLITS, Window, WindowIndex, parts
from rnnviz.tasks.forecast.window_problems import missing_cost, sparse_columns, too_few_windows
from rnnviz.tasks.forecast.windows import Column, Measurements, measurements
from rnnviz.tasks.framework.kinds import Split

UNCHANGING = N_(
    "{column} is always the same in the training, validation or test part; allowed is a column "
    "that changes."
)
SAME_ANSWERS = N_(
    "All {count} answers of the training, validation or test part are the same, {value}; allowed "
    "is a column that changes there, or a window of another length."
)


@dataclass(frozen=True, eq=False)
class WindowedSeries:
    """Some measurements, the column `target` that is forecast, the `columns` that are read for it.

    Columns are indices; `index`: where the windows lie.
    """

    data: Measurements
    target: int
    columns: Sequence[int]
    window: Window
    index: WindowIndex

    @classmethod
    def of(cls, data: Measurements, column: str, reads: str, window: Window) -> "WindowedSeries":
        """Forecast `column`, or without one the series' target or the first column that changes.

        `reads`: "alone" or "all".

        Raises:
            Problem: there is no such column, it has too few windows, or all answers are the same.
        """
        series = data.series
        first = series.find(column or series.target)
        if column and first is None:
            options = ", ".join(series.columns)
            raise Problem(NOT_A_CHOICE, name="column", value=column, options=options)
        first = first or 0
        candidates = [first] if column else [first, *range(len(series.columns))]
        options_by_target = (cls._make(data, target, reads, window) for target in candidates)
        windowed = next(
            (each for each in options_by_target if each._is_varying),
            cls._make(data, first, reads, window),
        )
        if not windowed.index.fits:
            raise too_few_windows(data, windowed.columns, windowed.target, window)
        for split in SPLITS:
            windowed._check_variety(split)
        return windowed

    @classmethod
    def _make(cls, data: Measurements, target: int, reads: str, window: Window) -> "WindowedSeries":
        columns = data.read_together(target) if reads == "all" else [target]
        return cls(data, target, columns, window, data.rows(columns, target).index(window))

    @property
    def _is_varying(self) -> bool:
        """Whether the answers differ within every split; a single one does not count."""
        values = self.data.series.values[:, self.target]
        answers = [self.index.answers(values, split) for split in SPLITS]
        return all(len(each) < 2 or bool(each.min() < each.max()) for each in answers)

    def _check_variety(self, split: Split) -> None:
        """Raise a problem if all answers of `split`, of which there are some, are the same."""
        values = self.data.series.values[:, self.target]
        answers = self.index.answers(values, split)
        if answers.min() < answers.max():
            return
        rows = parts(len(values))[split]
        part = values[rows.start : rows.stop]
        if np.nanmin(part) == np.nanmax(part):
            raise Problem(UNCHANGING, column=self.data.series.columns[self.target])
        value = format_with_unit(float(answers[0]), self.column.unit)
        raise Problem(SAME_ANSWERS, count=len(answers), value=value)

    @cached_property
    def column(self) -> Column:
        """The column that is forecast."""
        return self.data.column(self.target)

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The names of the I numbers that are read at each step."""
        return tuple(self.data.names[number] for number in self._numbers)

    @cached_property
    def inputs(self) -> Tensor:
        """(N,I): the numbers that are read."""
        return self.data.inputs[:, self._numbers].contiguous()

    @cached_property
    def _numbers(self) -> list[int]:
        return self.data.inputs_of(self.columns)

    @property
    def own_inputs(self) -> slice:
        """Which of the I numbers are those of the column that is forecast."""
        first = self._numbers.index(self.data.column_slice(self.target).start)
        return slice(first, first + self.column.width)

    @property
    def nbytes(self) -> int:
        """The memory that it takes, with that of the numbers it reads."""
        numbers = 2 * self.data.series.values.nbytes
        return numbers + self.data.nbytes + sum(ends.nbytes for ends in self.index.ends.values())

    @cached_property
    def remarks(self) -> tuple[Message, ...]:
        """What is not read with all columns, and what missing values cost."""
        sparse = sparse_columns(self.data, self.columns) if len(self.columns) > 1 else None
        cost = missing_cost(self.data, self.columns, self.target, self.window)
        return tuple(remark for remark in (sparse, cost) if remark is not None)


def _make_windowed(
    source: str, file: str, reading: str, column: str, reads: str, window: Window
) -> WindowedSeries:
    return WindowedSeries.of(measurements(source, file, reading), column, reads, window)


# A task is made anew in every run of a page, what it reads is not.
windowed_series = BoundedCache(_make_windowed, lambda windowed: windowed.nbytes, limit=512)
"""What a forecast with these settings reads and asks for, and the Problem of those of no use."""
