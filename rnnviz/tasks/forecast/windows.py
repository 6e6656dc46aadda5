"""A series as a network reads it. N rows of C columns, I numbers read at each step."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.data import Series, mast
from rnnviz.data.bounded_cache import BoundedCache
from rnnviz.data.uploads import uploaded_series
from rnnviz.messages import N_, Problem
from rnnviz.tasks.forecast.window_index import Runs, WindowRows, parts, split_runs

LIMIT = 5.0
"""Standard deviations from the mean beyond which inputs are compressed: one broken reading (the
mast's air pressure once falls to 592 mbar for ten minutes) or a cloudburst drowns all else."""

LARGEST = 1e100
"""Squares of larger numbers do not fit into a float64."""

MAX_MISSING = 0.5
"""The largest share of missing values of a column that is read along with all others."""

TOO_LARGE = N_("{column} holds {value}; allowed are numbers from -{limit} to {limit}.")


@dataclass(frozen=True, eq=False)
class Measurements:
    """A series, and the numbers that are read of it.

    names       of the I numbers
    inputs      (N,I): every column in standard deviations from the mean of its training rows,
                compressed beyond `LIMIT`, and directions as their sine and cosine; NaN where
                nothing was measured
    measured    (N,C): where something was
    means, deviations   (C,) of the training rows
    runs        the rows of each split
    """

    series: Series
    names: tuple[str, ...]
    inputs: Tensor
    measured: NDArray[np.bool_]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    runs: Runs

    @classmethod
    def of(cls, series: Series) -> "Measurements":
        """Whatever lies behind the training rows changes none of the numbers before it.

        Raises:
            Problem: a number is too large to be squared.
        """
        training = parts(len(series))["train"]
        names: list[str] = []
        inputs, means, deviations = [], [], []
        for index, column in enumerate(series.columns):
            values = series.values[:, index].astype(np.float64)
            _check_size(column, values)
            mean, deviation = _mean_and_deviation(values[training.start : training.stop])
            means.append(mean)
            deviations.append(deviation)
            if column in series.directions:
                names += [f"{column} (sin)", f"{column} (cos)"]
                radians = np.radians(values)
                inputs += [np.sin(radians), np.cos(radians)]
            else:
                names.append(column)
                # Centred while it is double: a meter of billions moves by a few.
                inputs.append(_compress((values - mean) / deviation))
        return cls(
            series,
            tuple(names),
            torch.from_numpy(np.stack([each.astype(np.float32) for each in inputs], axis=1)),
            np.isfinite(series.values),
            tuple(means),
            tuple(deviations),
            split_runs(series),
        )

    def column(self, index: int) -> "Column":
        """The column at `index`, as something to be forecast."""
        series, mean, deviation = self.series, self.means[index], self.deviations[index]
        values = series.values[:, index].astype(np.float64)
        scaled = torch.from_numpy(((values - mean) / deviation).astype(np.float32))
        is_direction = series.columns[index] in series.directions
        input_slice = self.column_slice(index)
        return Column(scaled, mean, deviation, series.units[index], input_slice, is_direction)

    def read_together(self, target: int) -> list[int]:
        """The indices of the columns that are read where all are: those with values enough."""
        return [
            index
            for index, missing in enumerate(self.missing)
            if index == target or missing <= MAX_MISSING * len(self.series)
        ]

    @property
    def nbytes(self) -> int:
        """The memory that it takes, without that of the series."""
        return self.inputs.nbytes + self.measured.nbytes

    @cached_property
    def missing(self) -> list[int]:
        """How many values each column lacks."""
        missing: list[int] = (~self.measured).sum(axis=0).tolist()
        return missing

    def inputs_of(self, columns: Sequence[int]) -> list[int]:
        """Which of the I numbers are those of these columns."""
        slices = [self.column_slice(index) for index in columns]
        return [number for each in slices for number in range(each.start, each.stop)]

    def column_slice(self, index: int) -> slice:
        """Which of the I numbers are those of the column at `index`."""
        is_direction = [name in self.series.directions for name in self.series.columns]
        first = index + sum(is_direction[:index])
        return slice(first, first + 1 + is_direction[index])

    def rows(self, columns: Sequence[int], target: int) -> WindowRows:
        """The rows of windows that read these columns and ask for `target`."""
        readable = np.ones(len(self.series), np.bool_)
        for index in columns:
            if self.missing[index]:
                readable &= self.measured[:, index]
        return WindowRows(self.runs, readable, self.measured[:, target])


def _check_size(column: str, values: NDArray[np.float64]) -> None:
    too_large = values[np.abs(values) > LARGEST]
    if len(too_large):
        raise Problem(TOO_LARGE, column=column, value=f"{too_large[0]:.4g}", limit=f"{LARGEST:g}")


def _mean_and_deviation(values: NDArray[np.float64]) -> tuple[float, float]:
    """Of the values that there are; the deviation of what never changes counts as 1."""
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    # The rounded mean of equal numbers may differ from them, and so leave a deviation.
    if values.min() == values.max():
        return float(values[0]), 1.0
    return float(values.mean()), float(values.std()) or 1.0


def _compress(scaled: NDArray[np.float64]) -> NDArray[np.float64]:
    """As it is up to `LIMIT`, then the logarithm of the excess: still rising, but slowly."""
    far = np.abs(scaled) > LIMIT
    compressed = scaled.copy()
    compressed[far] = np.copysign(LIMIT + np.log1p(np.abs(scaled[far]) - LIMIT), scaled[far])
    return compressed


def _expand(compressed: Tensor) -> Tensor:
    """The inverse of `_compress`."""
    size = compressed.double().abs()
    expanded = size.clamp(max=LIMIT) + torch.expm1((size - LIMIT).clamp(min=0))
    return torch.copysign(expanded, compressed.double())


@dataclass(frozen=True, eq=False)
class Column:
    """One column: `scaled` (N,) in `deviation`s from `mean`; `input_slice` of the inputs."""

    scaled: Tensor
    mean: float
    deviation: float
    unit: str
    input_slice: slice
    is_direction: bool = False

    @property
    def width(self) -> int:
        """How many of the inputs it makes."""
        return 2 if self.is_direction else 1

    def absolute_error(self, predictions: Tensor, targets: Tensor) -> Tensor:
        """The absolute error of scaled predictions; of directions the shorter way round."""
        errors = predictions - targets
        if self.is_direction:
            half = 180 / self.deviation
            errors = torch.remainder(errors + half, 2 * half) - half
        return errors.abs()

    def unscale(self, scaled: Tensor) -> Tensor:
        """The values in the column's own unit."""
        values = scaled.double() * self.deviation + self.mean
        return torch.remainder(values, 360) if self.is_direction else values

    def from_inputs(self, inputs: Tensor) -> Tensor:
        """The values (...,) in the column's own unit, of which its own inputs (...,I) were made."""
        if self.is_direction:
            angle = torch.atan2(inputs[..., 0], inputs[..., 1])
            return torch.remainder(angle.double() * 180 / math.pi, 360)
        return self.unscale(_expand(inputs[..., 0]))


def measurements(source: str, file: str = "", reading: str = "") -> Measurements:
    """What the task reads: the mast, or the visitor's file with the key `file`.

    `reading`: the visitor's corrections of it.

    Raises:
        Problem: the file is no longer available, or no table of measurements.
    """
    return _measurements(source, file, reading)


def _make_measurements(source: str, file: str, reading: str) -> Measurements:
    return Measurements.of(mast() if source == "mast" else uploaded_series(file, reading))


_measurements = BoundedCache(_make_measurements, lambda data: data.nbytes, limit=256)
