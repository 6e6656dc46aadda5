"""Vanishing gradients
:material/trending_down:
See how much of the gradient is left at every time step, and what makes it vanish or explode.
order: 20
"""

import streamlit as st

from rnnviz.ui import permalink, show, vanishing

show.header(__doc__)


def draw_study() -> None:
    """Draw the controls, the figures, and things to try."""
    picture, side = st.columns([2.4, 1], gap="large")
    with side:
        settings = vanishing.settings()
    with picture:
        result = vanishing.measure(settings)
        vanishing.show_norms(result)
        vanishing.show_clipping(result)

    vanishing.show_suggestions()

    left, right = st.columns(2, gap="large")
    with left:
        vanishing.show_step_factors(result)
    with right:
        vanishing.show_activations(result)


permalink.fragment(draw_study)
