"""One training step of a network of two units: forward, loss, backward, update."""

from dataclasses import dataclass

import streamlit as st
from markupsafe import Markup

from rnnviz.ideas.claims import Claim
from rnnviz.ideas.learning import hello, listings
from rnnviz.ideas.learning.hello import LossAt, TrainingStep
from rnnviz.messages import N_, Message
from rnnviz.palette import Theme
from rnnviz.ui import controls, show
from rnnviz.ui.ideas import draw_claim, draw_finding, draw_listings
from rnnviz.ui.ideas.learning import ranges, step_claims
from rnnviz.ui.ideas.learning.step_picture import STAGES, number, step_picture
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import draw as draw_picture
from rnnviz.ui.shared_cache import shared

WHY = {
    "forward": N_(
        "Forward: each letter goes in as a one-hot vector, the state h_t is computed from it and"
        " from the state before, and the answer from h_t. Nothing is learned yet."
    ),
    "loss": N_(
        "The loss (loss function: cross-entropy, −ln of the probability of the right letter) is one"
        " number that estimates how wrong the answers are: 0 would be perfect."
    ),
    "backward": N_(
        "Backward: every local derivative is multiplied on the way back from the loss, so each of"
        " the 26 weights learns which way the loss falls. The loss of y_t reaches a weight through"
        " every step up to t: hence one share for each of y1, y2, y3, y4, and their sum."
    ),
    "update": N_(
        "Update: w ← w − learning rate × gradient, for all 26 weights at once. Training repeats the"
        " four stages: batch, loss, gradient, update."
    ),
}


@dataclass(frozen=True, eq=False)
class _Content:
    finding: Message
    claim: Claim
    html: Markup


def draw() -> None:
    """Draw the controls and what they make of the step."""
    stages = {code: _(title) for code, title in STAGES.items()}
    stage = controls.choose(
        "learning.stage",
        _("Stage of the step"),
        stages,
        "update",
        help=_("A training step answers, measures, asks every weight, and moves it."),
    )
    with controls.folded_on_phone("learning-settings"):
        columns = st.columns([1.3, 1, 1.2, 1.2], gap="medium")
        with columns[0]:
            loss_at = loss_control()
        with columns[1]:
            weight = controls.choose(
                "learning.weight",
                _("Weight"),
                {code: hello.parameter_title(code) for code in hello.parameters()},
                "W_hh.0.0",
                help=_("The one of the 26 weights to follow; or click one in the picture."),
            )
        with columns[2]:
            steps: int = controls.slider(
                "learning.steps",
                "",
                ranges.STEPS,
                25,
                help=_("How often all weights were updated before the step that is shown."),
            )
        with columns[3]:
            rate = rate_control()
    content = _content(stage, steps, rate, loss_at, weight, current(), show.theme())
    draw_finding(content.finding)
    draw_picture(content.html, key="learning.picture", pick="learning.weight")
    st.caption(show.escape_markdown(_(WHY[stage])))
    draw_claim(content.claim)
    draw_listings(
        lambda: (listings.training_step(rate, steps, loss_at, weight),), key="learning.code"
    )


def loss_control() -> LossAt:
    """Which answers count; the cuts ask the same."""
    choice: LossAt = controls.choose(  # type: ignore[assignment]
        "learning.loss_at",
        _("Loss at"),
        {code: _(title) for code, title in ranges.LOSS_AT.items()},
        "every",
        help=_("Whether the answers of all time steps are compared, or only the last one."),
    )
    return choice


def rate_control() -> float:
    """The learning rate, which two parts of the page share."""
    rate: float = controls.slider(
        "learning.rate",
        "",
        ranges.RATE,
        0.1,
        help=_("What the gradient is multiplied by before it is subtracted from the weights."),
    )
    return rate


@shared(max_entries=200)
def _content(
    stage: str, steps: int, rate: float, loss_at: LossAt, weight: str, language: str, theme: Theme
) -> _Content:
    step = hello.training_step(rate, steps, loss_at)
    if stage == "backward":
        claim = step_claims.sum_claim(step)
    elif stage == "forward":
        claim = step_claims.forward_claim(step)
    elif stage == "update":
        claim = step_claims.chain_claim(step, weight, loss_at)
    else:
        claim = step_claims.loss_claim(step, steps, loss_at)
    html = step_picture(step, stage, weight, rate, theme)
    return _Content(_finding(step, stage, steps, weight), claim, html)


def _finding(step: TrainingStep, stage: str, steps: int, weight: str) -> Message:
    title = hello.parameter_title(weight)
    name, place = hello.parse_parameter(weight)
    if stage == "forward":
        right = sum(a == b for a, b in zip(step.walk.answer, hello.TARGETS, strict=True))
        return Message(
            N_(
                "After {steps} {steps:update|updates} the network answers “hell” with “{answer}”:"
                " {right} of 4 right"
            ),
            {"steps": steps, "answer": step.walk.answer, "right": right},
        )
    if stage == "loss":
        worst = int(step.walk.losses.argmax())
        return Message(
            N_("The loss of the text is {loss}; most of it comes from y{t}, the letter “{letter}”")
            if step.walk.losses.sum() - step.loss < 1e-9
            else N_("Only the last answer counts: the loss is {loss}, that of y4"),
            {"loss": number(step.loss), "t": worst + 1, "letter": hello.TARGETS[worst]},
        )
    gradient = float(step.gradient.weights[name][place])
    if stage == "backward":
        template = (
            N_("{weight} has no part in this loss: its gradient is 0")
            if gradient == 0
            else N_("A larger {weight} would raise the loss: its gradient is {gradient}")
            if gradient > 0
            else N_("A larger {weight} would lower the loss: its gradient is {gradient}")
        )
        return Message(template, {"weight": title, "gradient": number(gradient)})
    template = (
        N_("The update moves {weight} to {new}, and the loss falls from {loss} to {new_loss}")
        if step.new_loss <= step.loss
        else N_("The update moves {weight} to {new}, and the loss rises from {loss} to {new_loss}")
    )
    values = {
        "weight": title,
        "new": number(float(step.after[name][place])),
        "loss": number(step.loss),
        "new_loss": number(step.new_loss),
    }
    return Message(template, values)
