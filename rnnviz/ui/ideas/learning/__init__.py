"""The page "Learning": six parts, of which the open one is drawn."""

from rnnviz.ui.ideas.learning.page import draw

__all__ = ["draw"]
