"""The series plotted first, its parts, and a window that the visitor moves over it."""

import streamlit as st
from markupsafe import Markup

from rnnviz.ideas.claims import Claim
from rnnviz.ideas.forecasting.settings import LAST_DAY, WindowSettings
from rnnviz.ideas.listing import Listing
from rnnviz.messages import Message
from rnnviz.settings import Range
from rnnviz.ui import controls
from rnnviz.ui.ideas import draw_claim, draw_finding, draw_listings
from rnnviz.ui.ideas.forecasting.controls import draw_presets, window_settings
from rnnviz.ui.ideas.forecasting.window_picture import picture
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import draw as draw_picture
from rnnviz.ui.shared_cache import shared

DAY = 470
"""Where the window stands at first: in the validation part."""


def draw() -> None:
    """Draw the sliders, the series, the window, the claims."""
    settings = window_settings()
    at = controls.slider(
        "forecasting.at",
        _("Day of the series: move the window"),
        Range(0, LAST_DAY),
        DAY,
        help=_("The day of the last value that is read; a click on the series moves it, too."),
    )
    finding, html, claims, counts = _view(settings, at, current())
    draw_finding(finding)
    draw_picture(html, key="forecasting.window", pick="forecasting.at")
    st.caption(
        _(
            "Plotted before anything is trained: a yearly rhythm, a daily one, a gap of 20 days "
            "(hatched). It is the weather at a met mast, 95,629 rows, one every ten minutes; the "
            "article's file from Jena has 420,551 and can be read under Side by side. The parts "
            "follow each other in time: a random split would put tomorrow into the training. "
            "Training has {train} windows, validation {validation}, test {test}; they are "
            "shuffled for training only.",
            **counts,
        )
    )
    for claim in claims:
        draw_claim(claim)
    draw_listings(lambda: _listings(settings, at), key="forecasting.code")
    draw_presets()


@shared(max_entries=200)
def _view(
    settings: WindowSettings, at: int, language: str
) -> tuple[Message, Markup, tuple[Claim, ...], dict[str, str]]:
    from rnnviz.ideas.forecasting.claims import window_claims
    from rnnviz.ideas.forecasting.findings import window_finding
    from rnnviz.ideas.forecasting.window import look, overview

    view = look(settings, at)
    counts: dict[str, str] = {split: f"{count:,}" for split, count in view.counts.items()}
    return window_finding(view), picture(overview(), view), window_claims(view), counts


@shared(max_entries=50)
def _listings(settings: WindowSettings, at: int) -> tuple[Listing, ...]:
    from rnnviz.ideas.forecasting.listings import window_listings
    from rnnviz.ideas.forecasting.window import look

    return window_listings(look(settings, at))
