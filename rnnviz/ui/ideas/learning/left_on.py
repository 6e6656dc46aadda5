"""Dropout left on: what F.dropout without `training=` does to a model in evaluation mode."""

import streamlit as st

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.learning import listings
from rnnviz.ideas.learning.results import ASKED, LEFT_ON_NAMES, LeftOn
from rnnviz.messages import N_, Message
from rnnviz.palette import Theme
from rnnviz.ui import controls, show
from rnnviz.ui.background import computed
from rnnviz.ui.ideas.learning import ranges
from rnnviz.ui.ideas.learning.parts import CACHED, Part, draw_part, part
from rnnviz.ui.language import _, current
from rnnviz.ui.shared_cache import shared

TRAIN = "rnnviz.ideas.learning.dropout:answer_repeatedly"


def draw() -> None:
    """Draw the control and what the repeated evaluations come to."""
    column, _rest = st.columns([1, 2], gap="medium")
    with column:
        p = controls.slider(
            "learning.p",
            "",
            ranges.P,
            0.5,
            help=_(
                "The share of numbers that F.dropout sets to 0 at random; the others grow by"
                " 1 / (1 − p). The model is trained with the same p."
            ),
        )
    result: LeftOn = computed(TRAIN, p)
    draw_part(
        _part(p, current(), show.theme(), result),
        "left_on",
        lambda: (listings.left_on(p, result),),
    )


@shared(max_entries=CACHED)
def _part(p: float, language: str, theme: Theme, _result: LeftOn) -> Part:
    from rnnviz.figures import learning as figures

    values = {
        "p": f"{p:g}",
        "count": ASKED,
        "on": f"{_result.accuracy_on:.1%}",
        "off": f"{_result.accuracy_off:.1%}",
        "changed": f"{_result.changed:.1%}",
    }
    return part(
        figures.repeated_evaluations(_result, _),
        Message(_template(_result), values),
        _(
            "One model, trained on {training} names, answers the same {names} new names {count}"
            " times, always after model.eval(). F.dropout(y, p) goes on dropping: its argument"
            " training is True unless one sets it, and eval() changes only self.training."
            " F.dropout(y, p, training=self.training) and the module nn.Dropout stop there.",
            training=f"{LEFT_ON_NAMES:,}",
            names=f"{_result.names:,}",
            count=ASKED,
        ),
        _(
            "Above, the share of right answers in each evaluation, with dropout left on and off;"
            " below, the share of answers that are others than the time before."
        ),
        _claim(_result, values),
        {
            "evaluation": range(1, ASKED + 1),
            "right_left_on": _result.on,
            "right_off": _result.off,
            "changed_left_on": (None, *_result.on_changed),
            "changed_off": (None, *_result.off_changed),
        },
        theme,
    )


def _template(result: LeftOn) -> str:
    if not result.changed:
        return N_(
            "At p = {p} nothing is dropped: all {count} evaluations give the same answers, {off}"
            " of them right"
        )
    if result.accuracy_on < result.accuracy_off:
        return N_(
            "F.dropout stays on after model.eval(): from one evaluation to the next {changed} of"
            " the answers change, and {on} are right instead of {off}"
        )
    return N_(
        "F.dropout stays on after model.eval(): from one evaluation to the next {changed} of the"
        " answers change; {on} are right, with dropout off {off}"
    )


def _claim(result: LeftOn, values: dict[str, object]) -> Claim:
    return Claim(
        Message(
            N_(
                "F.dropout(y_out, 0.5) in forward, and evaluation mode for the validation data, so"
                " that the score is unbiased."
            )
        ),
        Verdict.WRONG if result.changed else Verdict.HALF_RIGHT,
        Message(
            N_(
                "Evaluation mode does not reach F.dropout: {changed} of the answers change by"
                " chance alone, and the score is {on}. With training=self.training it is {off},"
                " every time."
            )
            if result.changed
            else N_("At p = {p} there is nothing to drop, so the score is {off} either way."),
            values,
        ),
    )
