"""Forecasts of the same validation windows: by simple methods, and by networks trained here.

B windows of T values.
"""

from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.ideas.forecasting.settings import (
    BATCH,
    DENSE_UNITS,
    FILTERS,
    RATE,
    UNITS,
    Network,
    Order,
    WindowSettings,
    training_steps,
)
from rnnviz.model import IOSpec, ModelSpec, build_for, multiply_adds, trainable
from rnnviz.tasks.forecast import Forecast

SPECS: dict[Network, ModelSpec] = {
    "dense": ModelSpec(family="dense", hidden=DENSE_UNITS),
    "convolution": ModelSpec(family="convolution", hidden=FILTERS),
    "gru": ModelSpec("gru", hidden=UNITS),
}

RIDGE, EVERY = "ridge", 6
"""The linear regression, and every how many training windows it is fitted to: one an hour."""
PENALTY = 1.0


@dataclass(frozen=True)
class Forecasts:
    """The answers of one method in °C to the B validation windows.

    Attributes:
        answers: (B,).
        error: their mean absolute error in °C.
        parameters, steps: how many numbers were fitted, and in how many training steps.
    """

    answers: tuple[float, ...]
    error: float
    parameters: int = 0
    steps: int = 0


@dataclass(frozen=True)
class Simple:
    """What needs no network, and the right answers (B,) in °C.

    Attributes:
        methods: by title, a message, or `RIDGE`.
        scales: mean and deviation in °C of the training rows, and of all rows.
    """

    targets: tuple[float, ...]
    methods: dict[str, Forecasts]
    scales: tuple[tuple[float, float], tuple[float, float]]


def make_task(settings: WindowSettings) -> Forecast:
    """The task with these windows: the temperature from its own past."""
    return Forecast(lookback=settings.lookback, step=settings.step, delay=settings.delay)


def simple_methods(settings: WindowSettings) -> Simple:
    """Persistence, the mean of a day, and a linear regression on all values of the window."""
    task = make_task(settings)
    column = task.windowed.column
    batch = task.evaluation_batch("validation")
    targets = _celsius(batch.targets[:, 0], task)
    answers = {title: _celsius(scaled, task) for title, scaled in task.naive_answers().items()}
    answers[RIDGE] = _celsius(_ridge(task, batch.inputs), task)
    fitted = {RIDGE: settings.steps + 1}
    methods = {
        title: _forecasts(each, targets, fitted.get(title, 0)) for title, each in answers.items()
    }
    values = column.unscale(column.scaled)
    everything = (float(values.mean()), float(values.std(correction=0)))
    return Simple(tuple(targets.tolist()), methods, ((column.mean, column.deviation), everything))


def train(
    settings: WindowSettings,
    network: Network,
    order: Order = "kept",
    leaky: bool = False,
    seed: int = 0,
) -> Generator[float, None, Forecasts]:
    """Train a network and let it answer the validation windows; yields the share that is done.

    With `leaky`, mean and deviation are those of all rows, validation and test included.
    """
    task, generator = make_task(settings), torch.Generator().manual_seed(seed)
    shift, factor = _rescaling(task) if leaky else (0.0, 1.0)
    model = build_for(task, SPECS[network], generator)
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE)
    steps = training_steps(network, settings.steps)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=RATE, total_steps=steps)
    for step in range(steps):
        rows = torch.randint(task.size(), (BATCH,), generator=generator)
        batch = task.select(rows.tolist())
        inputs = arrange((batch.inputs - shift) / factor, order, generator)
        loss = (model(inputs, batch.lengths) - (batch.targets - shift) / factor).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        yield (step + 1) / steps
    model.eval()
    batch = task.evaluation_batch("validation")
    inputs = arrange((batch.inputs - shift) / factor, order, generator)
    with torch.no_grad():
        scaled = model(inputs, batch.lengths)[:, 0] * factor + shift
    targets = _celsius(batch.targets[:, 0], task)
    return _forecasts(_celsius(scaled, task), targets, trainable(model), steps)


def arrange(inputs: Tensor, order: Order, generator: torch.Generator) -> Tensor:
    """Windows (B,T,I) in the order of reading; shuffled, each window in its own."""
    if order == "reversed":
        return inputs.flip(1)
    if order == "shuffled":
        places = torch.rand(inputs.shape[:2], generator=generator).argsort(1)
        return inputs.gather(1, places[..., None].expand_as(inputs))
    return inputs


def _ridge(task: Forecast, questions: Tensor) -> Tensor:
    """The scaled answers (B,) of a ridge regression, fitted to every `EVERY`th training window."""
    batch = task.select(range(0, task.size(), EVERY))
    x, y = batch.inputs[..., 0].double(), batch.targets[:, 0].double()
    mean, centre = x.mean(0), y.mean()
    x = x - mean
    penalty = PENALTY * torch.eye(x.shape[1], dtype=x.dtype)
    weights: Tensor = torch.linalg.solve(x.T @ x + penalty, x.T @ (y - centre))
    answers: Tensor = (questions[..., 0].double() - mean) @ weights + centre
    return answers.float()


def _rescaling(task: Forecast) -> tuple[float, float]:
    """What scales the scaled values once more, so that all rows have mean 0 and deviation 1."""
    scaled = task.windowed.column.scaled.double()
    return float(scaled.mean()), float(scaled.std(correction=0))


def _celsius(scaled: Tensor, task: Forecast) -> Tensor:
    return task.windowed.column.unscale(scaled)


def _forecasts(answers: Tensor, targets: Tensor, parameters: int, steps: int = 0) -> Forecasts:
    error = float((answers - targets).abs().mean())
    return Forecasts(tuple(answers.tolist()), error, parameters, steps)


def read_window(settings: WindowSettings, order: Order) -> tuple[float, ...]:
    """The values (T,) in °C of a validation window, in the order in which they are read."""
    task = make_task(settings)
    inputs = task.evaluation_batch("validation").inputs[:1]
    values = task.windowed.column.from_inputs(
        arrange(inputs, order, torch.Generator().manual_seed(0))
    )
    read: list[float] = values[0].tolist()
    return tuple(read)


def gate_products(T: int) -> tuple[int, int]:
    """The multiply-adds of a window of T values in a GRU and in an LSTM of as many units."""
    io_spec = IOSpec(1, 1, "forecast", tokens=False, steps=T)
    gru = multiply_adds(ModelSpec("gru", hidden=UNITS), io_spec, T)
    return gru, multiply_adds(ModelSpec("lstm", hidden=UNITS), io_spec, T)
