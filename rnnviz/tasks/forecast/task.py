"""What will be measured tomorrow, given the days before?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, ClassVar, Literal

import torch
from torch import Tensor

from rnnviz.data import DataSet
from rnnviz.data.catalogue import MAST
from rnnviz.messages import N_, Message, Problem
from rnnviz.settings import Choice, Range
from rnnviz.tasks.forecast.answer_text import curves, format_number, format_with_unit, latest_values
from rnnviz.tasks.forecast.naive_forecasts import PERSISTENCE, naive_forecasts
from rnnviz.tasks.forecast.window_index import Window, WindowIndex
from rnnviz.tasks.forecast.windowed_series import WindowedSeries, windowed_series
from rnnviz.tasks.forecast.windows import Column
from rnnviz.tasks.framework.batches import Answer, Baseline, Batch, Example, last_step_mask
from rnnviz.tasks.framework.kinds import HELD_OUT, Kind, Split
from rnnviz.tasks.framework.task import Task

BEATEN = N_("{cells} {count:beats|beat} persistence: {baseline_score}.")
NOT_CLEARLY_BEATEN = N_(
    "{cells} {count:is|are} not clearly better or worse than persistence: {baseline_score}."
)
NOT_BEATEN = N_("{cells} {count:does|do} not beat persistence: {baseline_score}.")

NO_FILE = N_("The data are set to your own file, but none was uploaded; upload one.")


@dataclass(frozen=True)
class Forecast(Task):
    """Read a window of measurements and forecast one of them some time ahead.

    The weather at a met mast from January 2016 to November 2017, with a gap of 20 days: ten days
    are read hour by hour to forecast the temperature 24 hours later. Or upload a file of your own;
    every column can be forecast, from its own past or from that of all columns. As in the Keras
    chapter on the weather at Jena, the first half of the time is for training, the next quarter for
    validation and the last for testing; no window spans a gap in time or the border of two parts,
    and a missing value costs only the windows that would read it or ask for it. Numbers are scaled
    by the mean and standard deviation of the training part; beyond five deviations they are read
    compressed, by a logarithm. A direction is read as its sine and cosine.

    How far a window of your own file looks back and ahead is at first what suits its step and its
    length: of hourly rows ten days and one day, of monthly rows two years and one month, less where
    the file is short.

    What is measured is the mean absolute error in the column's own unit. The baselines are
    persistence (tomorrow is like now), the mean of the last 24 hours, and the last value of the
    same time of day, weekday or time of year, where the window reaches back to it.
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
    reference: ClassVar[str | None] = PERSISTENCE
    reference_verdicts: ClassVar[tuple[str, str, str]] = (BEATEN, NOT_CLEARLY_BEATEN, NOT_BEATEN)
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
    reading: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.source == "own" and not self.file:
            raise Problem(NO_FILE)
        _ = self.windowed  # raises a problem where no windows fit

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
        return self.windowed.data.series.columns

    @property
    def target(self) -> str:
        """The column that is forecast: the one asked for, or the first that changes."""
        return self.columns[self.windowed.target]

    @property
    def features(self) -> tuple[str, ...]:
        return self.windowed.features

    @property
    def values(self) -> tuple[str, ...]:
        return (self.target,)

    @property
    def steps(self) -> int:
        return self._window.steps

    @property
    def data_remarks(self) -> tuple[Message, ...]:
        """What was decided when the visitor's file was read, and what its missing values cost."""
        return (*self.windowed.data.series.remarks, *self.windowed.remarks)

    @property
    def _window(self) -> Window:
        return Window(self.lookback, self.step, self.delay)

    @cached_property
    def windowed(self) -> WindowedSeries:
        """The series with its windows, and the column that is forecast."""
        file = (self.file, self.reading) if self.source == "own" else ("", "")
        return windowed_series(self.source, *file, self.column, self.reads, self._window)

    @property
    def _column(self) -> Column:
        return self.windowed.column

    @property
    def _windows(self) -> WindowIndex:
        return self.windowed.index

    # The examples -------------------------------------------------------------------------------

    def size(self, split: Split = "train") -> int:
        return len(self._windows.ends[split])

    def select(self, indices: Sequence[int], split: Split = "train") -> Batch:
        ends = self._windows.ends[split][torch.tensor(indices)]
        inputs = self._windows.windows(self.windowed.inputs, ends)
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

    def naive_answers(self, split: Split = "validation") -> dict[str, Tensor]:
        """What methods without a network answer, scaled (B,), by their title."""
        series = self.windowed.data.series
        return naive_forecasts(series, self._column, self._windows, self._ends(split))

    def baselines(self, split: Split = "validation") -> tuple[Baseline, ...]:
        column = self._column
        targets = column.scaled[self._ends(split) + self.delay]
        losses = {
            title: column.absolute_error(forecast, targets)
            for title, forecast in self.naive_answers(split).items()
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
        own = batch.inputs[..., self.windowed.own_inputs]
        return self._column.from_inputs(own).tolist()
