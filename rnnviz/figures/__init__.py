"""Arrays in, Plotly figures out: plain dictionaries, which cost half of graph objects.

Every figure takes a translator for its words and speaks English without one.
"""

from rnnviz.figures.activations import activation_derivatives
from rnnviz.figures.clipping import clipping
from rnnviz.figures.gradient_norms import gradient_norms
from rnnviz.figures.memory import words_left
from rnnviz.figures.numbers import short
from rnnviz.figures.runs import Curve, Mark, course, gradient_course
from rnnviz.figures.step_factors import step_factors

__all__ = [
    "Curve",
    "Mark",
    "activation_derivatives",
    "clipping",
    "course",
    "gradient_course",
    "gradient_norms",
    "short",
    "step_factors",
    "words_left",
]
