"""What the pages of The ideas have in common: the finding, the article's claim, the listing."""

from rnnviz.ui.ideas.parts import draw_claim, draw_finding, draw_listings

__all__ = ["draw_claim", "draw_finding", "draw_listings"]
