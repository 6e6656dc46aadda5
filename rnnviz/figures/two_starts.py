"""The gradient at every time step from two starts: one is chosen, the other stays as a ghost."""

import math

from rnnviz.figures.axes import (
    MARGIN,
    Figure,
    clamp,
    corner_label,
    legend_below,
    log_range,
    translucent,
)
from rnnviz.figures.gradient_norms import norm_line
from rnnviz.figures.translation import Translate, untranslated
from rnnviz.gradient_flow import CellFlow, band
from rnnviz.palette import CELLS


def two_starts(
    chosen: tuple[str, CellFlow], other: tuple[str, CellFlow], _: Translate = untranslated
) -> Figure:
    """|dL/dh_t| against the time step on a log axis: (name, flow) of the chosen and the other."""
    (name, flow), (other_name, ghost) = chosen, other
    low_band, middle, high_band = band(flow.norms)
    ghost_middle = band(ghost.norms)[1]
    low, high = log_range([*band(flow.norms), *band(ghost.norms)])
    colour = CELLS[flow.cell]
    steps = list(range(1, len(middle) + 1))
    area = {
        "type": "scatter",
        "mode": "lines",
        "x": steps + steps[::-1],
        "y": clamp(high_band, low, high) + clamp(low_band, low, high)[::-1],
        "fill": "toself",
        "fillcolor": translucent(colour, 0.2),
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    return {
        "data": [
            area,
            norm_line(ghost_middle, other_name, colour, 1.5, "dot"),
            norm_line(middle, name, colour, 3, "solid"),
        ],
        "layout": {
            "height": 360,
            "margin": MARGIN | {"b": 80},
            "hovermode": "x unified",
            "legend": legend_below(),
            "annotations": [
                corner_label(_("← the gradient flows back"), "left"),
                corner_label(_("the loss ↓"), "right"),
            ],
            "xaxis": {"title": {"text": _("time step t")}, "showgrid": False, "zeroline": False},
            "yaxis": {
                "title": {"text": _("gradient norm |∂L/∂h_t|")},
                "type": "log",
                "range": [math.log10(low), math.log10(high)],
                "exponentformat": "power",
                "dtick": 1,
                "zeroline": False,
            },
        },
    }
