"""The two figures below the stage: how sensitive states are to each token, and what they keep.

T time steps.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from rnnviz.messages import N_, Problem
from rnnviz.names import CELL_NAMES
from rnnviz.ui import show
from rnnviz.ui.language import _
from rnnviz.ui.step.lesson import Lesson
from rnnviz.ui.step.probe_cache import probe_curve

if TYPE_CHECKING:  # Torch stays out of the start of the web process.
    from rnnviz.memory import ProbeCurve

SATURATED = 0.9
"""A value of a state beyond it, of at most 1, counts as saturated."""

SENSITIVITY = N_(
    "Sensitivity: of all that moves the final state when one token is left out, the first, "
    "“{token}”, makes up {shares}"
)
SENSITIVITY_CAPTION = N_(
    "How to read it: leave one token out (its input vector set to zero), run the network again, "
    "and see how far its hidden state moves. Done for every token, the distances are shown as "
    "shares of their sum (leave-one-out, top layer). This is sensitivity and not memory: the state "
    "would be another one without the token, but it need not tell which token it was."
)
SENSITIVITY_ALT = N_("What each token makes up of all that moves the final state. {cells}")

MEMORY = N_(
    "Memory: after {count} {count:token|tokens} a linear probe still names the first one in "
    "{shares} of random texts; guessing names {chance:.0%}"
)
PROBING = N_("Probing what the states remember …")
WHY = N_(
    "Why a network can be sensitive and forgetful at once: without its first token the state would "
    "be another one, but many first tokens, and all that was read since, lead to the same few "
    "states, so that they do not tell which token it was. A saturated value (beyond ±{limit}) says "
    "hardly more than yes or no, and any later token may flip it. Saturated here: {shares}."
)
WHY_UNBOUNDED = N_(
    "Why a network can be sensitive and forgetful at once: without its first token the state would "
    "be another one, but many first tokens, and all that was read since, lead to the same few "
    "states, so that they do not tell which token it was."
)
METHOD = N_(
    "How to read it: {training:,} random texts each begin with one token out of {candidates} and "
    "go on with any from the vocabulary. A linear probe (a ridge regression on the final state, "
    "top layer) learns to name that first token and is tested on {test:,} other texts, anew for "
    "each length. Dotted: the control, the same probe trained with shuffled labels; what a curve "
    "has above it, its selectivity, comes from the state."
)
OWN_TEXT_ONLY = N_("The model has learned one text only; to it these random ones are new.")
BOTH_WAYS = N_("This model reads backwards as well, so the first token is also the last it reads.")
ALL_RIGHT = N_("Of this text the probe names the first token, “{token}”, with {right}.")
SOME_RIGHT = N_(
    "Of this text the probe names the first token, “{token}”, with {right}, and another one with "
    "{wrong}."
)
ALL_WRONG = N_("Of this text the probe names another first token than “{token}” with {wrong}.")


def show_memory(lesson: Lesson) -> None:
    """Draw side by side the sensitivity to each token and what a probe reads off the final state.

    Nothing is drawn where no step reads a token of its own.
    """
    if not lesson.sensitivity:
        return
    left, right = st.columns(2, gap="large")
    with left:
        _show_sensitivity(lesson)
    with right:
        try:
            with st.spinner(_(PROBING)):
                curves = {
                    cell: probe_curve(probed, lesson.ids[0], len(lesson.ids))
                    for cell, probed in lesson.probed.items()
                }
        except Problem as problem:
            show.problem(problem)
        else:
            _show_probe(lesson, curves)


def _show_sensitivity(lesson: Lesson) -> None:
    from rnnviz.figures.sensitivity import MAX_BARS, percent, readable, token_sensitivity

    final = {cell: each.shares.tolist() for cell, each in lesson.sensitivity.items()}
    first_shares = [f"{CELL_NAMES[cell]} {percent(shares[0])}" for cell, shares in final.items()]
    all_shares = [
        f"{CELL_NAMES[cell]}: "
        + ", ".join(
            f"{token} {percent(share)}" for token, share in zip(lesson.tokens, shares, strict=True)
        )
        for cell, shares in final.items()
    ]
    T = len(lesson.tokens)
    rows = [
        {
            "cell": CELL_NAMES[cell],
            "after_step": after + 1,
            "after_token": lesson.tokens[after],
            "left_out_step": token + 1,
            "left_out_token": lesson.tokens[token],
            "sensitivity_share": each.shares_over_time[after, token].item(),
            "distance": each.table[after, token].item(),
        }
        for cell, each in lesson.sensitivity.items()
        for after in (range(T) if T <= MAX_BARS else [T - 1])
        for token in range(after + 1)
    ]
    show.figure(
        token_sensitivity(lesson.sensitivity, lesson.tokens, _),
        key="step.words",
        title=_(SENSITIVITY, token=readable(lesson.tokens[0]), shares=", ".join(first_shares)),
        caption=_(SENSITIVITY_CAPTION),
        alt=_(SENSITIVITY_ALT, cells="; ".join(all_shares)),
        data=pd.DataFrame(rows),
    )


def _show_probe(lesson: Lesson, curves: Mapping[str, "ProbeCurve"]) -> None:
    from rnnviz.figures.memory import probe_curves

    T, first = len(lesson.ids), lesson.ids[0]
    correct = {
        cell: curve.first_token(lesson.probed[cell].model, lesson.ids) == first
        for cell, curve in curves.items()
    }
    shares = ", ".join(f"{CELL_NAMES[cell]} {curve.at(T):.0%}" for cell, curve in curves.items())
    title = _(MEMORY, count=T, shares=shares, chance=next(iter(curves.values())).chance)
    own = _own_text(lesson.tokens[0], correct)
    rows = [
        {
            "cell": CELL_NAMES[cell],
            "tokens_read": length,
            "accuracy": accuracy,
            "control": control,
            "selectivity": accuracy - control,
            "chance": curve.chance,
            "this_text_named": correct[cell] if length == T else "",
        }
        for cell, curve in curves.items()
        for length, accuracy, control in zip(
            curve.lengths, curve.accuracy, curve.control, strict=True
        )
    ]
    show.figure(
        probe_curves(curves, T, correct, _),
        key="step.memory",
        title=title,
        caption="\n\n".join([f"{own} {_why(lesson)}", " ".join(_method(lesson, curves))]),
        alt=f"{title}. {own}",
        data=pd.DataFrame(rows),
    )


def _own_text(token: str, correct: Mapping[str, bool]) -> str:
    """Whether the probe names the first token of the text that the stage shows, per cell."""
    from rnnviz.figures.sensitivity import readable

    right, wrong = (
        ", ".join(CELL_NAMES[cell] for cell, is_right in correct.items() if is_right == side)
        for side in (True, False)
    )
    template = SOME_RIGHT if right and wrong else ALL_RIGHT if right else ALL_WRONG
    return _(template, token=readable(token), right=right, wrong=wrong)


def _why(lesson: Lesson) -> str:
    """Why sensitivity is not memory, with the saturation of the states that the stage shows."""
    if any(_is_unbounded(cell, lesson) for cell in lesson.probed):
        return _(WHY_UNBOUNDED)
    shares = ", ".join(
        f"{view.name} {float((view.trace.outputs.abs() > SATURATED).double().mean()):.0%}"
        for view in lesson.cell_views
    )
    return _(WHY, limit=SATURATED, shares=shares)


def _is_unbounded(cell: str, lesson: Lesson) -> bool:
    return cell == "rnn" and lesson.probed[cell].model.spec.nonlinearity == "relu"


def _method(lesson: Lesson, curves: Mapping[str, "ProbeCurve"]) -> list[str]:
    from rnnviz.memory.probe import TEST_SEQUENCES, TRAINING_SEQUENCES

    probed = next(iter(lesson.probed.values()))
    candidates = len(next(iter(curves.values())).candidates)
    remarks = [_(METHOD, training=TRAINING_SEQUENCES, test=TEST_SEQUENCES, candidates=candidates)]
    if probed.task.memorised:
        remarks.append(_(OWN_TEXT_ONLY))
    if probed.model.spec.bidirectional:
        remarks.append(_(BOTH_WAYS))
    return remarks
