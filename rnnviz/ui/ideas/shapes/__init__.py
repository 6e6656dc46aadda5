"""The page "Shapes and layers": its controls and parts, each with its picture."""

from rnnviz.ui.ideas.shapes.page import draw

__all__ = ["draw"]
