"""The two figures below the stage: how sensitive states are to each token, and what they keep.

T time steps.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from rnnviz.messages import N_, Problem
from rnnviz.names import CELL_NAMES
from rnnviz.palette import Theme
from rnnviz.ui import show
from rnnviz.ui.language import _
from rnnviz.ui.shared_cache import shared
from rnnviz.ui.step.lesson import SATURATED, Lesson
from rnnviz.ui.step.source import RunSource, TextSource

if TYPE_CHECKING:  # Torch stays out of the start of the web process.
    from rnnviz.memory import ProbeCurve

CACHED_FIGURES = 256
"""One takes some ten kilobytes."""

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
    names = (lesson.source, lesson.language, show.theme())
    with left:
        show.figure(
            _sensitivity_figure(*names, lesson),
            key="step.words",
            data=lambda: pd.DataFrame(_sensitivity_rows(lesson)),
        )
    with right:
        try:
            with st.container():  # What is computed says so here, and leaves nothing behind.
                figure, rows = _memory(*names, lesson)
        except Problem as problem:
            show.problem(problem)
        else:
            show.figure(figure, key="step.memory", data=lambda: pd.DataFrame(rows))


@shared(max_entries=CACHED_FIGURES)
def _sensitivity_figure(
    source: TextSource | RunSource, language: str, theme: Theme, _lesson: Lesson
) -> show.ReadyFigure:
    from rnnviz.figures.sensitivity import percent, readable, token_sensitivity

    final = {cell: each.shares.tolist() for cell, each in _lesson.sensitivity.items()}
    first_shares = [f"{CELL_NAMES[cell]} {percent(shares[0])}" for cell, shares in final.items()]
    all_shares = [
        f"{CELL_NAMES[cell]}: "
        + ", ".join(
            f"{token} {percent(share)}" for token, share in zip(_lesson.tokens, shares, strict=True)
        )
        for cell, shares in final.items()
    ]
    return show.finish(
        token_sensitivity(_lesson.sensitivity, _lesson.tokens, _),
        title=_(SENSITIVITY, token=readable(_lesson.tokens[0]), shares=", ".join(first_shares)),
        caption=_(SENSITIVITY_CAPTION),
        alt=_(SENSITIVITY_ALT, cells="; ".join(all_shares)),
        theme=theme,
    )


def _sensitivity_rows(lesson: Lesson) -> Iterator[dict[str, object]]:
    from rnnviz.figures.sensitivity import MAX_BARS

    T = len(lesson.tokens)
    for cell, each in lesson.sensitivity.items():
        shares, distances = each.shares_over_time.tolist(), each.table.tolist()
        for after in range(T) if T <= MAX_BARS else [T - 1]:
            for token in range(after + 1):
                yield {
                    "cell": CELL_NAMES[cell],
                    "after_step": after + 1,
                    "after_token": lesson.tokens[after],
                    "left_out_step": token + 1,
                    "left_out_token": lesson.tokens[token],
                    "sensitivity_share": shares[after][token],
                    "distance": distances[after][token],
                }


Rows = tuple[dict[str, object], ...]


def _memory(
    source: TextSource | RunSource, language: str, theme: Theme, lesson: Lesson
) -> tuple[show.ReadyFigure, Rows]:
    """What a probe reads off the final states, and its numbers; computed when it is new."""
    from rnnviz.memory import including, probe_lengths

    try:
        return _memory_figure(source, language, theme, lesson)
    except _CurvesNeeded:
        candidates = including(source.candidates(), lesson.ids[0])
        lengths = probe_lengths(len(lesson.ids))
        cells = list(lesson.final_states)
        curves = dict(zip(cells, source.probe_curves(cells, candidates, lengths), strict=True))
        return _memory_figure(source, language, theme, lesson, curves)


class _CurvesNeeded(Exception):
    """The figure is not there, and what it is made of was not passed."""


@shared(max_entries=CACHED_FIGURES)
def _memory_figure(
    source: TextSource | RunSource,
    language: str,
    theme: Theme,
    _lesson: Lesson,
    _curves: "Mapping[str, ProbeCurve] | None" = None,
) -> tuple[show.ReadyFigure, Rows]:
    from rnnviz.figures.memory import probe_curves

    if _curves is None:
        raise _CurvesNeeded
    T, first = len(_lesson.ids), _lesson.ids[0]
    correct = {
        cell: curve.token_of(_lesson.final_states[cell], T) == first
        for cell, curve in _curves.items()
    }
    shares = ", ".join(f"{CELL_NAMES[cell]} {curve.at(T):.0%}" for cell, curve in _curves.items())
    title = _(MEMORY, count=T, shares=shares, chance=next(iter(_curves.values())).chance)
    own = _own_text(_lesson.tokens[0], correct)
    figure = show.finish(
        probe_curves(_curves, T, correct, _),
        title=title,
        caption="\n\n".join([f"{own} {_why(_lesson)}", " ".join(_method(_lesson, _curves))]),
        alt=f"{title}. {own}",
        theme=theme,
    )
    return figure, tuple(_memory_rows(_curves, correct, T))


def _memory_rows(
    curves: "Mapping[str, ProbeCurve]", correct: Mapping[str, bool], T: int
) -> Iterator[dict[str, object]]:
    for cell, curve in curves.items():
        for length, accuracy, control in zip(
            curve.lengths, curve.accuracy, curve.control, strict=True
        ):
            yield {
                "cell": CELL_NAMES[cell],
                "tokens_read": length,
                "accuracy": accuracy,
                "control": control,
                "selectivity": accuracy - control,
                "chance": curve.chance,
                "this_text_named": correct[cell] if length == T else "",
            }


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
    if not lesson.saturation:
        return _(WHY_UNBOUNDED)
    shares = ", ".join(f"{name} {share:.0%}" for name, share in lesson.saturation.items())
    return _(WHY, limit=SATURATED, shares=shares)


def _method(lesson: Lesson, curves: "Mapping[str, ProbeCurve]") -> list[str]:
    from rnnviz.memory.probe import TEST_SEQUENCES, TRAINING_SEQUENCES

    candidates = len(next(iter(curves.values())).candidates)
    remarks = [_(METHOD, training=TRAINING_SEQUENCES, test=TEST_SEQUENCES, candidates=candidates)]
    if lesson.memorised:
        remarks.append(_(OWN_TEXT_ONLY))
    if lesson.bidirectional:
        remarks.append(_(BOTH_WAYS))
    return remarks
