"""The page "Vanishing gradients": its controls, things to try, and figures with their findings."""

from rnnviz.ui.vanishing.controls import TRIES, settings, things_to_try
from rnnviz.ui.vanishing.show import (
    show_activations,
    show_clipping,
    show_norms,
    show_step_factors,
)
from rnnviz.ui.vanishing.study import measured

__all__ = [
    "TRIES",
    "measured",
    "settings",
    "show_activations",
    "show_clipping",
    "show_norms",
    "show_step_factors",
    "things_to_try",
]
