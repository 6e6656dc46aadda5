"""The page "Text into numbers": a text on its way through four stations."""

from rnnviz.ui.ideas.text.page import draw_page

__all__ = ["draw_page"]
