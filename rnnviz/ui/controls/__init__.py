"""The controls of all pages: each keeps its value in the address and in the session.

A key is unique in the whole app ("step.cell"); the parameter in the address is the part after the
dot. A control returns a value that its rule allows, whatever the address or the browser sent.
Labels and options are passed in translated; the address contains codes, so that a link works in
every language.
"""

from rnnviz.ui.controls.address_values import address_value, set_address_value
from rnnviz.ui.controls.folding import folded_on_phone
from rnnviz.ui.controls.parse import slider_stops
from rnnviz.ui.controls.suggestions import (
    suggestion_buttons,
    suggestion_links,
    suggestion_popover,
)
from rnnviz.ui.controls.widgets import (
    choose,
    choose_several,
    popover,
    seed,
    slider,
    text,
    text_width,
    toggle,
)

__all__ = [
    "address_value",
    "choose",
    "choose_several",
    "folded_on_phone",
    "popover",
    "seed",
    "set_address_value",
    "slider",
    "slider_stops",
    "suggestion_buttons",
    "suggestion_links",
    "suggestion_popover",
    "text",
    "text_width",
    "toggle",
]
