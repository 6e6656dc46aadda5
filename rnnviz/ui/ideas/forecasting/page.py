"""The parts of the page, of which only the open one is drawn."""

from collections.abc import Callable

from rnnviz.messages import N_
from rnnviz.ui import controls
from rnnviz.ui.ideas.forecasting import fit, guesses, order, window
from rnnviz.ui.language import _

PARTS: dict[str, tuple[str, Callable[[], None]]] = {
    "window": (N_("The window"), window.draw),
    "guesses": (N_("Your guesses"), guesses.draw),
    "order": (N_("What order is worth"), order.draw),
    "fit": (N_("Overfitting"), fit.draw),
}
"""By code: the title, a message, and what draws the part."""


def draw() -> None:
    """Draw the choice of a part, and that part."""
    titles = {code: _(title) for code, (title, _draw) in PARTS.items()}
    part = controls.choose(
        "forecasting.part",
        _("What to look at"),
        titles,
        "window",
        help=_("Each part asks another question of the same weather."),
        segmented=True,
    )
    PARTS[part][1]()
