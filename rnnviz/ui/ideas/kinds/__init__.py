"""The page "Kinds of problems": six drawings, one open, and a small model that reads along."""

from rnnviz.ui.ideas.kinds.page import draw_page

__all__ = ["draw_page"]
