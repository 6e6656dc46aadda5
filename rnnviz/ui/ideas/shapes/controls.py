"""The settings of the layer, the part of the page, and the articles' own examples."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import streamlit as st

from rnnviz.ideas.shapes.settings import PRESETS, LayerSettings
from rnnviz.messages import N_
from rnnviz.settings import Choice, Range, rules
from rnnviz.ui import controls
from rnnviz.ui.language import _

PARTS = {
    "shapes": N_("Shapes"),
    "returns": N_("Return values"),
    "padding": N_("Padding"),
    "weights": N_("Same weights"),
    "state": N_("State"),
    "loop": N_("NumPy"),
}
"""By code: what the parts of the page are called."""

HELP = {
    "cell": N_("nn.RNN, nn.LSTM or nn.GRU; only the LSTM has a cell state c_n beside h_n."),
    "directions": N_("bidirectional: a second layer reads the sequence from its end."),
    "batch_axis": N_(
        "batch_first: whether the input is (batch, time, features) or (time, batch, features)."
    ),
    "values": N_(
        "Letters: each a one-hot vector of h, e, l, o. Token ids: whole numbers that an embedding "
        "table of 10,000 rows turns into vectors."
    ),
    "batch": N_("How many sequences are read at once; every one has states of its own."),
    "steps": N_("seq_len: the length of the sequences."),
    "inputs": N_("input_size: the numbers of one time step."),
    "hidden": N_("hidden_size: the numbers of one hidden state."),
    "layers": N_("num_layers: each layer reads the states of the layer below it."),
}
"""By setting: its name in PyTorch, and what it is."""

SLIDER_WIDTH = 152


def settings() -> tuple[str, LayerSettings]:
    """Draw the controls and return the code of the part that is shown, and the layer."""
    first = st.container(horizontal=True, gap="medium", vertical_alignment="bottom")
    options = {code: _(label) for code, label in PARTS.items()}
    part = controls.choose(
        "shapes.part",
        _("Show"),
        options,
        "shapes",
        help=_("The same layer from six sides; below, what it is made of."),
        segmented=True,
        container=first,
    )
    with first:
        controls.suggestion_popover(
            _("From the articles"),
            _preset_values(),
            key="shapes.presets",
            icon=":material/menu_book:",
        )
    with controls.folded_on_phone("shapes-settings"):
        return part, _layer()


def _layer() -> LayerSettings:
    plain = LayerSettings()
    values: dict[str, Any] = {}
    row = st.container(horizontal=True, gap="medium")
    sliders = st.container(horizontal=True, gap="medium")
    for name, rule in rules(LayerSettings).items():
        key, default = f"shapes.{name}", getattr(plain, name)
        if isinstance(rule, Choice):
            options = {code: _(label) for code, label in rule.options.items()}
            values[name] = controls.choose(
                key, _(rule.label), options, default, help=_(HELP[name]), container=row
            )
        elif name == "inputs" and values["values"] == "letters":
            continue  # The alphabet decides.
        else:
            assert isinstance(rule, Range)
            values[name] = controls.slider(
                key,
                _(rule.label),
                rule,
                default,
                help=_(HELP[name]),
                container=sliders.container(width=SLIDER_WIDTH),
            )
    return LayerSettings(**values)


@cache
def _preset_values() -> tuple[tuple[str, Mapping[str, Any]], ...]:
    return tuple(
        (title, {f"shapes.{name}": value for name, value in vars(LayerSettings(**changes)).items()})
        for title, changes in PRESETS
    )
