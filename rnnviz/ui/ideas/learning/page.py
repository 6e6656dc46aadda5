"""Which part of the page is open."""

from rnnviz.messages import N_
from rnnviz.ui import controls
from rnnviz.ui.ideas.learning import activation, cuts, depth, fit, left_on, rate, step
from rnnviz.ui.language import _

PARTS = {
    "step": (N_("One step"), step.draw),
    "rate": (N_("Learning rate"), rate.draw),
    "depth": (N_("Depth and time"), depth.draw),
    "activation": (N_("Activation"), activation.draw),
    "cuts": (N_("Truncation"), cuts.draw),
    "fit": (N_("Overfitting"), fit.draw),
    "left_on": (N_("Dropout left on"), left_on.draw),
}


def draw() -> None:
    """Draw the open part: its controls, its finding, its picture, the article's claim."""
    titles = {code: _(title) for code, (title, _draw) in PARTS.items()}
    part = controls.choose(
        "learning.part",
        _("What to look at"),
        titles,
        "step",
        help=_("One training step first; then what decides whether many of them lead anywhere."),
        segmented=True,
    )
    PARTS[part][1]()
