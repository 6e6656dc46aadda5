"""The page "Step through": what it asks, the models behind it, and its figure.

asked = step.Asked(example="hello")
found = step.lesson(asked)       # Problem: nothing to read
step.walk(found)                 # the stage, keeping its place in the address
step.numbers(found)              # what the stage shows, as CSV
step.words_left(found)           # how much of each word is left

code = step.asked()              # a stored run that the link names, or ""
found = step.reopened(code)      # the run at any moment of its training
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from rnnviz.messages import N_
from rnnviz.names import CELL_NAMES
from rnnviz.settings import Range
from rnnviz.ui import controls, show, stage
from rnnviz.ui.language import _
from rnnviz.ui.session import get_or_create
from rnnviz.ui.step.lesson import Lesson, LessonSettings, lesson
from rnnviz.ui.step.stored_run import linked_run, stored_run_lesson
from rnnviz.ui.step_through_check import MAX_TIME_STEPS

__all__ = [
    "CELL_NAMES",
    "HIDDEN_UNITS",
    "LAYERS",
    "OWN_TEXT",
    "SEED",
    "SUGGESTIONS",
    "TEXT_LIMIT",
    "Lesson",
    "LessonSettings",
    "lesson",
    "linked_run",
    "show_download",
    "show_stage",
    "show_token_shares",
    "stored_run_lesson",
]

HIDDEN_UNITS = Range(2, 64, label=N_("Hidden units"))
LAYERS = Range(1, 2, label=N_("Layers"))
SEED = Range(0, 99, label=N_("Seed"))
STEP = Range(0, MAX_TIME_STEPS - 1, label=N_("Time step"))

TEXT_LIMIT = 1000
"""Characters of a visitor's text; more than `LIMIT` tokens are not read anyway."""

OWN_TEXT = "Will it rain in Seoul tomorrow?"
LONG_SENTENCE = (
    "Good morning, could you please be so kind and tell me, before I leave the house and take the "
    "train to the city with my friends, what time it is now?"
)
_TIME = {"step.example": "time", "step.weights": "trained", "step.t": 0, "step.backward": False}
_TIME |= {"step.hidden": 16, "step.layers": 1}
_OWN = _TIME | {"step.example": "own"}
SUGGESTIONS: tuple[tuple[str, Mapping[str, object]], ...] = (
    (
        N_("Watch the gradient walk back from the answer"),
        _TIME | {"step.t": 4, "step.backward": True},
    ),
    (
        N_("“hello”: one l is followed by l, the other by o. Compare the states"),
        _TIME | {"step.example": "hello", "step.t": 2},
    ),
    (N_("The same networks before training"), _TIME | {"step.weights": "untrained", "step.t": 4}),
    (N_("Only two hidden units: is that enough?"), _TIME | {"step.hidden": 2, "step.t": 4}),
    (
        N_("A long sentence: what is left of its first word?"),
        _OWN | {"step.unit": "word", "step.text": LONG_SENTENCE},
    ),
    (
        N_("Can it count? aaaaaaab, character by character"),
        _OWN | {"step.unit": "character", "step.text": "aaaaaaab"},
    ),
)
"""What the page suggests, and the controls that each suggestion sets."""

FINDING = N_("What is left of the first token, “{token}”, at the end: {shares}")
CAPTION = N_(
    "How to read it: leave one token out (its input vector set to zero), run the network again, "
    "and see how far its hidden state moves. Done for every token, the distances are shown as "
    "shares of their sum (leave-one-out, top layer). A share says what the state would miss, not "
    "where it is stored."
)
ALT = N_("Shares of each token in the final hidden state. {cells}")


@st.fragment
def show_stage(found: Lesson) -> None:
    """The stage. Where the visitor stands is kept in the address; moving reruns nothing else."""
    last: dict[str, Any] = get_or_create("step.walk", dict)
    # Another text begins at its beginning, unless the place came with it (a link, a suggestion).
    if last.get("tokens") not in (None, found.tokens) and last["place"] == _place():
        _moved(stage.Position())
    at, back = _place()
    last.update(tokens=found.tokens, place=(at, back))
    stage.show(
        found.cell_views,
        found.tokens,
        key="step.stage",
        unknown=found.unknown,
        code=found.pseudocode,
        prediction_title=found.prediction_title,
        start=stage.Position(min(at, len(found.tokens) - 1), "backward" if back else "forward"),
        on_move=_moved,
    )


def show_download(found: Lesson) -> None:
    """A button that saves all numbers of the stage; they are put together when it is pressed."""
    from rnnviz.ui.step.table import table

    show.download(
        lambda: table(found.cell_views, found.tokens),
        key="step.stage.csv",
        label=_("Download the numbers of the stage (CSV)"),
    )


def _place() -> tuple[int, bool]:
    return int(controls.address_value("step.t", 0, rule=STEP)), controls.address_value(
        "step.backward", False
    )


def _moved(position: stage.Position) -> None:
    controls.set_address_value("step.t", position.step)
    controls.set_address_value("step.backward", position.phase == "backward")


def show_token_shares(found: Lesson) -> None:
    """How much of each token is left in the state, per cell: figure, caption and numbers."""
    from rnnviz.figures.memory import MAX_BARS, percent, readable
    from rnnviz.figures.memory import token_shares as drawn

    final = {cell: shares.shares.tolist() for cell, shares in found.shares.items()}
    of_first = ", ".join(
        f"{CELL_NAMES[cell]} {percent(shares[0])}" for cell, shares in final.items()
    )
    told = "; ".join(
        f"{CELL_NAMES[cell]}: "
        + ", ".join(
            f"{token} {percent(share)}" for token, share in zip(found.tokens, shares, strict=True)
        )
        for cell, shares in final.items()
    )
    T = len(found.tokens)
    rows = [
        {
            "cell": CELL_NAMES[cell],
            "after_step": after + 1,
            "after_token": found.tokens[after],
            "token_step": token + 1,
            "token": found.tokens[token],
            "share": shares.shares_over_time[after, token].item(),
            "distance": shares.table[after, token].item(),
        }
        for cell, shares in found.shares.items()
        for after in (range(T) if T <= MAX_BARS else [T - 1])
        for token in range(after + 1)
    ]
    first = readable(found.tokens[0])
    show.figure(
        drawn(found.shares, found.tokens, _),
        key="step.words",
        title=_(FINDING, token=first, shares=of_first),
        caption=_(CAPTION),
        alt=_(ALT, cells=told),
        data=pd.DataFrame(rows),
    )
