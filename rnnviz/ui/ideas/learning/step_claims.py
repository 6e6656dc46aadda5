"""What the articles say about the stages of a training step, and the numbers that decide."""

import numpy as np

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.learning import hello
from rnnviz.ideas.learning.hello import LossAt, TrainingStep
from rnnviz.messages import N_, Message
from rnnviz.ui.ideas.learning.step_picture import number


def forward_claim(step: TrainingStep) -> Claim:
    """The probabilities that the right letters get."""
    chances = np.exp(-step.walk.losses)
    return Claim(
        Message(N_("The first phase of training is a forward pass, which makes a prediction.")),
        Verdict.RIGHT,
        Message(
            N_(
                "It answers “{answer}” and gives the letters of “ello” probabilities from {least}"
                " to {most}."
            ),
            {
                "answer": step.walk.answer,
                "least": f"{chances.min():.0%}",
                "most": f"{chances.max():.0%}",
            },
        ),
    )


def loss_claim(step: TrainingStep, steps: int, loss_at: LossAt) -> Claim:
    """The loss now, before training, and of a network that guesses."""
    count = hello.counted(loss_at)
    start = float(count @ hello.forward(hello.initial_weights()).losses)
    return Claim(
        Message(N_("The loss function puts in one number how badly the network does.")),
        Verdict.RIGHT,
        Message(
            N_(
                "Guessing among {letters} letters costs {guess}; this network had {start} before"
                " training and has {loss} after {steps} {steps:update|updates}."
            ),
            {
                "letters": hello.V,
                "guess": number(float(count.sum() * np.log(hello.V))),
                "start": number(start),
                "loss": number(step.loss),
                "steps": steps,
            },
        ),
    )


def chain_claim(step: TrainingStep, weight: str, loss_at: LossAt) -> Claim:
    """The gradient by the chain rule against a nudge of the weight."""
    name, place = hello.parse_parameter(weight)
    nudged = hello.nudged_slope(step.before, name, place, hello.counted(loss_at))
    return Claim(
        Message(
            N_(
                "Backpropagation multiplies local derivatives backwards, and the weights are"
                " updated with the result."
            )
        ),
        Verdict.RIGHT,
        Message(
            N_(
                "The products give {gradient} for {weight}; nudging that weight by 0.00001 to"
                " either side and reading the loss gives {nudged}."
            ),
            {
                "gradient": f"{step.gradient.weights[name][place]:.5f}",
                "weight": hello.parameter_title(weight),
                "nudged": f"{nudged:.5f}",
            },
        ),
    )


def sum_claim(step: TrainingStep) -> Claim:
    """What reaches h_1 through each answer, by length, and through all of them together."""
    lengths = [number(float(np.linalg.norm(share.states[0]))) for share in step.shares]
    return Claim(
        Message(
            N_("Whatever the gradient has passed through counts: y1, y2 and y3 all have a share.")
        ),
        Verdict.RIGHT,
        Message(
            N_(
                "At h_1 the gradients that come through y1, y2, y3 and y4 have the lengths"
                " {lengths}; their sum, with which one learns, has {total}."
            ),
            {
                "lengths": ", ".join(lengths),
                "total": number(float(np.linalg.norm(step.gradient.states[0]))),
            },
        ),
    )
