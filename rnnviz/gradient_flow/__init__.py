"""How much gradient is left at each time step: the study behind "Vanishing gradients".

The same walk back through time as `rnnviz.backward`, for many random networks of one cell in one
go, so that a median and a band over networks can be shown while a slider moves.
"""

from rnnviz.cells import SLOPE_BOUND
from rnnviz.gradient_flow.flows import CellFlow, FlowResult, band
from rnnviz.gradient_flow.outcome import Outcome, outcome
from rnnviz.gradient_flow.settings import CELL, MAX_LENGTH, FlowSettings
from rnnviz.gradient_flow.spectral import step_spectral
from rnnviz.gradient_flow.study import (
    INPUTS,
    draw,
    measure,
    norm,
    with_clip,
)

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
    "outcome",
    "step_spectral",
    "with_clip",
]
