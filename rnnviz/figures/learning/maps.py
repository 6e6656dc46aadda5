"""Maps: a path over a loss surface, and the answers to XOR."""

from rnnviz.figures.axes import MARGIN, Figure
from rnnviz.figures.learning.lines import ORANGE, axis, line
from rnnviz.figures.translation import Translate, untranslated
from rnnviz.ideas.learning.rates import EDGE, Descent
from rnnviz.ideas.learning.xor import ANSWERS, QUESTIONS, Xor
from rnnviz.palette import DIVERGING, SEQUENTIAL, Theme


def descent_surface(
    descent: Descent, titles: tuple[str, str], theme: Theme, _: Translate = untranslated
) -> Figure:
    """The loss over two weights with the path on it; below it, the loss after each update."""
    stops = SEQUENTIAL[theme]
    grid = descent.axis.round(2).tolist()
    first, second = descent.path.clip(-EDGE, EDGE).T.round(3).tolist()
    losses = descent.losses.tolist()
    path = {
        "type": "scatter",
        "mode": "lines+markers",
        "showlegend": False,
        "x": first,
        "y": second,
        "text": [f"{loss:.3g}" for loss in losses],
        "line": {"color": ORANGE, "width": 2},
        "marker": {
            "color": ORANGE,
            "size": [13] + [6] * (len(first) - 2) + [13],
            "symbol": ["circle-open"] + ["circle"] * (len(first) - 1),
            "line": {"width": [3] + [0] * (len(first) - 1), "color": ORANGE},
        },
        "hovertemplate": _("loss {loss}", loss="%{text}") + "<extra></extra>",
    }
    surface = {
        "type": "contour",
        "x": grid,
        "y": grid,
        "z": descent.surface.round(2).tolist(),
        "colorscale": [[k / (len(stops) - 1), colour] for k, colour in enumerate(stops)],
        "ncontours": 24,
        "line": {"width": 0.5, "color": "rgba(255,255,255,0.5)"},
        "colorbar": {"title": {"text": _("loss")}, "thickness": 10, "len": 0.68, "y": 0.66},
        "hovertemplate": _("loss {loss}", loss="%{z:.3g}") + "<extra></extra>",
    }
    curve = line(range(len(losses)), losses, _("loss"), ORANGE, xaxis="x2", yaxis="y2")
    return {
        "data": [surface, path, curve | {"showlegend": False}],
        "layout": {
            "height": 620,
            "margin": MARGIN | {"t": 10, "b": 30},
            "hovermode": "closest",
            "xaxis": axis(titles[0], range=[-EDGE, EDGE], anchor="y"),
            "yaxis": axis(titles[1], range=[-EDGE, EDGE], domain=[0.34, 1]),
            "xaxis2": axis(_("updates"), anchor="y2"),
            "yaxis2": axis(_("loss"), domain=[0, 0.2], rangemode="tozero", nticks=4),
        },
    }


def xor_plane(xor: Xor, theme: Theme, _: Translate = untranslated) -> Figure:
    """The answer of the best network over the plane, and the four questions on it."""
    grid, low = xor.axis.round(3).tolist(), DIVERGING[theme]
    return {
        "data": [
            {
                "type": "contour",
                "x": grid,
                "y": grid,
                "z": xor.plane.round(3).tolist(),
                "zmin": 0,
                "zmax": 1,
                "colorscale": [[0, low[0]], [0.5, low[1]], [1, low[2]]],
                "contours": {"start": 0, "end": 1, "size": 0.1},
                "line": {"width": 0},
                "colorbar": {"title": {"text": _("probability of 1")}, "thickness": 10},
                "hovertemplate": "%{z:.2f}<extra></extra>",
            },
            {
                "type": "scatter",
                "mode": "markers+text",
                "x": QUESTIONS[:, 0].tolist(),
                "y": QUESTIONS[:, 1].tolist(),
                "text": [f"<b>{answer:.0f}</b>" for answer in ANSWERS],
                "textfont": {"color": "#111111", "size": 14},
                "marker": {"color": "#ffffff", "size": 30, "line": {"color": "#111", "width": 2}},
                "customdata": xor.answers[xor.best].round(3).tolist(),
                "hovertemplate": "%{customdata}<extra></extra>",
            },
        ],
        "layout": {
            "height": 420,
            "margin": MARGIN,
            "hovermode": "closest",
            "showlegend": False,
            "xaxis": axis(_("first input")),
            "yaxis": axis(_("second input")),
        },
    }
