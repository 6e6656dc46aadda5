"""The parts of the page; only the one that is seen is drawn."""

from collections.abc import Callable

from rnnviz.messages import N_
from rnnviz.ui import controls
from rnnviz.ui.ideas.convolution.fragments import draw_fragments
from rnnviz.ui.ideas.convolution.order import draw_order
from rnnviz.ui.ideas.convolution.stack import draw_stack
from rnnviz.ui.ideas.convolution.window import draw_window
from rnnviz.ui.language import _

PARTS: dict[str, tuple[str, Callable[[], None]]] = {
    "window": (N_("Window"), draw_window),
    "order": (N_("Move and swap"), draw_order),
    "stack": (N_("Stack and cost"), draw_stack),
    "fragments": (N_("Fragments"), draw_fragments),
}
"""By code: what a part is called, and what draws it."""


def draw_page() -> None:
    """Draw the choice of a part, and the part."""
    options = {code: _(title) for code, (title, _draw) in PARTS.items()}
    part = controls.choose(
        "convolution.part",
        _("Part"),
        options,
        "window",
        help=_("A convolution answers to a few neighbouring steps; each part asks what follows."),
    )
    PARTS[part][1]()
