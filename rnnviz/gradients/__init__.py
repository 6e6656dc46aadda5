"""Walks back through time: gradients at every step, the chain rule behind them, and Jacobians."""

from torch.serialization import add_safe_globals

from rnnviz.gradients.bptt import Backward, backward, gradient_norms
from rnnviz.gradients.chain import (
    ByAutograd,
    BySlopes,
    Derivatives,
    StepGradients,
    derivatives,
    sweep,
    weight_gradients,
)
from rnnviz.gradients.jacobian import Jacobians, jacobians
from rnnviz.gradients.jacobian_sweep import state_jacobians, step_jacobians
from rnnviz.gradients.layer_backward import LayerBackward

__all__ = [
    "Backward",
    "ByAutograd",
    "BySlopes",
    "Derivatives",
    "Jacobians",
    "LayerBackward",
    "StepGradients",
    "backward",
    "derivatives",
    "gradient_norms",
    "jacobians",
    "state_jacobians",
    "step_jacobians",
    "sweep",
    "weight_gradients",
]

add_safe_globals([Backward, LayerBackward, Jacobians])  # for `torch.load`, as in `rnnviz.tracing`
