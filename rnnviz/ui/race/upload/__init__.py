"""A visitor's file: what was understood of it is a proposal, to be corrected before it trains."""

from rnnviz.ui.race.upload.page import WINDOW, draw_costs, draw_fitting_button, draw_upload
from rnnviz.ui.race.upload.series import draw_reading_note
from rnnviz.ui.race.upload.state import OWN_PREFIX

__all__ = [
    "OWN_PREFIX",
    "WINDOW",
    "draw_costs",
    "draw_fitting_button",
    "draw_reading_note",
    "draw_upload",
]
