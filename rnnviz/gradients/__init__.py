"""Walks back through time: gradients at every step, the chain rule behind them, and Jacobians."""

from rnnviz.gradients.bptt import Backward, LayerBackward, backward, gradient_norms
from rnnviz.gradients.chain import (
    ByAutograd,
    BySlopes,
    Derivatives,
    StepGradients,
    derivatives,
    sweep,
    weight_gradients,
)
from rnnviz.gradients.jacobian import Jacobians, jacobians, state_jacobians, step_jacobians

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
