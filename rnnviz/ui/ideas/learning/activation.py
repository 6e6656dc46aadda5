"""The activation: values forward above gradients backward; zero-centred or not; XOR."""

import numpy as np
import streamlit as st

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.learning import flow, listings, xor
from rnnviz.ideas.learning.flow import Activation
from rnnviz.messages import N_, Message
from rnnviz.palette import CELLS, Theme
from rnnviz.ui import controls, show
from rnnviz.ui.background import computed
from rnnviz.ui.ideas.learning import ranges
from rnnviz.ui.ideas.learning.depth import (
    ACTIVATION_TITLES,
    EXPLODED,
    activation_control,
    radius_control,
)
from rnnviz.ui.ideas.learning.parts import CACHED, Part, draw_part, part, power
from rnnviz.ui.language import _, current
from rnnviz.ui.shared_cache import shared

LENGTH = 50
VIEWS = {"flow": N_("Values and gradients"), "centre": N_("Zero-centred"), "xor": N_("XOR")}
TRAIN = "rnnviz.ideas.learning.xor:train_xor"


def draw() -> None:
    """Draw the controls and the chosen view."""
    columns = st.columns([1.5, 1.25, 1], gap="medium")
    with columns[0]:
        views = {code: _(title) for code, title in VIEWS.items()}
        help = _("Along the time steps; around zero; or one problem that needs a bend.")
        view = controls.choose("learning.view", _("View"), views, "flow", help=help)
    with columns[1]:
        activation = activation_control()
    if view == "xor":
        result: xor.Xor = computed(TRAIN, activation)
        draw_part(
            _xor(activation, current(), show.theme(), result),
            "xor",
            lambda: (listings.xor(activation, result.solved),),
        )
        return
    with columns[2]:
        radius = radius_control("learning.radius", ranges.RADIUS)
    if view == "centre":
        draw_part(_centre(activation, radius, current(), show.theme()), view)
        return
    draw_part(
        _flow(activation, radius, current(), show.theme()),
        view,
        lambda: (listings.flow("time", activation, LENGTH, radius),),
    )


@shared(max_entries=CACHED)
def _flow(activation: Activation, radius: float | None, language: str, theme: Theme) -> Part:
    from rnnviz.figures import learning as figures

    result = flow.flow("time", activation, LENGTH, radius)
    title = _(ACTIVATION_TITLES[activation])
    template = (
        N_(
            "{activation}: forward, |h_{steps}| grows to {value}; backward, the gradient is"
            " multiplied by {gradient}"
        )
        if result.final_value > EXPLODED
        else N_(
            "{activation}: forward, |h_{steps}| stays at {value}; backward, the gradient is"
            " multiplied by {gradient}"
        )
    )
    finding = Message(
        template,
        {
            "activation": title,
            "steps": LENGTH,
            "value": power(result.final_value),
            "gradient": power(result.remaining),
        },
    )
    return part(
        figures.values_and_gradients(result, CELLS["rnn"], _),
        finding,
        _(
            "The state is multiplied by W_hh at every step on the way forward, the gradient on the"
            " way back. Sigmoid and tanh bound the values: |h_t| cannot pass √{units} = {bound}."
            " Linear and ReLU do not, so what the spectral radius enlarges grows on. Median of"
            " {networks} random RNNs.",
            units=flow.H,
            bound=f"{flow.H**0.5:.1f}",
            networks=flow.S,
        ),
        _("Two lines over time on logarithmic scales: the values above, the gradients below."),
        _relu_claim(),
        {
            "t": range(1, LENGTH + 1),
            "value": np.median(result.values, 0),
            "gradient": np.median(result.gradients, 0),
        },
        theme,
    )


def _relu_claim() -> Claim:
    default, at_two, at_three = (
        flow.flow("time", "relu", LENGTH, radius).final_value for radius in (None, 2.0, 3.0)
    )
    return Claim(
        Message(N_("With ReLU the values of an RNN grow without limit; so RNNs do not use it.")),
        Verdict.HALF_RIGHT,
        Message(
            N_(
                "It depends on the spectral radius: after {steps} steps |h_t| is {default} as"
                " PyTorch starts, {two} at radius 2 and {three} at radius 3."
            ),
            {
                "steps": LENGTH,
                "default": power(default),
                "two": power(at_two),
                "three": power(at_three),
            },
        ),
    )


