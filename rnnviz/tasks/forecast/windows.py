"""A series as a network reads it, split in the order of time.

N rows of C columns, I numbers read at each step.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from rnnviz.data import Series, mast
from rnnviz.data.uploads import uploaded_series
from rnnviz.tasks.framework.kinds import Split

SHARES = {"train": 0.5, "validation": 0.25}
"""As in the Keras chapter on the weather at Jena (Chollet, "Deep Learning with Python"); the test
part is what is left."""

LIMIT = 5.0
"""Standard deviations from the mean beyond which an input is cut off: one broken reading (the
mast's air pressure once falls to 592 mbar for ten minutes) or a cloudburst drowns all else."""

DIRECTION = "°"
"""The unit of columns that go round: 359 is next to 1."""


@dataclass(frozen=True, eq=False)
class Measurements:
    """A series, and the numbers that are read of it.

    `names` of the I numbers; `inputs` (N,I): every column in standard deviations from the mean of
    the training rows, cut off at `LIMIT`, and directions as their sine and cosine. `means` and
    `deviations` (C,) of the training rows. `runs`: per split its rows, where no gap is between.
    """

    series: Series
    names: tuple[str, ...]
    inputs: Tensor
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    runs: Mapping[Split, tuple[range, ...]]

    @classmethod
    def of(cls, series: Series) -> "Measurements":
        """Whatever lies behind the training rows changes none of the numbers before it."""
        runs = _runs(series)
        rows = _parts(len(series))["train"]
        training = series.values[rows.start : rows.stop].astype(np.float64)
        means, deviations = training.mean(0), training.std(0)
        deviations[deviations == 0] = 1  # a column that never changes
        names: list[str] = []
        inputs_by_column = []
        for index, (column, unit) in enumerate(zip(series.columns, series.units, strict=True)):
            values = series.values[:, index].astype(np.float64)
            if unit == DIRECTION:
                names += [f"{column} (sin)", f"{column} (cos)"]
                inputs_by_column += [np.sin(np.radians(values)), np.cos(np.radians(values))]
            else:
                names.append(column)
                scaled = (values - means[index]) / deviations[index]
                inputs_by_column.append(np.clip(scaled, -LIMIT, LIMIT))
        inputs = torch.from_numpy(np.stack(inputs_by_column, axis=1).astype(np.float32))
        return cls(
            series, tuple(names), inputs, tuple(means.tolist()), tuple(deviations.tolist()), runs
        )

    def column(self, index: int) -> "Column":
        """The column at `place`, as something to be forecast."""
        unit, mean, deviation = self.series.units[index], self.means[index], self.deviations[index]
        values = self.series.values[:, index].astype(np.float64)
        scaled = torch.from_numpy(((values - mean) / deviation).astype(np.float32))
        first = index + self.series.units[:index].count(DIRECTION)
        input_slice = slice(first, first + (2 if unit == DIRECTION else 1))
        return Column(scaled, mean, deviation, unit, input_slice)

    def window_ends(self, split: Split, back: int, ahead: int) -> Tensor:
        """The rows with `back` rows before and `ahead` rows after them in one run of `split`."""
        ends = [
            torch.arange(run.start + back, run.stop - ahead)
            for run in self.runs[split]
            if len(run) > back + ahead
        ]
        return torch.cat(ends) if ends else torch.arange(0)


@dataclass(frozen=True, eq=False)
class Column:
    """One column: `scaled` (N,) in `deviation`s from `mean`; `input_slice` of the inputs."""

    scaled: Tensor
    mean: float
    deviation: float
    unit: str
    input_slice: slice

    def absolute_error(self, predictions: Tensor, targets: Tensor) -> Tensor:
        """The absolute error of scaled predictions; of directions the shorter way round."""
        errors = predictions - targets
        if self.unit == DIRECTION:
            half = 180 / self.deviation
            errors = torch.remainder(errors + half, 2 * half) - half
        return errors.abs()

    def unscale(self, scaled: Tensor) -> Tensor:
        """The values in the column's own unit."""
        values = scaled.double() * self.deviation + self.mean
        return torch.remainder(values, 360) if self.unit == DIRECTION else values

    def from_inputs(self, inputs: Tensor) -> Tensor:
        """The values (...,) in the column's own unit, of which its own inputs (...,I) were made."""
        if self.unit == DIRECTION:
            angle = torch.atan2(inputs[..., 0], inputs[..., 1])
            return torch.remainder(angle.double() * 180 / math.pi, 360)
        return self.unscale(inputs[..., 0])


def _parts(N: int) -> dict[Split, range]:
    """The rows of each split, in the order of time."""
    first = int(N * SHARES["train"])
    second = first + int(N * SHARES["validation"])
    return {"train": range(first), "validation": range(first, second), "test": range(second, N)}


def _runs(series: Series) -> dict[Split, tuple[range, ...]]:
    segments = series.segments()
    by_split: dict[Split, tuple[range, ...]] = {}
    for split, part in _parts(len(series)).items():
        parts = [range(max(s.start, part.start), min(s.stop, part.stop)) for s in segments]
        by_split[split] = tuple(run for run in parts if run)
    return by_split


@lru_cache(maxsize=3)
def measurements(source: str, file: str) -> Measurements:
    """What the task reads: the mast, or the visitor's file with the key `file`.

    Raises:
        Problem: the file is no longer available.
    """
    return Measurements.of(mast() if source == "mast" else uploaded_series(file))
