"""The page "Convolution or recurrence": its parts, each with controls, finding and picture."""

from rnnviz.ui.ideas.convolution.page import draw_page

__all__ = ["draw_page"]
