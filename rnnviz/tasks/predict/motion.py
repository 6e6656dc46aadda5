"""Things that go to and fro, and how one of them is seen as a picture.

B sequences, T time steps, P pixels.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

PERIODS = (8.0, 40.0)
"""How many steps a period takes at least and at most."""

PIXELS = 16
"""P, in one row."""


def _sine(cycles: Tensor) -> Tensor:
    return (2 * math.pi * cycles).sin()


def _sawtooth(cycles: Tensor) -> Tensor:
    return 2 * cycles.frac() - 1


def _ball(cycles: Tensor) -> Tensor:
    # To the right wall in the first half of a period, back to the left one in the second.
    return 1 - 4 * (cycles.frac() - 0.5).abs()


SHAPES: dict[str, Callable[[Tensor], Tensor]] = {
    "sine": _sine,
    "sawtooth": _sawtooth,
    "ball": _ball,
}
"""From periods since the start to a position between -1 and 1; the mean is 0."""

MEAN_DISTANCE = {"sine": 2 / math.pi, "sawtooth": 0.5, "ball": 0.5}
"""The mean absolute value of each shape: the error of who always answers 0."""

MEAN_SQUARE = {"sine": 1 / 2, "sawtooth": 1 / 3, "ball": 1 / 3}


def cycles(n: int, T: int, generator: torch.Generator) -> Tensor:
    """Periods since the start (n,T), float64, for sequences of random period and phase."""
    low, high = PERIODS
    phase = torch.rand(n, 1, generator=generator, dtype=torch.float64)
    drawn = torch.rand(n, 1, generator=generator, dtype=torch.float64)
    return phase + torch.arange(T) / (low + (high - low) * drawn)


def picture(positions: Tensor) -> Tensor:
    """`positions` (...) between -1 and 1, each as the brightness (...,P) of a row of pixels.

    The ball's light falls on the two pixels next to it, the more on the nearer one, so that a
    picture says exactly where the ball is, and nothing of where it is going.
    """
    place = (positions + 1) / 2 * (PIXELS - 1)
    away = (place[..., None] - torch.arange(PIXELS)).abs()
    return (1 - away).clamp(min=0)


def position(pictures: Tensor) -> Tensor:
    """Where the ball is (...) in `pictures` (...,P): the centre of the light."""
    pixels = torch.arange(PIXELS, dtype=pictures.dtype)
    return (pictures @ pixels) / (PIXELS - 1) * 2 - 1
