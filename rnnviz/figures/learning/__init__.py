"""How a network learns: paths over a loss surface, values and gradients, cuts, overfitting."""

from rnnviz.figures.learning.curves import (
    cost_curves,
    depth_curves,
    overfitting_curves,
    repeated_evaluations,
    sign_agreement,
    truncation_angles,
    values_and_gradients,
)
from rnnviz.figures.learning.maps import descent_surface, xor_plane

__all__ = [
    "cost_curves",
    "depth_curves",
    "descent_surface",
    "overfitting_curves",
    "repeated_evaluations",
    "sign_agreement",
    "truncation_angles",
    "values_and_gradients",
    "xor_plane",
]
