"""The page "Sequences and memory": one part is drawn at a time."""

from rnnviz.ui.ideas.sequences.page import PARTS, draw

__all__ = ["PARTS", "draw"]
