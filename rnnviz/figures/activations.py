"""The slopes of the activations: what every step back multiplies the gradient by."""

import math
from collections.abc import Callable

from rnnviz.figures.axes import (
    LEGEND_MARGIN,
    MARGIN,
    Figure,
    legend_below,
    line_label,
    straight_line,
)
from rnnviz.figures.numbers import short_number
from rnnviz.figures.translation import Translate, untranslated
from rnnviz.gradient_flow import SLOPE_BOUND, FlowResult, band
from rnnviz.palette import SERIES

COLOURS = {"tanh": SERIES[0], "sigmoid": SERIES[3], "relu": SERIES[5]}
DASHES = {"tanh": "solid", "sigmoid": "dash", "relu": "dot"}
NAMES = {"tanh": "tanh", "sigmoid": "sigmoid", "relu": "ReLU"}


def slope_of_sigmoid(x: float) -> float:
    """σ′ = σ (1 − σ)."""
    value = 1 / (1 + math.exp(-x))
    return value * (1 - value)


SLOPES: dict[str, Callable[[float], float]] = {
    "tanh": lambda x: 1 - math.tanh(x) ** 2,
    "sigmoid": slope_of_sigmoid,
    "relu": lambda x: float(x > 0),
}


def activation_derivatives(result: FlowResult, _: Translate = untranslated) -> Figure:
    """The slopes of the three activations, their bounds, and the mean slope of the chosen one."""
    activation = result.settings.activation
    xs = [x / 20 for x in range(-100, 101)]
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": NAMES[code],
            "x": xs,
            "y": [slope(x) for x in xs],
            "line": {
                "color": COLOURS[code],
                "width": 4 if code == activation else 1.5,
                "dash": DASHES[code],
                "shape": "hv" if code == "relu" else "linear",
            },
            "hovertemplate": "%{y:.2f}",
        }
        for code, slope in SLOPES.items()
    ]
    shapes = [straight_line("y", bound) for bound in sorted(set(SLOPE_BOUND.values()))]
    notes = [
        line_label(SLOPE_BOUND["sigmoid"], "sigmoid ≤ 0.25"),
        line_label(SLOPE_BOUND["tanh"], "tanh, ReLU ≤ 1"),
    ]
    flow = result.bounded_flow
    if flow is not None and flow.slope is not None:
        mean_slope = float(band(flow.slope)[1])
        shapes.append(straight_line("y", mean_slope, COLOURS[activation], "solid"))
        label = line_label(
            mean_slope, _("mean here: {slope}", slope=short_number(mean_slope)), "right"
        )
        notes.append(label | {"yanchor": "top"})
    return {
        "data": traces,
        "layout": {
            "height": 350,
            "margin": MARGIN | LEGEND_MARGIN,
            "legend": legend_below(),
            "hovermode": "x unified",
            "shapes": shapes,
            "annotations": notes,
            "xaxis": {
                "title": {"text": _("input of the activation")},
                "showgrid": False,
                "zeroline": False,
            },
            "yaxis": {"title": {"text": _("slope φ′")}, "range": [-0.04, 1.2], "zeroline": False},
        },
    }
