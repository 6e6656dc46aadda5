"""A number of h_n and the place of the same number in output."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rnnviz.ui.ideas.shapes.colours import signed
from rnnviz.ui.language import _

if TYPE_CHECKING:
    from rnnviz.ideas.shapes.layers import Reading

WAYS = "fb"
"""What the directions are called in the address: "f0" is the first unit, forwards."""


def pair_text(reading: "Reading", units: Sequence[int | None], picked: str) -> str:
    """The picked number, or how to pick one."""
    for way in range(reading.settings.ways):
        for unit in units:
            if unit is not None and picked == f"{WAYS[way]}{unit}":
                return pair_of(reading, way, unit)
    return _("Point at a number of h_n, or press it: the same number lights up in output.")


def pair_of(reading: "Reading", way: int, unit: int) -> str:
    """A number of h_n and where it is in output, as Python indexes them."""
    settings = reading.settings
    t = settings.steps - 1 if way == 0 else 0
    row = unit + way * settings.hidden
    state = (settings.layers - 1) * settings.ways + way
    place = f"0, {t}" if settings.batch_first else f"{t}, 0"
    value = float(reading.output[0, t, row])
    return f"h_n[{state}, 0, {unit}] = output[{place}, {row}] = {signed(value)}"
