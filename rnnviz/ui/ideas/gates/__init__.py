"""The page "Inside the gates": its controls, the unit as valves, training, surgery."""

from rnnviz.ui.ideas.gates.page import draw_page

__all__ = ["draw_page"]
