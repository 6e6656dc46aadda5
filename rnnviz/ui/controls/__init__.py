"""The controls of all pages: each carries its value in the address and in the session.

A key is unique in the whole app ("step.cell"); the parameter in the address is the part after the
dot. A control answers with a value that its rule allows, whatever the address or the browser sent.
Labels and options arrive translated; codes go into the address, so that a link outlives a language.
"""

from rnnviz.ui.controls.held import hold, keep
from rnnviz.ui.controls.parse import stops
from rnnviz.ui.controls.suggestions import try_there, try_this
from rnnviz.ui.controls.widgets import choose, folded, room, several, slider, text, toggle

__all__ = [
    "choose",
    "folded",
    "hold",
    "keep",
    "room",
    "several",
    "slider",
    "stops",
    "text",
    "toggle",
    "try_there",
    "try_this",
]
