"""The settings of the study, and suggestions to try."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from rnnviz.messages import N_
from rnnviz.settings import Range, rules
from rnnviz.ui import controls
from rnnviz.ui.cell_help import cell_help
from rnnviz.ui.language import _

if TYPE_CHECKING:
    from rnnviz.gradient_flow import FlowSettings

OPTIONAL_STARTS = {"spectral_radius": 1.0, "forget_bias": 1.0, "clip": 1.0}
"""The first value of an optional setting; without the setting, PyTorch's own default holds."""

SUGGESTIONS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (N_("PyTorch's default LSTM forgets too"), {}),
    (
        N_("Forget bias 3: the LSTM's gradient no longer vanishes"),
        {"forget_bias": 3.0, "length": 50},
    ),
    (
        N_("Sigmoid: a slope of at most 0.25"),
        {"cells": ("rnn",), "activation": "sigmoid"},
    ),
    (
        N_("ReLU, spectral radius 2: explode, then clip"),
        {
            "cells": ("rnn",),
            "activation": "relu",
            "spectral_radius": 2.0,
            "length": 50,
            "hidden": 64,
            "clip": 1.0,
        },
    ),
    (
        N_("A loss at every step hides the vanishing"),
        {"loss_at": "every", "length": 50},
    ),
    (
        N_("200 steps: too small for float32"),
        {"length": 200},
    ),
)
"""A promise, and the settings (apart from the defaults) that keep it."""


def settings() -> "FlowSettings":
    """Draw the controls and return their values."""
    from rnnviz.gradient_flow import CELL, FlowSettings

    plain, rule = FlowSettings(), rules(FlowSettings)

    def slider(name: str, default: float, help: str = "") -> Any:
        limits = rule[name]
        assert isinstance(limits, Range)
        return controls.slider(f"vanishing.{name}", _(limits.label), limits, default, help=help)

    def choose(name: str, help: str) -> Any:
        choice: Any = rule[name]
        options = {code: _(label) for code, label in choice.options.items()}
        default = getattr(plain, name)
        return controls.choose(f"vanishing.{name}", _(choice.label), options, default, help=help)

    def optional(name: str, label: str, help: str) -> Any:
        is_set = controls.toggle(f"vanishing.set_{name}", label, False, help=help)
        return slider(name, OPTIONAL_STARTS[name]) if is_set else None

    cells = controls.choose_several(
        "vanishing.cells", _(CELL.label), CELL.options, list(plain.cells), help=cell_help()
    )
    return FlowSettings(
        cells=tuple(cells),
        length=slider("length", plain.length),
        hidden=slider("hidden", plain.hidden),
        loss_at=choose("loss_at", _("One answer at the end, or one at every time step.")),
        activation=choose(
            "activation", _("Only the RNN has a choice; gated cells keep their own activations.")
        ),
        initialisation=choose(
            "initialisation",
            _(
                "PyTorch draws all weights within ±1/√H. Keras starts with an orthogonal matrix "
                "from state to state, Glorot's from the input, biases 0, the forget gate's bias 1."
            ),
        ),
        forget_bias=optional(
            "forget_bias",
            _("Set the forget bias"),
            _(
                "Off: as initialised. PyTorch's is near 0, so that about half of the cell state is "
                "forgotten at each step; Keras' is 1."
            ),
        ),
        spectral_radius=optional(
            "spectral_radius",
            _("Set the spectral radius"),
            _("Off: as initialised. PyTorch's, uniform within ±1/√H, is near 0.58."),
        ),
        clip=optional(
            "clip",
            _("Clip the gradient"),
            _("Multiply the whole gradient by min(1, c/|g|), as torch.nn.utils.clip_grad_norm_."),
        ),
        seeds=slider("seeds", plain.seeds, _("More networks: a steadier median, more time.")),
    )


def show_suggestions() -> None:
    """Draw buttons that set all controls of the page at once."""
    items = [(_(promise), values) for promise, values in _suggested_values()]
    controls.suggestion_buttons(items, scroll_up=True)


@cache
def _suggested_values() -> tuple[tuple[str, dict[str, Any]], ...]:
    from rnnviz.gradient_flow import FlowSettings

    return tuple(
        (promise, control_values(FlowSettings(**changes))) for promise, changes in SUGGESTIONS
    )


def control_values(settings: "FlowSettings") -> dict[str, Any]:
    """The value of every control that leads to `settings`."""
    values: dict[str, Any] = {}
    for name, value in vars(settings).items():
        if name in OPTIONAL_STARTS:
            values[f"vanishing.set_{name}"] = value is not None
            value = OPTIONAL_STARTS[name] if value is None else value
        values[f"vanishing.{name}"] = list(value) if name == "cells" else value
    return values
