"""The three sliders of the window, with one value in all parts of the page."""

import streamlit as st

from rnnviz.ideas.forecasting.settings import AHEAD, DAYS, EVERY, WindowSettings
from rnnviz.messages import N_
from rnnviz.ui import controls
from rnnviz.ui.language import _

PRESETS = (
    (N_("Article 2: ten days hour by hour, the next day"), (10, 1, 24)),
    (N_("Article 3: four days, the fifth"), (4, 24, 24)),
)
"""The articles' windows: what they are called, and days, hours, hours."""


def window_settings() -> WindowSettings:
    """Draw the sliders."""
    with controls.folded_on_phone("forecasting-settings"):
        columns = st.columns(3, gap="medium")
        days = controls.slider(
            "forecasting.days",
            "",
            DAYS,
            10,
            help=_("lookback: how far back a window reaches. A day has 144 rows."),
            container=columns[0],
        )
        every = controls.slider(
            "forecasting.every",
            "",
            EVERY,
            1,
            help=_("step: one value out of so many hours is read. An hour has 6 rows."),
            container=columns[1],
        )
        ahead = controls.slider(
            "forecasting.ahead",
            "",
            AHEAD,
            24,
            help=_("delay: how long after the last value that is read the answer lies."),
            container=columns[2],
        )
    return WindowSettings(days, every, ahead)


def draw_presets() -> None:
    """Draw the articles' windows as suggestions."""
    items = [
        (
            _(title),
            {
                "forecasting.days": days,
                "forecasting.every": every,
                "forecasting.ahead": ahead,
            },
        )
        for title, (days, every, ahead) in PRESETS
    ]
    controls.suggestion_buttons(items, scroll_up=True)
