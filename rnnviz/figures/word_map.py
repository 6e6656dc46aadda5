"""Words as points on a plane."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from rnnviz.figures.axes import LEGEND_MARGIN, Figure, legend_below


@dataclass(frozen=True)
class WordGroup:
    """Words of one kind: their `title` (translated), `colour`, and places."""

    title: str
    colour: str
    words: Sequence[str]
    x: Sequence[float]
    y: Sequence[float]
    symbol: str = "circle"


def word_map(
    groups: Sequence[WordGroup],
    *,
    limits: tuple[float, float, float, float] | None = None,
    lines: Sequence[Mapping[str, Sequence[float]]] = (),
    labels: int = 1000,
) -> Figure:
    """Points with their words; of each group the first `labels` are written out.

    `limits`: of x and of y, so that maps can be compared; `lines`: each with its "x" and "y".
    """
    data: list[Figure] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": list(line["x"]),
            "y": list(line["y"]),
            "line": {"color": "#7a828c", "width": 1.5, "dash": "dot"},
            "hoverinfo": "skip",
            "showlegend": False,
        }
        for line in lines
    ]
    for group in groups:
        names = [escape(word) for word in group.words]
        data.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "name": escape(group.title),
                "x": list(group.x),
                "y": list(group.y),
                "text": [name if k < labels else "" for k, name in enumerate(names)],
                "customdata": names,
                "textposition": "top center",
                "textfont": {"size": 12},
                "marker": {"color": group.colour, "size": 9, "symbol": group.symbol},
                "hovertemplate": "%{customdata}<extra></extra>",
            }
        )
    axis: Figure = {"showgrid": False, "zeroline": False, "showticklabels": False}
    x_axis, y_axis = dict(axis), dict(axis)
    if limits:
        x_axis["range"], y_axis["range"] = list(limits[:2]), list(limits[2:])
    return {
        "data": data,
        "layout": {
            "height": 420,
            "margin": {"l": 8, "r": 12, "t": 16, "b": 8} | LEGEND_MARGIN,
            "legend": legend_below(),
            "xaxis": x_axis,
            "yaxis": y_axis,
        },
    }
