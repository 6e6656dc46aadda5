"""Walks back through time: gradients at every step, the chain rule behind them, and Jacobians."""

from rnnviz.gradients.bptt import Backward, LayerBackward, backward, gradient_norms
from rnnviz.gradients.chain import StepGradients, at, sweep, vjp
from rnnviz.gradients.jacobian import Jacobians, jacobians, state_jacobians, step_jacobians

__all__ = [
    "Backward",
    "Jacobians",
    "LayerBackward",
    "StepGradients",
    "at",
    "backward",
    "gradient_norms",
    "jacobians",
    "state_jacobians",
    "step_jacobians",
    "sweep",
    "vjp",
]
