"""The four parts of the page, each drawn from results that all visitors share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st
from markupsafe import Markup

from rnnviz.ideas.claims import Claim
from rnnviz.ideas.listing import Listing
from rnnviz.messages import Message, Problem
from rnnviz.palette import Theme
from rnnviz.ui import show
from rnnviz.ui.background import computed
from rnnviz.ui.ideas import draw_claim, draw_finding, draw_listings
from rnnviz.ui.ideas.keras import controls, findings, picture
from rnnviz.ui.language import _, current, say
from rnnviz.ui.picture import draw
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.keras.choice import ModelChoice
    from rnnviz.ideas.keras.defaults_part import Starts
    from rnnviz.ideas.keras.text_part import TextChoice
    from rnnviz.ideas.keras.training_part import Losses

SIDE_BY_SIDE = "pages/train/side_by_side.py"
VANISHING = "pages/learn/vanishing.py"


@dataclass(frozen=True)
class Part:
    """What a part says and shows."""

    finding: Message
    claim: Claim
    html: Markup


@shared(max_entries=300)
def _model(choice: "ModelChoice", language: str) -> Part:
    from rnnviz.ideas.keras.model_part import compare_models

    html = picture.comparison(compare_models(choice))
    return Part(findings.model_finding(choice), findings.model_claim(choice), html)


@shared(max_entries=300)
def _text(choice: "TextChoice", language: str) -> Part:
    from rnnviz.ideas.keras.text_part import compare_texts, number_words

    ids, html = number_words(choice), picture.comparison(compare_texts(choice))
    return Part(findings.text_finding(choice, ids), findings.text_claim(ids), html)


@shared(max_entries=300)
def _training(epochs: int, losses: "Losses", language: str) -> Part:
    from rnnviz.ideas.keras.training_part import compare_training

    html = picture.comparison(compare_training(epochs))
    finding = findings.training_finding(losses, epochs)
    return Part(finding, findings.training_claim(losses), html)


@shared(max_entries=50)
def _defaults(choice: "ModelChoice", keras: bool, language: str, _starts: "Starts") -> Part:
    from rnnviz.ideas.keras.defaults_part import differences

    finding = findings.defaults_finding(choice, _starts, keras=keras)
    claim = findings.defaults_claim(_starts, keras=keras)
    return Part(finding, claim, picture.defaults_table(differences(choice)))


@shared(max_entries=100)
def _curves(
    choice: "ModelChoice", keras: bool, language: str, theme: Theme, _starts: "Starts"
) -> show.ReadyFigure:
    from rnnviz import figures

    names = {True: _("Keras' defaults"), False: _("PyTorch's defaults")}
    chosen, other = (
        (names[start], _starts.flow(choice.cell, keras=start)) for start in (keras, not keras)
    )
    return show.finish(
        figures.two_starts(chosen, other, _),
        title=say(findings.defaults_finding(choice, _starts, keras=keras)),
        caption=_(
            "Read from right to left: a gradient of norm 1 enters with the loss. Why the start"
            " matters: at every step back the gradient is multiplied by the weights from state to"
            " state, and in the LSTM by the forget gate. Median and 10–90 % band of {networks}"
            " untrained networks with {hidden} units; dotted, the median from the other start.",
            networks=_starts.pytorch.settings.seeds,
            hidden=_starts.pytorch.settings.hidden,
        ),
        alt=_("Two curves on a logarithmic scale: the norm of the gradient at each time step."),
        theme=theme,
    )


def _draw_part(part: Part, why: str, key: str, listings: Callable[[], Sequence[Listing]]) -> None:
    draw_finding(part.finding)
    draw(part.html, key=f"keras.lines.{key}")
    st.caption(why)
    draw_claim(part.claim)
    draw_listings(listings, key=f"keras.{key}.listings")


def draw_model() -> None:
    """Draw the model in three libraries."""
    from rnnviz.ideas.keras.programs import model_listings

    choice = controls.choose_model()
    why = _(
        "Lines with one number do the same; point at one to see them all. With copied weights both"
        " models give the same output, to a millionth."
    )
    _draw_part(_model(choice, current()), why, "model", lambda: model_listings(choice))


def draw_text() -> None:
    """Draw how a text becomes numbers in three libraries."""
    from rnnviz.ideas.keras.programs import text_listing

    choice = controls.choose_text()
    why = _(
        "Why it matters: a number that the model has learned means another word when the dictionary"
        " is built by other rules."
    )
    part = _text(choice, current())
    _draw_part(part, why, "text", lambda: [text_listing(choice)])
    st.page_link(
        SIDE_BY_SIDE,
        label=_("Train on the film reviews"),
        icon=":material/directions_run:",
        query_params={"task": "sentiment"},
    )


def draw_training() -> None:
    """Draw the training in three libraries, with what the PyTorch lines lead to."""
    from rnnviz.ideas.keras.programs import training_listing

    choice, epochs = controls.choose_training()
    try:
        losses: Losses = computed("rnnviz.ideas.keras.training_part:train", choice, epochs)
    except Problem as problem:
        show.problem(problem)
        return
    why = _(
        "The four texts are good, bad, worse and so good. fit and the loop are the same training:"
        " a GRU with the same weights comes to the same loss. In the LSTM and the RNN of PyTorch"
        " both bias vectors move, so their sum moves twice as far as the one of Keras."
    )
    part = _training(epochs, losses, current())
    _draw_part(part, why, "training", lambda: [training_listing(choice, epochs, losses)])


def draw_defaults() -> None:
    """Draw the defaults that differ, and what they make of the gradient."""
    from rnnviz.ideas.keras.programs import gradient_listing

    left, right = st.columns([1.3, 2], vertical_alignment="bottom")
    with left:
        choice = controls.choose_cell()
    with right:
        keras = controls.choose_start()
    try:
        starts: Starts = computed("rnnviz.ideas.keras.defaults_part:measure_starts")
    except Problem as problem:
        show.problem(problem)
        return
    part = _defaults(choice, keras, current(), starts)
    ready = _curves(choice, keras, current(), show.theme(), starts)
    show.figure(ready, key="keras.curves", data=lambda: _numbers(choice, starts))
    draw(part.html, key="keras.table")
    draw_claim(part.claim)
    with st.container(horizontal=True):
        st.page_link(
            VANISHING,
            label=_("Vanishing gradients"),
            icon=":material/trending_down:",
            query_params={"initialisation": "keras" if keras else "pytorch"},
        )
        st.page_link(
            SIDE_BY_SIDE,
            label=_("Train with both kinds of recurrent dropout"),
            icon=":material/directions_run:",
            query_params={"task": "sentiment", "state_dropout": "0.2"},
        )
    draw_listings(
        lambda: [gradient_listing(choice, starts, keras=keras)], key="keras.defaults.listings"
    )


def _numbers(choice: "ModelChoice", starts: "Starts") -> pd.DataFrame:
    from rnnviz.gradient_flow import band

    columns = {
        f"{name}_{kind}": values.tolist()
        for name, keras in (("pytorch", False), ("keras", True))
        for kind, values in zip(
            ("low", "median", "high"),
            band(starts.flow(choice.cell, keras=keras).norms),
            strict=True,
        )
    }
    return pd.DataFrame({"step": range(1, len(columns["keras_median"]) + 1)} | columns)


DRAW: dict[str, Callable[[], None]] = {
    "model": draw_model,
    "text": draw_text,
    "training": draw_training,
    "defaults": draw_defaults,
}
"""How each part is drawn, by its code."""
