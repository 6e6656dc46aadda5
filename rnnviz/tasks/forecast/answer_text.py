"""A forecast in words and as curves: the window, the target and the prediction."""

import math

from rnnviz.messages import N_

POINTS = 60
"""The points that a picture of a window has before now, and after it, at most."""
LATEST = 3
"""The values of a window that stand for all of it in a table."""


def format_number(value: float) -> str:
    """A measurement to four significant digits."""
    return f"{value:.4g}"


def format_with_unit(value: float, unit: str) -> str:
    """A measurement in its unit, which may be unknown, ""."""
    return f"{format_number(value)} {unit}".rstrip()


def latest_values(history: list[float], unit: str) -> str:
    """The last values that were read, so that nobody takes the present for an answer."""
    *before, now = history[-LATEST:]
    return " → ".join([*map(format_number, before), format_with_unit(now, unit)])


def curves(
    history: list[float], target: float, prediction: float, delay: int, step: int
) -> dict[str, tuple[float | None, ...]]:
    """The window, thinned, and the two answers as far behind it as they lie in time.

    One row out of `step` was read; the answers lie `delay` rows behind the last of them.
    """
    apart = math.ceil(len(history) / POINTS)
    before = history[::-1][::apart][::-1]
    ahead = min(POINTS, max(1, round(delay / (apart * step))))
    gap = [None] * (len(before) + ahead - 1)
    return {
        N_("read"): (*before, *[None] * ahead),
        N_("wanted"): (*gap, target),
        N_("given"): (*gap, prediction),
    }
