"""The page on forecasting: windows, guesses, baselines, order, overfitting."""

from rnnviz.ui.ideas.forecasting.page import draw as draw_page

__all__ = ["draw_page"]
