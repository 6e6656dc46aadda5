"""The stored runs on a page: a list to search and compare, and one run by itself."""

from rnnviz.ui.runs.page import draw_page

__all__ = ["draw_page"]