@shared(max_entries=CACHED)
def _centre(activation: Activation, radius: float | None, language: str, theme: Theme) -> Part:
    from rnnviz.figures import learning as figures

    flows: dict[str, flow.Flow] = {
        code: flow.flow("time", code, LENGTH, radius)  # type: ignore[arg-type]
        for code in flow.ACTIVATIONS
    }
    own = flows[activation]
    share = round(100 * own.agreement)
    is_centred = bool((own.states < 0).any())
    finding = Message(
        N_(
            "{activation} is zero-centred: one step pushes {share} % of a unit's weights the same"
            " way"
        )
        if is_centred
        else N_(
            "{activation} is not zero-centred: one step pushes {share} % of a unit's weights the"
            " same way"
        ),
        {"activation": _(ACTIVATION_TITLES[activation]), "share": share},
    )
    tanh, sigmoid = (round(100 * flows[code].agreement) for code in ("tanh", "sigmoid"))
    claim = Claim(
        Message(N_("tanh is zero-centred, which cures the bias shift and the zigzag of sigmoid.")),
        Verdict.RIGHT,
        Message(
            N_(
                "A gradient pushes {sigmoid} % of a sigmoid unit's weights the same way, but only"
                " {tanh} % with tanh; tossed coins would come to {coins} %."
            ),
            {"sigmoid": sigmoid, "tanh": tanh, "coins": round(100 * flow.COIN_SHARE)},
        ),
    )
    return part(
        figures.sign_agreement(flows, activation, _),
        finding,
        _(
            "The gradient of a weight is the error of its unit times the value that comes in. Where"
            " all values are positive, all weights of a unit go up together or down together, and"
            " to raise one and lower another takes a zigzag of steps."
        ),
        _("Bars: the share of weights that one step pushes the same way, by activation."),
        claim,
        {
            "activation": list(flow.ACTIVATIONS),
            "same_way": [each.agreement for each in flows.values()],
        },
        theme,
    )


@shared(max_entries=CACHED)
def _xor(activation: Activation, language: str, theme: Theme, _result: xor.Xor) -> Part:
    from rnnviz.figures import learning as figures

    title = _(ACTIVATION_TITLES[activation])
    values = {"activation": title, "solved": _result.solved, "starts": xor.S}
    finding = Message(
        N_("{activation} solves XOR from {solved} of {starts} starts")
        if _result.solved
        else N_("{activation} cannot solve XOR: {solved} of {starts} starts succeed"),
        values,
    )
    distance = power(float(abs(_result.answers[_result.best] - 0.5).max()))
    claim = Claim(
        Message(N_("Without a non-linear activation a network cannot solve a problem like XOR.")),
        Verdict.RIGHT,
        Message(
            N_(
                "With linear units the best network answers all four questions with 0.5, to within"
                " {distance}: two layers without an activation are one layer."
            )
            if activation == "identity"
            else N_(
                "With {activation} the best network answers 0 ⊕ 1 with {one} and 1 ⊕ 1 with {zero};"
                " choose linear to see it fail."
            ),
            {
                "distance": distance,
                "activation": title,
                "one": f"{_result.answers[_result.best][1]:.2f}",
                "zero": f"{_result.answers[_result.best][3]:.2f}",
            },
        ),
    )
    return part(
        figures.xor_plane(_result, theme, _),
        finding,
        _(
            "XOR is 1 where exactly one input is 1. No straight line separates the two 1s from the"
            " two 0s; a hidden layer of {units} units can, if its activation bends. The colour is"
            " the answer of the best of the {starts} networks.",
            units=xor.U,
            starts=xor.S,
        ),
        _("The answer over the plane of both inputs, with the four questions on it."),
        claim,
        {
            "first": xor.QUESTIONS[:, 0],
            "second": xor.QUESTIONS[:, 1],
            "right": xor.ANSWERS,
            "answer": _result.answers[_result.best],
        },
        theme,
    )
