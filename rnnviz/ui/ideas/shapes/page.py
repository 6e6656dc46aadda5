"""The page: controls, the part that was chosen, the article's claim, and how to check it."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from rnnviz.ideas.claims import Claim
from rnnviz.ideas.listing import Listing
from rnnviz.ideas.shapes.settings import LayerSettings
from rnnviz.messages import N_
from rnnviz.settings import Range
from rnnviz.ui import controls, show
from rnnviz.ui.ideas import draw_claim, draw_finding, draw_listings
from rnnviz.ui.ideas.shapes import study
from rnnviz.ui.ideas.shapes.controls import settings
from rnnviz.ui.ideas.shapes.loop import loop_picture
from rnnviz.ui.ideas.shapes.returns import returns_picture
from rnnviz.ui.ideas.shapes.sequences import padding_picture, state_picture
from rnnviz.ui.ideas.shapes.tensors import tensors_picture
from rnnviz.ui.ideas.shapes.unrolled import weights_picture
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import draw as draw_picture

PADS = Range(0, 20, label=N_("Padding after the sequence"))


def draw() -> None:
    """Draw the page below its header."""
    part, layer = settings()
    DRAW[part](layer)


def draw_shapes(layer: LayerSettings) -> None:
    """Draw input, output and last states as cuboids, and the weights as boxes."""
    reading = study.read(layer)
    finding, claim = study.shapes_words(layer, reading)
    draw_finding(finding)
    unit = controls.address_value("shapes.unit", "")
    picture = tensors_picture(layer, unit[:8], current(), show.theme(), reading)
    draw_picture(picture, key="shapes.tensors", pick="shapes.unit")
    why = [
        _(
            "Why: output keeps the top layer's state of every time step, h_n of each layer and "
            "direction the state after the last step that it reads; read backwards, that is the "
            "first."
        ),
        _(
            "The data decide B, T and the inputs (and the rows of an embedding table); you decide "
            "hidden units, layers and directions."
        ),
        _(
            "batch_first moves the batch of input and output, never that of h_n or of h_0, which "
            "is zeros unless you pass it."
        ),
    ]
    _finish(why, claim, "shapes", lambda: _programs().shapes_listings(reading))


def draw_returns(layer: LayerSettings) -> None:
    """Draw what a Keras layer returns, and what it leaves out."""
    reading = study.read(layer)
    row = st.container(horizontal=True, gap="medium")
    sequences = controls.toggle(
        "shapes.sequences",
        "return_sequences",
        False,
        help=_("Whether the layer returns the states of all time steps, not the last alone."),
        container=row,
    )
    state = controls.toggle(
        "shapes.return_state",
        "return_state",
        False,
        help=_("Whether it also returns the last states, to start another layer from them."),
        container=row,
    )
    backwards = False
    if not layer.is_bidirectional:
        backwards = controls.toggle(
            "shapes.backwards",
            "go_backwards",
            False,
            help=_("Whether the layer reads from the last step to the first."),
            container=row,
        )
    values, finding, claim = study.returned(layer, sequences, state, backwards, reading)
    draw_finding(finding)
    picture = returns_picture(layer, sequences, state, backwards, current(), show.theme(), values)
    draw_picture(picture, key="shapes.returns")
    why = [
        _(
            "Why: one answer for the whole sequence needs only the last state; an answer for every "
            "step, or another recurrent layer above, needs all of them (return_sequences=True)."
        ),
        _(
            "return_state adds the last states as values of their own. go_backwards reads from the "
            "end, and Keras returns the states in the order of reading. Keras always has the batch "
            "first."
        ),
    ]
    _finish(
        why,
        claim,
        "returns",
        lambda: _programs().returns_listings(
            layer, sequences=sequences, state=state, backwards=backwards
        ),
    )


def draw_padding(layer: LayerSettings) -> None:
    """Draw what becomes of a sequence's last vector when padding follows."""
    pads = controls.slider(
        "shapes.pads",
        _(PADS.label),
        PADS,
        5,
        help=_("Vectors of zeros that make a short sequence as long as the longest of its batch."),
        container=st.container(width=320),
    )
    padded, finding, claim = study.padded(layer, pads)
    draw_finding(finding)
    draw_picture(padding_picture(layer, pads, current(), show.theme(), padded), key="shapes.padded")
    why = [
        _(
            "Why: a padded step is a step. The input is zero, the state is not, so W_hh and the "
            "biases go on changing it."
        ),
        _(
            "column_gather(y_out, lengths) takes the vector at the true length; "
            "pack_padded_sequence never reads the padding, in either direction."
        ),
    ]
    _finish(why, claim, "padding", lambda: _programs().padding_listings(layer, pads))


