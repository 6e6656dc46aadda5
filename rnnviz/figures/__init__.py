"""Arrays in, Plotly figures out: plain dictionaries, which cost half of graph objects.

Every figure takes a translator for its words; without one they are English.
"""

from rnnviz.figures.activations import activation_derivatives
from rnnviz.figures.clipping import clipping
from rnnviz.figures.gradient_norms import gradient_norms
from rnnviz.figures.memory import probe_curves
from rnnviz.figures.numbers import short_number
from rnnviz.figures.sensitivity import token_sensitivity
from rnnviz.figures.series import series
from rnnviz.figures.step_factors import step_factors
from rnnviz.figures.training_curves import BaselineLine, Curve, gradient_history, training_curves
from rnnviz.figures.two_starts import two_starts
from rnnviz.figures.word_map import WordGroup, word_map

__all__ = [
    "BaselineLine",
    "Curve",
    "WordGroup",
    "activation_derivatives",
    "clipping",
    "gradient_history",
    "gradient_norms",
    "probe_curves",
    "series",
    "short_number",
    "step_factors",
    "token_sensitivity",
    "training_curves",
    "two_starts",
    "word_map",
]
