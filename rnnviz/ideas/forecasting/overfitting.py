"""A GRU that reads all columns of few windows: training and validation error after every epoch."""

from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.ideas.forecasting.settings import ROWS_AN_HOUR, WindowSettings
from rnnviz.model import ModelSpec, build_for
from rnnviz.tasks import Batch
from rnnviz.tasks.forecast import Forecast
from rnnviz.tasks.forecast.naive_forecasts import PERSISTENCE
from rnnviz.tasks.framework.examples import evenly_spaced

WINDOWS, BATCH, EPOCHS, UNITS, RATE = 192, 48, 30, 32, 0.01
READ = 40
"""So many values of each column a window has at most: it is read sparsely, to be quick."""
RISE = 1.05
"""How far above its best the validation error must end to count as overfitting."""


@dataclass(frozen=True)
class Curves:
    """Mean absolute errors in °C before training and after each epoch; `best`: the epoch."""

    training: tuple[float, ...]
    validation: tuple[float, ...]

    @property
    def best(self) -> int:
        """The epoch with the least validation error."""
        return min(range(len(self.validation)), key=self.validation.__getitem__)

    @property
    def gap(self) -> float:
        """How far both errors lie apart in the end."""
        return self.validation[-1] - self.training[-1]

    @property
    def overfits(self) -> bool:
        """Whether the validation error ends well above its best while the training error falls."""
        falls = self.training[-1] < self.training[self.best]
        return falls and self.validation[-1] > RISE * self.validation[self.best]


def overfitting_task(settings: WindowSettings) -> Forecast:
    """All columns, read so sparsely that a window has at most `READ` values of each."""
    hours = max(settings.every, -(-settings.days * 24 // READ))
    return Forecast(
        lookback=settings.lookback,
        step=hours * ROWS_AN_HOUR,
        delay=settings.delay,
        reads="all",
    )


def train_curves(
    settings: WindowSettings, dropout: float, recurrent: float, layers: int, seed: int = 0
) -> Generator[float, None, Curves]:
    """Train on `WINDOWS` windows for `EPOCHS` epochs; yields the share that is done."""
    task, generator = overfitting_task(settings), torch.Generator().manual_seed(seed)
    spec = ModelSpec("gru", hidden=UNITS, layers=layers, dropout=dropout, state_dropout=recurrent)
    model = build_for(task, spec, generator)
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE)
    training = task.select(evenly_spaced(task.size(), WINDOWS))
    validation = task.evaluation_batch("validation")
    measured = [(_error(model, training, task), _error(model, validation, task))]
    for epoch in range(EPOCHS):
        model.train()
        for rows in torch.split(torch.randperm(WINDOWS, generator=generator), BATCH):
            answers = model(training.inputs[rows], training.lengths[rows], generator)
            loss = (answers - training.targets[rows]).abs().mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        measured.append((_error(model, training, task), _error(model, validation, task)))
        yield (epoch + 1) / EPOCHS
    return Curves(*zip(*measured, strict=True))


@torch.no_grad()
def _error(model: torch.nn.Module, batch: Batch, task: Forecast) -> float:
    """The mean absolute error in °C in evaluation mode: nothing is dropped."""
    model.eval()
    answers: Tensor = model(batch.inputs, batch.lengths)
    return task.metric(answers, batch)


def persistence(settings: WindowSettings) -> float:
    """The mean absolute error in °C of "as it is now" on the same validation windows."""
    return next(
        baseline.metric
        for baseline in overfitting_task(settings).baselines("validation")
        if baseline.title == PERSISTENCE
    )