def draw_weights(layer: LayerSettings) -> None:
    """Draw the same weights at every time step."""
    reading = study.read(layer)
    finding, claim = study.weights_words(layer, reading)
    draw_finding(finding)
    draw_picture(weights_picture(layer, current(), show.theme()), key="shapes.unrolled")
    why = [
        _(
            "Why: what is worth noticing in a sequence may come at any time step, and sequences "
            "have any length, so every step uses the same matrices W_ih and W_hh."
        ),
        _(
            "Drawn is the first layer, forwards, at most three units; of gated cells the first "
            "gate. The program below is the article's ElmanRNN: a cell in a loop, and permute for "
            "batch_first."
        ),
    ]
    _finish(why, claim, "weights", lambda: _programs().weights_listings(reading))


def draw_state(layer: LayerSettings) -> None:
    """Draw two sequences, the second from zeros or from the first one's last state."""
    options = {"reset": _("reset"), "carried": _("carried over")}
    between = controls.choose(
        "shapes.between",
        _("State between two sequences"),
        options,
        "reset",
        help=_(
            "Whether the second sequence starts from zeros or from the last state of the first."
        ),
    )
    is_carried = between == "carried"
    two, finding, claim = study.two_sequences(layer, is_carried)
    draw_finding(finding)
    draw_picture(
        state_picture(layer, is_carried, current(), show.theme(), two), key="shapes.sequences_read"
    )
    why = [
        _(
            "Why: a state is what the layer remembers. Examples that have nothing to do with each "
            "other are reset; the pieces of one long text are not."
        ),
        _("Drawn is the first layer, forwards; the bars are distances between the two ways."),
    ]
    _finish(why, claim, "state", lambda: _programs().state_listings(layer))


def draw_loop(layer: LayerSettings) -> None:
    """Draw the loop of NumPy with its current line and values."""
    loop, finding, claim = study.loop(layer)
    step = 0
    if layer.steps > 1:
        rule = Range(1, layer.steps, label=N_("Time step"))
        help = _("The round of the loop whose values are shown.")
        box = st.container(width=320)
        step = controls.slider("shapes.t", _(rule.label), rule, 1, help=help, container=box) - 1
    line = controls.address_value("shapes.line", len(loop.body), rule=Range(0, 99))
    line = min(line, len(loop.body) - 1)
    draw_finding(finding)
    picture = loop_picture(layer, step, line, current(), show.theme(), loop)
    draw_picture(picture, key="shapes.program", pick="shapes.line")
    why = [
        _(
            "Why: this is all that a recurrent layer does. Press a line of the loop to stop there; "
            "move the time step, and the same lines compute with the next input and the last state."
        ),
        _("Computed are the first sequence, the first layer, forwards, in float64."),
    ]
    _finish(why, claim, "loop", lambda: _programs().loop_listings(layer))


def _finish(
    why: Sequence[str], claim: Claim, name: str, listings: Callable[[], Sequence[Listing]]
) -> None:
    """Draw the sentences under a picture, the claim, and the programs."""
    st.caption(show.escape_markdown(" ".join(why)))
    draw_claim(claim)
    draw_listings(listings, key=f"shapes.check-{name}")


def _programs() -> Any:
    """The module that writes the programs; it needs torch, so it is loaded when they are."""
    from rnnviz.ideas.shapes import listings

    return listings


DRAW = {
    "shapes": draw_shapes,
    "returns": draw_returns,
    "padding": draw_padding,
    "weights": draw_weights,
    "state": draw_state,
    "loop": draw_loop,
}
"""By part: what draws it."""
