"""Overfitting: training and validation loss of a small model of surnames on one axis."""

import streamlit as st

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.learning import listings
from rnnviz.ideas.learning.results import EPOCHS, Curves
from rnnviz.messages import N_, Message
from rnnviz.palette import Theme
from rnnviz.ui import controls, show
from rnnviz.ui.background import computed
from rnnviz.ui.ideas.learning import ranges
from rnnviz.ui.ideas.learning.parts import CACHED, Part, draw_part, part
from rnnviz.ui.language import _, current
from rnnviz.ui.shared_cache import shared

TRAIN = "rnnviz.ideas.learning.overfitting:train_curves"
SIZES = ("100", "200", "400")
UNITS = ("4", "8", "32", "64")


def draw() -> None:
    """Draw the controls and the two curves."""
    columns = st.columns([1, 1.2, 1.4], gap="medium")
    with columns[0]:
        size = controls.choose(
            "learning.names",
            _("Training names"),
            {each: each for each in SIZES},
            "400",
            help=_("How many surnames are trained on; all other names are new to the model."),
        )
    with columns[1]:
        units = controls.choose(
            "learning.units",
            _("Hidden units"),
            {each: each for each in UNITS},
            "32",
            help=_("The size of the GRU that reads a name letter by letter."),
        )
    with columns[2]:
        dropout = controls.slider(
            "learning.dropout",
            "",
            ranges.DROPOUT,
            0.0,
            help=_("The share of numbers that are set to 0 at random in training, never in tests."),
        )
    curves: Curves = computed(TRAIN, int(size), int(units), dropout)
    draw_part(
        _part(int(size), int(units), dropout, current(), show.theme(), curves),
        "fit",
        lambda: listings.overfitting(int(size), int(units), dropout, curves),
    )


@shared(max_entries=CACHED)
def _part(
    size: int, units: int, dropout: float, language: str, theme: Theme, _curves: Curves
) -> Part:
    from rnnviz.figures import learning as figures

    training, validation = _curves.training, _curves.validation
    values = {
        "best": _curves.best,
        "least": f"{validation[_curves.best]:.2f}",
        "end": f"{validation[-1]:.2f}",
        "first": f"{training[_curves.best]:.2f}",
        "training": f"{training[-1]:.2f}",
        "epochs": EPOCHS,
    }
    finding = Message(
        N_(
            "It overfits: from epoch {best} on the training loss falls to {training}, but on new"
            " names the loss rises from {least} to {end}"
        )
        if _curves.overfits
        else N_(
            "It does not overfit within {epochs} epochs: on new names the loss ends at {end},"
            " hardly above its best, {least}"
        ),
        values,
    )
    claim = Claim(
        Message(
            N_("Draw the training loss and the validation loss: where they part, it overfits.")
        ),
        Verdict.RIGHT,
        Message(
            N_(
                "The training loss alone, {first} at epoch {best} and {training} at the end, would"
                " never tell; the validation loss goes from {least} to {end}."
            ),
            values,
        ),
    )
    return part(
        figures.overfitting_curves(_curves, _),
        finding,
        _(
            "The training names are used for the loop: batch, loss, gradient, update. The"
            " validation names are only measured, in evaluation mode (model.eval(): no dropout,"
            " no gradient). A model with {parameters} numbers can learn {size} names by heart,"
            " which is no help with new ones.",
            parameters=f"{_curves.parameters:,}",
            size=size,
        ),
        _("Two lines over the epochs: training loss and validation loss."),
        claim,
        {
            "epoch": range(len(training)),
            "training_loss": training,
            "validation_loss": validation,
            "validation_accuracy": _curves.accuracy,
        },
        theme,
    )
