"""Walks back through time: gradients at every step, the chain rule behind them, and Jacobians."""

from rnnviz.gradients.bptt import Backward, LayerBackward, backward, gradient_norms
from rnnviz.gradients.chain import Pull, at, pull, sweep
from rnnviz.gradients.jacobian import Jacobians, jacobians, state_jacobians, step_jacobians

__all__ = [
    "Backward",
    "Jacobians",
    "LayerBackward",
    "Pull",
    "at",
    "backward",
    "gradient_norms",
    "jacobians",
    "pull",
    "state_jacobians",
    "step_jacobians",
    "sweep",
]
