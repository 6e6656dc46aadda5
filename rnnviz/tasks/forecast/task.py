"""What will be measured tomorrow, given the days before?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, ClassVar, Literal

import torch
from torch import Tensor

from rnnviz.data import DataSet
from rnnviz.data.catalogue import MAST
from rnnviz.messages import N_, Problem
from rnnviz.settings import NOT_A_CHOICE, Choice, Range
from rnnviz.tasks.forecast.answer_text import curves, format_number, format_with_unit, latest_values
from rnnviz.tasks.forecast.naive_forecasts import naive_forecasts
from rnnviz.tasks.forecast.window_index import WindowIndex
from rnnviz.tasks.forecast.windows import Column, Measurements, measurements
from rnnviz.tasks.framework.batches import Answer, Baseline, Batch, Example, last_step_mask
from rnnviz.tasks.framework.kinds import HELD_OUT, Kind, Split
from rnnviz.tasks.framework.task import Task

FORECAST = N_("{cells} forecast it with a small error.")
FORECAST_PARTLY = N_("{cells} forecast it better than the mean of the training part does.")
NOT_FORECAST = N_("{cells} forecast it not much better than the mean of the training part does.")

NO_FILE = N_("The data are set to your own file, but none was uploaded; upload one.")
NO_WINDOW = N_(
    "No window fits: to look back {lookback} and ahead {delay} takes {needed} rows without a gap, "
    "but the training, validation or test part has at most {longest} such {longest:row|rows}. "
    "Look back or ahead less far."
)
UNCHANGING = N_(
    "{column} is always the same in the training, validation or test part; allowed is a column "
    "that changes."
)

USUAL = ("temperature", "T", "T (degC)")
"""What is forecast unless another column is asked for: the mast's and Jena's temperature."""


@dataclass(frozen=True)
class Forecast(Task):
    """Read a window of measurements and forecast one of them some time ahead.

    The weather at a met mast from January 2016 to November 2017, with a gap of 20 days: ten days
    are read hour by hour to forecast the temperature 24 hours later. Or upload a file of your own;
    every column can be forecast, from its own past or from that of all columns. As in the Keras
    chapter on the weather at Jena, the first half of the time is for training, the next quarter for
    validation and the last for testing; no window spans a gap or the border of two parts. Numbers
    are scaled by the mean and standard deviation of the training part and clipped at five
    deviations; a direction is read as its sine and cosine.

    What is measured is the mean absolute error in the column's own unit. The baseline is
    persistence: tomorrow is like now.
    """

    name: ClassVar[str] = "weather"
    title: ClassVar[str] = N_("Weather forecast")
    kind: ClassVar[Kind] = "forecast"
    recipe: ClassVar[Mapping[str, float | str]] = {
        "hidden": 16,
        "lr": 0.003,
        "batch": 64,
        "steps": 300,
    }
    metric_name: ClassVar[str] = N_("mean absolute error")
    best_metric: ClassVar[float] = 0.0
    verdicts: ClassVar[tuple[str, str, str]] = (FORECAST, FORECAST_PARTLY, NOT_FORECAST)
    family: ClassVar[str] = N_("Forecast")
    accepts: ClassVar[Literal["", "text", "series"]] = "series"

    source: Annotated[
        str,
        Choice(
            {"mast": MAST.title, "own": N_("your own file")},
            label=N_("Data"),
            help=N_("A file of your own is a table (CSV) with a row for each time."),
        ),
    ] = "mast"
    file: str = ""
    column: str = ""
    reads: Annotated[
        str,
        Choice(
            {"alone": N_("only the one that is forecast"), "all": N_("all of them")},
            label=N_("Columns that are read"),
            help=N_(
                "All columns hold more that could help, and more that a network learns by heart "
                "from a single year of training."
            ),
        ),
    ] = "alone"
    lookback: Annotated[
        int,
        Range(
            1,
            2880,
            label=N_("Look back"),
            unit=N_("{count} {count:row|rows}"),
            help=N_("How far back a window reaches; at the mast, 144 rows are a day."),
            logarithmic=True,
        ),
    ] = 1440
    step: Annotated[
        int,
        Range(
            1,
            144,
            label=N_("Every how many rows"),
            unit=N_("{count} {count:row|rows}"),
            help=N_("One row out of so many is read; at the mast, 6 rows are an hour."),
            logarithmic=True,
        ),
    ] = 6
    delay: Annotated[
        int,
        Range(
            1,
            1008,
            label=N_("Look ahead"),
            unit=N_("{count} {count:row|rows}"),
            help=N_("How far after the last row that is read the answer lies."),
            logarithmic=True,
        ),
    ] = 144

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.source == "own" and not self.file:
            raise Problem(NO_FILE)
        if self.column and self.column not in self.columns:
            options = ", ".join(self.columns)
            raise Problem(NOT_A_CHOICE, name="column", value=self.column, options=options)
        if not self._windows.fits:
            longest = min(max(map(len, runs), default=0) for runs in self._data.runs.values())
            raise Problem(
                NO_WINDOW,
                lookback=self.lookback,
                delay=self.delay,
                needed=self._windows.span + self.delay + 1,
                longest=longest,
            )
        if not self._changes(self.target):
            raise Problem(UNCHANGING, column=self.target)

    # What goes in and what comes out ------------------------------------------------------------

    @property
    def metric_unit(self) -> str:  # type: ignore[override]
        """The unit of the column that is forecast; "" where unknown."""
        return self._column.unit

    @property
    def files(self) -> tuple[str, ...]:
        return (self.file,) if self.source == "own" else ()

    @property
    def data(self) -> tuple[DataSet, ...]:
        return (MAST,) if self.source == "mast" else ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that can be forecast; the mast's are messages to translate."""
        return self._data.series.columns

    @cached_property
    def target(self) -> str:
        """The column that is forecast: the one asked for, or the first that changes."""
        usual = [column for column in USUAL if column in self.columns]
        candidates = [self.column] if self.column else [*usual, *self.columns]
        return next(filter(self._changes, candidates), candidates[0])

    def _changes(self, column: str) -> bool:
        values = self._data.series.values[:, self.columns.index(column)]
        return self._windows.is_varying(values)

    @property
    def features(self) -> tuple[str, ...]:
        return self._data.names[self._input_slice]

    @property
    def values(self) -> tuple[str, ...]:
        return (self.target,)

    @property
    def steps(self) -> int:
        return -(-self.lookback // self.step)

    @cached_property
    def _data(self) -> Measurements:
        return measurements(self.source, self.file if self.source == "own" else "")

    @cached_property
    def _column(self) -> Column:
        return self._data.column(self.columns.index(self.target))

    @property
    def _input_slice(self) -> slice:
        return slice(None) if self.reads == "all" else self._column.input_slice

    @cached_property
    def _inputs(self) -> Tensor:
        return self._data.inputs[:, self._input_slice].contiguous()

    @cached_property
    def _windows(self) -> WindowIndex:
        return WindowIndex.of(self._data, self.steps, self.step, self.delay)

    # The examples -------------------------------------------------------------------------------

    def size(self, split: Split = "train") -> int:
        return len(self._windows.ends[split])

    def select(self, indices: Sequence[int], split: Split = "train") -> Batch:
        ends = self._windows.ends[split][torch.tensor(indices)]
        inputs = self._windows.windows(self._inputs, ends)
        lengths = torch.full((len(ends),), self.steps)
        targets = self._column.scaled[ends + self.delay][:, None]
        return Batch(inputs, lengths, targets, last_step_mask(lengths, self.steps))

    def example(self) -> Example:
        batch = self.questions().row(0)
        read = self._history(batch)[0]
        return Example(tuple(format_number(value) for value in read), batch)

    # How an answer is judged --------------------------------------------------------------------

    def loss(self, output: Tensor, batch: Batch) -> Tensor:
        return self._column.absolute_error(output, batch.targets).mean()

    def metric(self, output: Tensor, batch: Batch) -> float:
        return self.loss(output, batch).item() * self._column.deviation

    @property
    def chance(self) -> float:
        return self.chance_for("validation")

    @property
    def chance_loss(self) -> float:
        return self.chance_loss_for("validation")

    def chance_for(self, split: Split) -> float:
        return self.chance_loss_for(split) * self._column.deviation

    def chance_loss_for(self, split: Split) -> float:
        """Of who always answers the mean of the training part."""
        return self._chance_losses[split]

    @cached_property
    def _chance_losses(self) -> dict[Split, float]:
        zero, column = torch.zeros(()), self._column
        return {
            split: column.absolute_error(zero, column.scaled[self._ends(split) + self.delay])
            .mean()
            .item()
            for split in HELD_OUT
        }

    def _ends(self, split: Split) -> Tensor:
        """The last row that is read of each evaluation example of `split`."""
        return self._windows.ends[split][self.evaluation_indices(split)]

    def baselines(self, split: Split = "validation") -> tuple[Baseline, ...]:
        column, ends = self._column, self._ends(split)
        targets = column.scaled[ends + self.delay]
        losses = {
            title: column.absolute_error(forecast, targets)
            for title, forecast in naive_forecasts(
                self._data.series, column, ends, self._windows.span
            ).items()
        }
        return tuple(
            Baseline(
                title,
                errors.mean().item() * column.deviation,
                errors.mean().item(),
                tuple((errors * column.deviation).tolist()),
            )
            for title, errors in losses.items()
        )

    def effective_size(self, size: int, split: Split = "validation") -> int:
        """So many of them as lie `delay` rows apart: of the way to overlapping answers much is
        the same, and so are the errors."""
        count, next_end = 0, -self.delay
        for end in self._ends(split).tolist():
            if end >= next_end:
                count, next_end = count + 1, end + self.delay
        return count

    def answers(self, output: Tensor, batch: Batch) -> list[Answer]:
        column = self._column
        values = [column.unscale(each[:, 0]).tolist() for each in (batch.targets, output.cpu())]
        return [
            Answer(
                latest_values(history, column.unit),
                format_with_unit(targets, column.unit),
                format_with_unit(prediction, column.unit),
                curves=curves(history, targets, prediction, self.delay, self.step),
            )
            for history, targets, prediction in zip(self._history(batch), *values, strict=True)
        ]

    def _history(self, batch: Batch) -> list[list[float]]:
        """What was read of the column that is forecast, (B,T) in its own unit."""
        own = batch.inputs[..., self._column.input_slice] if self.reads == "all" else batch.inputs
        return self._column.from_inputs(own).tolist()
