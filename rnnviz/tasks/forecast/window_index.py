"""Where the windows of a series lie. N rows, B windows of T rows, I numbers read at each step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.tasks.forecast.windows import Measurements
from rnnviz.tasks.framework.kinds import Split

SPLITS: tuple[Split, ...] = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class WindowIndex:
    """All windows of some measurements: T rows, every `step`th, and an answer `ahead` of the last.

    `ends`: for every window of a split the last row that is read.
    """

    T: int
    step: int
    ahead: int
    ends: Mapping[Split, Tensor]

    @classmethod
    def of(cls, data: Measurements, T: int, step: int, ahead: int) -> "WindowIndex":
        """The windows over no gap of `data`, and over no border of two splits."""
        back = (T - 1) * step
        return cls(
            T, step, ahead, {split: data.window_ends(split, back, ahead) for split in SPLITS}
        )

    @property
    def span(self) -> int:
        """The rows from the first that is read to the last."""
        return (self.T - 1) * self.step

    @property
    def fits(self) -> bool:
        """Whether there is a window in every split."""
        return all(len(ends) for ends in self.ends.values())

    def is_varying(self, values: NDArray[np.floating[Any]]) -> bool:
        """Whether the answers differ within every split; `values` (N,) of the column asked for."""
        answers = [values[ends.numpy() + self.ahead] for ends in self.ends.values()]
        return all(len(each) < 2 or bool(each.min() < each.max()) for each in answers)

    def windows(self, inputs: Tensor, ends: Tensor) -> Tensor:
        """What is read, (B,T,I), in the windows that end in the rows `ends`; `inputs` (N,I)."""
        # Every window as a view of the same numbers: what is not asked for is never copied.
        rows, width = inputs.shape
        shape = (rows - self.span, self.T, width)
        windows = inputs.as_strided(shape, (width, self.step * width, 1))
        return windows[ends - self.span]
