"""Depth and time: the same multiplication through layers and through time steps."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.learning import flow, listings
from rnnviz.ideas.learning.flow import Activation
from rnnviz.messages import N_, Message
from rnnviz.palette import Theme
from rnnviz.settings import Range
from rnnviz.ui import controls, show
from rnnviz.ui.ideas.learning import ranges
from rnnviz.ui.ideas.learning.parts import CACHED, Part, draw_part, part, power
from rnnviz.ui.language import _, current
from rnnviz.ui.shared_cache import shared

KINDS: dict[flow.Kind, str] = {
    "layers": N_("feed-forward network, by layer"),
    "time": N_("RNN, by time step"),
}

VANISHED, EXPLODED = 0.01, 100.0


@dataclass(frozen=True)
class Settings:
    """What the controls of this part or the next have set; a radius of None is PyTorch's."""

    activation: Activation
    depth: int
    radius: float | None


def draw() -> None:
    """Draw the controls and the two curves."""
    columns = st.columns([1, 1.25, 1], gap="medium")
    with columns[0]:
        depth = controls.slider(
            "learning.depth",
            "",
            ranges.DEPTH,
            20,
            help=_("As many layers in the feed-forward network as time steps in the RNN."),
        )
    with columns[1]:
        activation = activation_control()
    with columns[2]:
        radius = radius_control("learning.scale", ranges.SCALE)
    settings = Settings(activation, depth, radius)
    draw_part(
        _part(settings, current(), show.theme()),
        "depth",
        lambda: tuple(listings.flow(kind, activation, depth, radius) for kind in KINDS),
    )


def activation_control() -> Activation:
    """The activation, which two parts of the page share."""
    choice: Activation = controls.choose(  # type: ignore[assignment]
        "learning.activation",
        _("Activation"),
        {code: _(title) for code, title in ACTIVATION_TITLES.items()},
        "tanh",
        help=_(
            "What a unit does with its sum. Linear, the identity, does nothing. ReLU is max(0, x)."
        ),
    )
    return choice


ACTIVATION_TITLES = flow.ACTIVATIONS | {"identity": N_("linear")}


def radius_control(key: str, rule: Range) -> float | None:
    """The spectral radius, or None for PyTorch's start."""
    is_set = controls.toggle(
        "learning.set_radius",
        _("Set the spectral radius"),
        False,
        help=_(
            "The spectral radius is how much a matrix, applied again and again, enlarges what it"
            " multiplies per step. Off: as PyTorch starts, about 0.58."
        ),
    )
    if not is_set:
        return None
    radius: float = controls.slider(
        key, "", rule, 1.0, help=_("The size of the largest eigenvalue of the matrix.")
    )
    return radius


@shared(max_entries=CACHED)
def _part(settings: Settings, language: str, theme: Theme) -> Part:
    from rnnviz.figures import learning as figures

    flows = {
        kind: flow.flow(kind, settings.activation, settings.depth, settings.radius)
        for kind in KINDS
    }
    layers, time = flows["layers"].remaining, flows["time"].remaining
    finding = Message(
        _template(layers, time),
        {"depth": settings.depth, "layers": power(layers), "time": power(time)},
    )
    return part(
        figures.depth_curves(flows, {kind: _(title) for kind, title in KINDS.items()}, _),
        finding,
        _(
            "Read from right to left: a gradient of length 1 enters at the loss and every layer, or"
            " every time step, multiplies it by a weight matrix and the slope of the activation. An"
            " RNN is a network as deep as its sequence is long, with the same matrix in each layer."
            " Median of {networks} random networks with {units} units.",
            networks=flow.S,
            units=flow.H,
        ),
        _("Two lines on a logarithmic scale: what is left of the gradient."),
        _claim(settings, flows["layers"]),
        {
            "layer_or_step": range(1, settings.depth + 1),
            "feed_forward": np.median(flows["layers"].gradients, 0),
            "rnn": np.median(flows["time"].gradients, 0),
        },
        theme,
    )


def _template(layers: float, time: float) -> str:
    if max(layers, time) < VANISHED:
        return N_(
            "Both vanish: {depth} layers leave {layers} of the gradient, {depth} time steps {time}"
        )
    if min(layers, time) > EXPLODED:
        return N_(
            "Both explode: {depth} layers multiply the gradient by {layers}, {depth} time steps by"
            " {time}"
        )
    return N_("{depth} layers multiply the gradient by {layers}, {depth} time steps by {time}")


def _claim(settings: Settings, layers: flow.Flow) -> Claim:
    """Whether it shrinks exponentially: equally in either half of the layers."""
    norms = np.median(layers.gradients, 0)
    factor = float(layers.remaining ** (1 / (settings.depth - 1)))
    shrinks = bool(norms[0] < norms[-1]) and factor < 1
    return Claim(
        Message(
            N_(
                "Layer by layer the gradient shrinks exponentially, so the first layers hardly"
                " learn."
            )
        ),
        Verdict.RIGHT if shrinks else Verdict.HALF_RIGHT,
        Message(
            N_(
                "Here a layer multiplies it by {factor} on average, and {depth} layers leave"
                " {layers}."
            )
            if shrinks
            else N_(
                "Not with these weights: a layer multiplies it by {factor} on average, and {depth}"
                " layers leave {layers}."
            ),
            {
                "factor": power(factor),
                "depth": settings.depth,
                "layers": power(layers.remaining),
            },
        ),
    )
