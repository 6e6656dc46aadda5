"""What a probe reads off the final state: how often it names the first token."""

from collections.abc import Mapping, Sequence
from math import log10
from typing import Any

from rnnviz.figures.axes import MARGIN, Figure, annotation, line_label, straight_line
from rnnviz.figures.translation import Translate, untranslated
from rnnviz.memory import ProbeCurve
from rnnviz.messages import N_
from rnnviz.names import CELL_NAMES
from rnnviz.palette import CELLS

TICKS = (1, 2, 3, 5, 8, 12, 20, 50, 100, 200)

_LENGTH = N_("tokens read")
_ACCURACY = N_("first token named correctly")
_CONTROL = N_("control: shuffled labels")
_CHANCE = N_("guessing")
_OWN_TEXT = N_("this text")
_RIGHT = N_("{cell}, this text: the probe names the first token")
_WRONG = N_("{cell}, this text: the probe names another token")


def probe_curves(
    curves: Mapping[str, ProbeCurve],
    T: int,
    correct: Mapping[str, bool],
    _: Translate = untranslated,
) -> Figure:
    """The accuracy of the probe against the number of tokens read, with its control, per cell code.

    A text of `T` tokens has a mark on each curve: filled where the probe names its first token
    (`correct`), a cross where it names another.
    """
    traces = [
        _line(CELL_NAMES[cell], curve.lengths, curve.accuracy, CELLS[cell], 2.5)
        for cell, curve in curves.items()
    ]
    for number, (cell, curve) in enumerate(curves.items()):
        control = _line(_(_CONTROL), curve.lengths, curve.control, CELLS[cell], 1, "dot")
        traces.append(control | {"legendgroup": "control", "showlegend": number == 0})
    traces += [_mark(cell, curve.at(T), T, correct[cell], _) for cell, curve in curves.items()]
    chance = max((curve.chance for curve in curves.values()), default=0.0)
    longest = max((curve.lengths[-1] for curve in curves.values()), default=1)
    ticks = [tick for tick in TICKS if tick <= longest]
    return {
        "data": traces,
        "layout": {
            "height": 380,
            "margin": MARGIN,
            "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom"},
            "shapes": [straight_line("y", chance), straight_line("x", T, dash="dot")],
            "annotations": [
                line_label(chance, _(_CHANCE)),
                annotation(_(_OWN_TEXT), x=log10(T), xanchor="left", yref="paper", y=0.98),
            ],
            "xaxis": {
                "type": "log",
                "tickvals": ticks,
                "ticktext": [str(tick) for tick in ticks],
                "title": {"text": _(_LENGTH)},
                "showgrid": False,
            },
            "yaxis": {
                "tickformat": ".0%",
                "range": [0, 1.04],
                "title": {"text": _(_ACCURACY)},
            },
        },
    }


def _line(
    name: str,
    x: Sequence[int],
    y: Sequence[float],
    colour: str,
    width: float,
    dash: str = "solid",
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(x),
        "y": list(y),
        "line": {"color": colour, "width": width, "dash": dash},
        "hovertemplate": "%{x}: %{y:.0%}",
    }


def _mark(cell: str, accuracy: float, T: int, correct: bool, _: Translate) -> dict[str, Any]:
    name = _(_RIGHT if correct else _WRONG, cell=CELL_NAMES[cell])
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "showlegend": False,
        "x": [T],
        "y": [accuracy],
        "marker": {
            "symbol": "circle" if correct else "x-thin",
            "size": 12,
            "color": CELLS[cell],
            "line": {"width": 0 if correct else 3, "color": CELLS[cell]},
        },
        "hovertext": name,
        "hoverinfo": "text",
    }
