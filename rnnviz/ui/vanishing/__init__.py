"""The page "Vanishing gradients": its controls, things to try, and figures with their findings."""

from rnnviz.ui.vanishing.controls import SUGGESTIONS, settings, show_suggestions
from rnnviz.ui.vanishing.show import (
    show_activations,
    show_clipping,
    show_norms,
    show_step_factors,
)
from rnnviz.ui.vanishing.study import measure

__all__ = [
    "SUGGESTIONS",
    "measure",
    "settings",
    "show_activations",
    "show_clipping",
    "show_norms",
    "show_step_factors",
    "show_suggestions",
]
