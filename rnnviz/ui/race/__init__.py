"""A race on a page: its settings, its buttons, its live view and its outcome."""

from rnnviz.ui.race.page import draw_page

__all__ = ["draw_page"]
