"""Numbers for the live view: few enough to be drawn, and such that JSON carries them."""

import base64
import math
from array import array
from collections.abc import Sequence
from typing import Any

MAX_POINTS = 400
"""The most points of a curve: no screen shows more."""

MAX_CELLS = 96
"""The most time steps, units or saved steps of a heatmap: it has no more pixels."""


def thin(rows: Sequence[int], limit: int = MAX_POINTS) -> list[int]:
    """Every so-many-th of `rows`, and the last: at most `limit`.

    The stride is a power of two, so that the points which are drawn stay where they are while the
    line grows.
    """
    stride = 1
    while len(rows) / stride > limit - 1:
        stride *= 2
    thinned = list(rows[::stride])
    return thinned if not rows or thinned[-1] == rows[-1] else [*thinned, rows[-1]]


def json_number(value: float | None) -> float | None:
    """A number that JSON can carry: six digits, None for what is not finite."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.6g}")


def pack(numbers: "array[Any]") -> str:
    """Base64 of the bytes of `numbers`: a third of the text, and safe for infinities."""
    return base64.b64encode(numbers.tobytes()).decode("ascii")
