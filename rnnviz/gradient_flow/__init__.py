"""How much gradient is left at each time step: the study behind "Vanishing gradients".

The same walk back through time as `rnnviz.backward`, for many random networks of one cell in one
go, so that a median and a band over networks can be shown while a slider moves.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rnnviz.gradient_flow.settings import CELL, MAX_LENGTH, FlowSettings

if TYPE_CHECKING:
    from rnnviz.cells import SLOPE_BOUND
    from rnnviz.gradient_flow.flows import CellFlow, FlowResult, band
    from rnnviz.gradient_flow.outcome import Outcome
    from rnnviz.gradient_flow.spectral import step_spectral
    from rnnviz.gradient_flow.study import INPUTS, draw, measure, norm, with_clip

_HOMES = {
    "SLOPE_BOUND": "rnnviz.cells",
    "CellFlow": "rnnviz.gradient_flow.flows",
    "FlowResult": "rnnviz.gradient_flow.flows",
    "band": "rnnviz.gradient_flow.flows",
    "Outcome": "rnnviz.gradient_flow.outcome",
    "step_spectral": "rnnviz.gradient_flow.spectral",
    **dict.fromkeys(
        ["INPUTS", "draw", "measure", "norm", "with_clip"], "rnnviz.gradient_flow.study"
    ),
}
"""Resolved on first use: the settings alone, of which a page draws its controls, need no torch."""

__all__ = [
    "CELL",
    "INPUTS",
    "MAX_LENGTH",
    "SLOPE_BOUND",
    "CellFlow",
    "FlowResult",
    "FlowSettings",
    "Outcome",
    "band",
    "draw",
    "measure",
    "norm",
    "step_spectral",
    "with_clip",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
