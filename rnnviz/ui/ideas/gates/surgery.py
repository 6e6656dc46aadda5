"""The surgery: a trained network whose keep gate is frozen, and what it still recalls."""

import math
from typing import TYPE_CHECKING

import pandas as pd

from rnnviz.ideas.claims import Claim
from rnnviz.ideas.gates.gated_cells import GATED_CELLS
from rnnviz.ideas.gates.holds import BIAS, BIASES
from rnnviz.messages import Problem
from rnnviz.palette import CELLS, Theme
from rnnviz.ui import controls, show
from rnnviz.ui.background import computed
from rnnviz.ui.ideas import draw_claim
from rnnviz.ui.language import _, current, say
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.gates.surgery import Surgery

OPERATE = "rnnviz.ideas.gates.surgery:operate"


def draw_surgery(cell: str, seed: int) -> None:
    """Draw the bias, and what freezing the gate does at every bias."""
    bias: float = controls.slider(
        "gates.bias",
        "",
        BIAS,
        2.0,
        help=_(
            "The gate no longer looks at anything: it is σ(b) in all units at every step, 0.5 at "
            "b = 0, 0.98 at b = 4."
        ),
    )
    try:
        surgeries: dict[str, Surgery] = {
            code: computed(OPERATE, code, seed) for code in GATED_CELLS
        }
    except Problem as problem:
        show.problem(problem)
        return
    # A link may name a bias between two stops of the slider.
    nearest = min(BIASES, key=lambda stop: abs(stop - bias))
    surgery = surgeries[cell]
    show.figure(
        _figure(cell, seed, nearest, current(), show.theme(), surgery),
        key="gates.surgery",
        data=lambda: _table(surgery),
    )
    draw_claim(_claim(seed, *surgeries.values()))


@shared(max_entries=20)
def _claim(seed: int, _lstm: "Surgery", _gru: "Surgery") -> Claim:
    """What article 1 says of the two cells; both surgeries follow from the seed."""
    from rnnviz.ideas.gates.surgery import claim

    return claim(_lstm, _gru)


@shared(max_entries=500)
def _figure(
    cell: str, seed: int, bias: float, language: str, theme: Theme, _surgery: "Surgery"
) -> show.ReadyFigure:
    """The recall over the bias; the surgery follows from cell and seed."""
    from rnnviz.figures.axes import GREY, MARGIN, line_label, straight_line
    from rnnviz.ideas.gates.surgery import HIDDEN, LAG, SYMBOLS, finding

    title = say(finding(_surgery, bias))
    y = [100 * accuracy for accuracy in _surgery.frozen]
    here = {"x": [bias], "y": [100 * _surgery.at(bias)]}
    primary = {"light": "#0b5cad", "dark": "#7ab8ff"}[theme]
    fig = {
        "data": [
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": _("gate frozen"),
                "x": list(BIASES),
                "y": y,
                "line": {"color": CELLS[cell], "width": 3},
                "hovertemplate": "σ(%{x}): %{y:.0f} %<extra></extra>",
            },
            {
                "type": "scatter",
                "mode": "markers",
                **here,
                "marker": {
                    "symbol": "square-open",
                    "size": 16,
                    "color": primary,
                    "line": {"width": 3, "color": primary},
                },
                "hoverinfo": "skip",
            },
        ],
        "layout": {
            "height": 360,
            "margin": MARGIN,
            "showlegend": False,
            "xaxis": {"title": {"text": _("bias b; the gate is σ(b)")}, "zeroline": False},
            "yaxis": {
                "title": {"text": _("symbols recalled, %")},
                "range": [0, 108],
                "zeroline": False,
            },
            "shapes": [
                straight_line("y", 100 * _surgery.whole, CELLS[cell]),
                straight_line("y", 100 * _surgery.chance),
            ],
            "annotations": [
                line_label(100 * _surgery.whole, _("its own gate")),
                line_label(100 * _surgery.chance, _("guessing"), "right")
                | {"font": {"size": 13, "color": GREY}},
            ],
        },
    }
    return show.finish(
        fig,
        title=title,
        caption=_why(_surgery, HIDDEN, LAG, SYMBOLS),
        alt=_("A line: the share of symbols recalled over the bias. {finding}", finding=title),
        theme=theme,
    )


def _why(surgery: "Surgery", hidden: int, lag: int, symbols: int) -> str:
    trained = _(
        "The network ({hidden} units, {steps} training steps) names one of {symbols} symbols that "
        "it read {lag} {lag:step|steps} ago.",
        hidden=hidden,
        steps=surgery.steps,
        symbols=symbols,
        lag=lag,
    )
    share = 100 / (1 + math.exp(-2.0)) ** lag if GATED_CELLS[surgery.cell].keep == "forget" else 0.0
    if GATED_CELLS[surgery.cell].keep == "forget":
        reason = _(
            "Why: σ(2) = 0.88, over {lag} steps, leaves {share} % of the cell state; more needs "
            "no gate that looks, only one that stays open, because the input gate still decides "
            "what enters.",
            lag=lag,
            share=f"{share:.0f}",
        )
    else:
        reason = _(
            "Why: the GRU has one valve for both. Frozen open it keeps, but writes nothing; frozen "
            "shut it writes at every step and can keep only by its candidate."
        )
    return f"{trained} {reason}"


def _table(surgery: "Surgery") -> pd.DataFrame:
    return pd.DataFrame({"bias": BIASES, "recalled": surgery.frozen, "whole": surgery.whole})
