"""The page "Keras and PyTorch": four parts, each with its controls, finding, picture and claim."""

from rnnviz.ui.ideas.keras.controls import choose_part
from rnnviz.ui.ideas.keras.page import DRAW

__all__ = ["DRAW", "choose_part"]
