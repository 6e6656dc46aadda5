"""The window that slides over a text, and what a cell of the last layer sees through it."""

import streamlit as st
from markupsafe import Markup

from rnnviz.ideas.claims import Claim
from rnnviz.ideas.listing import Listing
from rnnviz.messages import N_, Message
from rnnviz.palette import Theme
from rnnviz.settings import Range
from rnnviz.ui import controls, show
from rnnviz.ui.ideas import draw_claim, draw_finding, draw_listings
from rnnviz.ui.ideas.convolution import window_picture
from rnnviz.ui.ideas.convolution.controls import (
    dilation_slider,
    kernel_slider,
    layers_slider,
)
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import draw
from rnnviz.ui.shared_cache import shared

TEXT = "the cat sat on the mat by the door"
MAX_LENGTH = 60
FIRST = 10
"""The cell that is chosen at first, with its window in sight on a phone."""


def draw_window() -> None:
    """Draw the stack over the visitor's text, and what its chosen cell sees."""
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    text = controls.text(
        "convolution.text",
        _("Text"),
        TEXT,
        limit=MAX_LENGTH,
        help=_("Each character is a time step: a vector of 8 numbers."),
        container=left,
    )
    kernel = kernel_slider(right)
    with controls.folded_on_phone("convolution-window-settings"):
        row = st.columns(3, vertical_alignment="bottom")
        layers = layers_slider(row[0])
        doubling = controls.toggle(
            "convolution.doubling",
            _("Double the dilation in each layer"),
            False,
            help=_(
                "1, 2, 4, 8 from the lowest layer up, as in WaveNet (van den Oord et al. 2016)."
            ),
            container=row[2],
        )
        dilation = 1 if doubling else dilation_slider(row[1])
    if not text:
        st.info(_("Type a text: without a character there is nothing to read."))
        return
    last = len(text) - 1
    at = controls.address_value("convolution.at", -1, rule=Range(-1, MAX_LENGTH - 1))
    at = min(at if at >= 0 else FIRST, last)
    arguments = (kernel, dilation, layers, doubling, text, at)
    finding, picture, claims = _view(*arguments, current(), show.theme())
    draw_finding(finding)
    draw(picture, key="convolution.window", pick="convolution.at")
    st.caption(
        _(
            "Click a cell of the top row to slide the window. Purple: how strongly a character"
            " moves that cell (the size of the gradient); red: what one of 16 filters answers;"
            " hatched: zeros before the text. The weights are random: what a cell can see is"
            " decided by the shape, not by training."
        )
    )
    for claim in claims:
        draw_claim(claim)
    draw_listings(lambda: _listings(*arguments), key="convolution.window.code")


@shared(max_entries=200)
def _view(
    kernel: int,
    dilation: int,
    layers: int,
    doubling: bool,
    text: str,
    at: int,
    language: str,
    theme: Theme,
) -> tuple[Message, Markup, tuple[Claim, ...]]:
    from rnnviz.ideas.convolution import WindowSettings, look_through
    from rnnviz.ideas.convolution.claims import window_claims

    settings = WindowSettings(kernel, dilation, layers, doubling)
    window = look_through(settings, text, at)
    values = {
        "measured": window.measured,
        "touched": window.touched,
        "kernel": kernel,
        "sum": sum(settings.dilations),
        "T": len(text),
    }
    if window.measured == 1:
        finding = N_("A kernel of 1 sees one character at a time: no neighbours, no context")
    elif window.touched < window.measured:
        finding = N_(
            "A cell spans {measured} {measured:character|characters}, 1 + ({kernel} − 1) ×"
            " {sum}, but reads only {touched} of them: dilation leaves holes"
        )
    elif window.measured >= len(text):
        finding = N_(
            "A cell spans {measured} {measured:character|characters}, 1 + ({kernel} − 1) ×"
            " {sum}: the whole text of {T}"
        )
    else:
        finding = N_(
            "A cell sees {measured} {measured:character|characters}, 1 + ({kernel} − 1) ×"
            " {sum}, and nothing of the rest of the text"
        )
    return Message(finding, values), window_picture.picture(window, theme), window_claims(window)


@shared(max_entries=50)
def _listings(
    kernel: int, dilation: int, layers: int, doubling: bool, text: str, at: int
) -> tuple[Listing, ...]:
    from rnnviz.ideas.convolution import WindowSettings, look_through
    from rnnviz.ideas.convolution.listings import window_listings

    settings = WindowSettings(kernel, dilation, layers, doubling)
    return window_listings(look_through(settings, text, at))
