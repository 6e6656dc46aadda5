"""What clipping does to the gradient of all weights together."""

import math

import torch

from rnnviz.figures.axes import (
    MARGIN,
    Figure,
    annotation,
    clamp,
    log_range,
    straight_line,
    tick_decades,
)
from rnnviz.figures.numbers import short_number
from rnnviz.figures.translation import Translate, untranslated
from rnnviz.gradient_flow import FlowResult, band
from rnnviz.names import CELL_NAMES
from rnnviz.palette import CELLS


def clipping(result: FlowResult, _: Translate = untranslated) -> Figure:
    """Per cell the norm of the whole gradient before and after clipping, median over networks."""
    clip = result.settings.clip or math.inf
    before = {cell: band(flow.total)[1] for cell, flow in result.flows.items()}
    after = {cell: band(flow.total * flow.scale)[1] for cell, flow in result.flows.items()}
    low, high = log_range([*before.values(), *after.values(), torch.tensor(clip)])
    traces: list[Figure] = []
    for cell, total in before.items():
        pair = torch.stack([total, after[cell]])
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers+text",
                "x": clamp(pair, low, high),
                "y": [CELL_NAMES[cell]] * 2,
                "text": [
                    short_number(float(total)),
                    "" if pair[0] == pair[1] else short_number(float(pair[1])),
                ],
                "textposition": "top center",
                "cliponaxis": False,
                "line": {"color": CELLS[cell], "width": 2, "dash": "dot"},
                "marker": {
                    "color": CELLS[cell],
                    "symbol": ["circle-open", "circle"],
                    "size": 14,
                    "line": {"width": 3},
                },
                "hovertemplate": "%{y}: %{text}<extra></extra>",
            }
        )
    rows = [CELL_NAMES[cell] for cell in before]
    threshold = _("threshold {clip}", clip=f"{clip:g}")
    return {
        "data": traces,
        "layout": {
            "height": 110 + 60 * len(rows),
            "margin": MARGIN,
            "showlegend": False,
            "shapes": [straight_line("x", clip)],
            "annotations": [
                annotation(threshold, x=math.log10(clip), yref="paper", y=1, yanchor="bottom"),
            ],
            "xaxis": {
                "title": {"text": _("norm of the whole gradient: ○ before, ● after")},
                "type": "log",
                "range": [math.log10(low), math.log10(high)],
                "exponentformat": "power",
                "dtick": tick_decades(low, high),
                "zeroline": False,
            },
            "yaxis": {
                "categoryorder": "array",
                "categoryarray": rows[::-1],
                "range": [-0.6, len(rows) - 0.3],
                "showgrid": False,
            },
        },
    }
