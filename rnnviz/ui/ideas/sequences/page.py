"""The parts of the page, of which only the open one is drawn."""

from collections.abc import Callable

from rnnviz.messages import N_
from rnnviz.ui import controls
from rnnviz.ui.ideas.sequences import alphabet, ball, machine, order, shuffle, tone
from rnnviz.ui.language import _

PARTS: dict[str, tuple[str, Callable[[], None]]] = {
    "ball": (N_("Guess the ball"), ball.draw),
    "alphabet": (N_("The alphabet backwards"), alphabet.draw),
    "machine": (N_("Memory machine"), machine.draw),
    "shuffle": (N_("Shuffle the words"), shuffle.draw),
    "tone": (N_("See a tone"), tone.draw),
    "order": (N_("Is it a sequence?"), order.draw),
}
"""By code: the title, a message, and what draws the part."""


def draw() -> None:
    """Draw the choice of a part, and that part."""
    titles = {code: _(title) for code, (title, _draw) in PARTS.items()}
    part = controls.choose(
        "sequences.part",
        _("What to try"),
        titles,
        "ball",
        help=_("A sequence is a row of items whose order matters; each part shows it otherwise."),
        segmented=True,
    )
    PARTS[part][1]()
