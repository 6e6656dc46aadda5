"""Values and gradients through depth and time, their signs, cuts, costs, and overfitting."""

from collections.abc import Mapping

from rnnviz.figures.axes import GREY, MARGIN, Figure, annotation, corner_label, straight_line
from rnnviz.figures.learning.lines import (
    BLUE,
    ORANGE,
    axis,
    decades,
    layout,
    line,
    log_axis,
    medians,
)
from rnnviz.figures.translation import Translate, untranslated
from rnnviz.ideas.learning.flow import ACTIVATIONS, COIN_SHARE, Flow, Kind
from rnnviz.ideas.learning.results import LENGTHS, PIECE, Cost, Curves, LeftOn
from rnnviz.ideas.learning.truncation import Truncation


def depth_curves(flows: Mapping[Kind, Flow], names: Mapping[Kind, str], _: Translate) -> Figure:
    """How much of the gradient is left at each layer and at each time step."""
    styles: dict[Kind, tuple[str, str]] = {"layers": (ORANGE, "dash"), "time": (BLUE, "solid")}
    traces, all_norms = [], []
    for kind, flow in flows.items():
        colour, dash = styles[kind]
        norms = medians(flow.gradients)
        all_norms += norms
        x = range(1, len(norms) + 1)
        traces.append(line(x, norms, names[kind], colour, dash=dash))
    return {
        "data": traces,
        "layout": layout(
            400,
            xaxis=axis(_("layer or time step (1 is farthest from the loss)")),
            yaxis=log_axis(_("gradient |∂L/∂h|"), decades(all_norms)),
        ),
    }


def values_and_gradients(flow: Flow, colour: str, _: Translate = untranslated) -> Figure:
    """Forward |h_t| above, backward |dL/dh_t| below, on the same time axis."""
    values, gradients = medians(flow.values), medians(flow.gradients)
    steps = range(1, len(values) + 1)
    return {
        "data": [
            line(steps, values, "|h_t|", colour),
            line(steps, gradients, "|∂L/∂h_t|", colour, yaxis="y2", dash="dash"),
        ],
        "layout": layout(
            480,
            xaxis=axis(_("time step t"), anchor="y2"),
            yaxis=log_axis(_("value |h_t| →"), decades(values), domain=[0.56, 1]),
            yaxis2=log_axis(_("← gradient |∂L/∂h_t|"), decades(gradients), domain=[0, 0.44]),
        ),
    }


def sign_agreement(flows: Mapping[str, Flow], chosen: str, _: Translate = untranslated) -> Figure:
    """For each activation, how many of a unit's weights one step pushes the same way."""
    shares = [round(100 * flow.agreement, 1) for flow in flows.values()]
    return {
        "data": [
            {
                "type": "bar",
                "x": [_(ACTIVATIONS[code]) for code in flows],
                "y": shares,
                "text": [f"{share:.0f} %" for share in shares],
                "textposition": "outside",
                "marker": {"color": [BLUE if code == chosen else GREY for code in flows]},
                "hovertemplate": "%{x}: %{y:.1f} %<extra></extra>",
            }
        ],
        "layout": {
            "height": 380,
            "margin": MARGIN,
            "shapes": [straight_line("y", 100 * COIN_SHARE)],
            "annotations": [
                corner_label(_("dashed: tossed coins, {share}", share=f"{COIN_SHARE:.0%}"), "left")
            ],
            "xaxis": {"type": "category"},
            "yaxis": axis(_("weights pushed the same way (%)"), range=[0, 115]),
        },
    }


def truncation_angles(result: Truncation, cut: int, _: Translate = untranslated) -> Figure:
    """The angle between the cut and the full gradient, by the length of a piece."""
    pieces, angles = list(result.pieces), result.angles.round(2).tolist()
    here = {"x": [min(cut, pieces[-1])], "y": [round(result.angle, 2)]}
    mark = {"color": ORANGE, "size": 14, "line": {"width": 2}}
    return {
        "data": [
            line(pieces, angles, _("angle"), BLUE, mode="lines+markers"),
            here | {"type": "scatter", "mode": "markers", "marker": mark, "name": _("your cut")},
        ],
        "layout": layout(
            360,
            xaxis=axis(_("steps in a piece")),
            yaxis=axis(_("angle to the full gradient (°)"), range=[-3, 95]),
        ),
    }


def cost_curves(cost: Cost, _: Translate = untranslated) -> Figure:
    """Memory and time of a training step by the length of the sequence, full and cut."""
    full, cut = _("the whole sequence"), _("cut every {count} steps", count=PIECE)
    memory = [[b / 1024 for b in each] for each in (cost.memory, cost.cut_memory)]
    dots: Figure = {"mode": "lines+markers"}
    return {
        "data": [
            line(LENGTHS, memory[0], full, BLUE, **dots),
            line(LENGTHS, memory[1], cut, ORANGE, dash="dash", **dots),
            line(LENGTHS, cost.times, full, BLUE, yaxis="y2", showlegend=False, **dots),
            line(LENGTHS, cost.cut_times, cut, ORANGE, dash="dash", yaxis="y2", **dots)
            | {"showlegend": False},
        ],
        "layout": layout(
            500,
            xaxis=axis(_("length T of the sequence"), anchor="y2"),
            yaxis=axis(_("memory (kB)"), domain=[0.56, 1], rangemode="tozero"),
            yaxis2=axis(_("processor time (× the shortest)"), domain=[0, 0.44], rangemode="tozero"),
        ),
    }


def overfitting_curves(curves: Curves, _: Translate = untranslated) -> Figure:
    """Training and validation loss after every epoch, on one axis."""
    epochs = range(len(curves.training))
    return {
        "data": [
            line(epochs, curves.training, _("training loss"), BLUE),
            line(epochs, curves.validation, _("validation loss"), ORANGE, dash="dash"),
        ],
        "layout": layout(
            400,
            shapes=[straight_line("x", curves.best)],
            annotations=[
                annotation(
                    _("best for new names"), x=curves.best, yref="paper", y=1, yanchor="bottom"
                )
            ],
            xaxis=axis(_("epochs")),
            yaxis=axis(_("mean loss"), rangemode="tozero"),
        ),
    }


def repeated_evaluations(result: LeftOn, _: Translate = untranslated) -> Figure:
    """Right answers above, changed answers below, by the number of the evaluation."""
    on, off = _("F.dropout(y, p)"), _("F.dropout(y, p, training=self.training)")
    first, then = range(1, len(result.on) + 1), range(2, len(result.on) + 1)
    right = [[100 * share for share in each] for each in (result.on, result.off)]
    changed = [[100 * share for share in each] for each in (result.on_changed, result.off_changed)]
    top = 1.2 * max(*changed[0], 1)
    dots: Figure = {"mode": "lines+markers", "hovertemplate": "%{y:.1f} %"}
    below: Figure = dots | {"yaxis": "y2", "showlegend": False}
    return {
        "data": [
            line(first, right[0], on, ORANGE, **dots),
            line(first, right[1], off, BLUE, dash="dash", **dots),
            line(then, changed[0], on, ORANGE, **below),
            line(then, changed[1], off, BLUE, dash="dash", **below),
        ],
        "layout": layout(
            480,
            xaxis=axis(_("evaluation of the same names"), anchor="y2"),
            yaxis=axis(_("right answers (%)"), domain=[0.56, 1]),
            yaxis2=axis(_("changed answers (%)"), domain=[0, 0.44], range=[-0.06 * top, top]),
        ),
    }
