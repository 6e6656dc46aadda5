"""What the page draws: the finding, the picture, the claims, the programs, things to try."""

import streamlit as st

from rnnviz.messages import Problem
from rnnviz.ui import controls, picture, show
from rnnviz.ui.ideas import draw_claim, draw_finding, draw_listings
from rnnviz.ui.ideas.gates import study
from rnnviz.ui.ideas.gates.controls import GateSettings, draw_settings, suggestions
from rnnviz.ui.ideas.gates.surgery import draw_surgery
from rnnviz.ui.language import _, current, say


def draw_page() -> None:
    """Draw the controls and what follows from them."""
    settings = draw_settings()
    if settings.part == "surgery":
        draw_surgery(settings.cell, settings.seed)
    else:
        _draw_unit(settings)
    controls.suggestion_buttons(suggestions(), scroll_up=True)


def _draw_unit(settings: GateSettings) -> None:
    """Draw the goal, the finding, the unit, what it says about the claims, and the programs."""
    cell, signal, holds, seed = settings.cell, settings.signal, settings.holds, settings.seed
    walk, unit = study.own_walk(cell, signal, holds), None
    st.markdown(show.escape_markdown(say(study.goal_of(signal))))
    if settings.part == "trained":
        try:
            unit = study.train_unit(cell, signal, seed)
        except Problem as problem:
            show.problem(problem)
    if unit is None:
        draw_finding(study.hand_finding(cell, signal, holds))
    else:
        draw_finding(study.comparison_with(cell, signal, holds, seed, unit))
    html = study.unit_picture(settings, current(), show.theme(), unit is not None, unit)
    picture.draw(html, key="gates.picture", pick="gates.t")
    st.caption(show.escape_markdown(_why(unit.steps if unit else 0)))
    for claim in study.claims(cell, signal, holds):
        draw_claim(claim)
    draw_listings(lambda: study.programs(cell, signal, holds), key="gates.listings")
    show.download(lambda: study.table(walk), key="gates.steps.csv")


def _why(training_steps: int) -> str:
    """Why the water does what it does, and how the trained unit came about, if there is one."""
    sentence = _(
        "Why: a step multiplies the memory by one gate and adds what another lets in. A factor f "
        "at every step leaves half after ln 2 / −ln f steps; only f = 1 loses nothing. Coloured "
        "bars are gates that you hold, grey ones follow the unit's random weights. Click a step to "
        "see its valves; its numbers add up."
    )
    if not training_steps:
        return sentence
    return f"{sentence} " + _(
        "The trained unit read random signals with the same goal in {steps} training steps; nobody "
        "told it what its gates should do.",
        steps=training_steps,
    )
