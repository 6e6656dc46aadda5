"""Which labels a model confuses. V labels."""

import html
from collections.abc import Sequence

from rnnviz.figures.axes import Figure
from rnnviz.figures.translation import Translate, untranslated
from rnnviz.palette import SEQUENTIAL, Theme

ROW_HEIGHT = 24
"""The height of a row in pixels."""


def confusion(
    labels: Sequence[str],
    counts: Sequence[Sequence[int]],
    theme: Theme,
    _: Translate = untranslated,
) -> Figure:
    """The confusion matrix (V,V): targets down, answers across, coloured by the share of the row.

    `labels` are translated already.
    """
    names = [html.escape(label) for label in labels]
    shares = [[count / max(1, sum(row)) for count in row] for row in counts]
    stops = SEQUENTIAL[theme]
    return {
        "data": [
            {
                "type": "heatmap",
                "x": names,
                "y": names,
                "z": shares,
                "customdata": [list(row) for row in counts],
                "zmin": 0,
                "zmax": 1,
                "colorscale": [[k / (len(stops) - 1), colour] for k, colour in enumerate(stops)],
                "colorbar": {
                    "title": {"text": _("share of the row")},
                    "tickformat": ".0%",
                    "thickness": 10,
                },
                "hovertemplate": _(
                    "right answer: {target}<br>model's answer: {answer}<br>"
                    "how often: {count}, {share} of the row",
                    target="%{y}",
                    answer="%{x}",
                    count="%{customdata}",
                    share="%{z:.0%}",
                )
                + "<extra></extra>",
                "xgap": 1,
                "ygap": 1,
            }
        ],
        "layout": {
            "height": 170 + ROW_HEIGHT * len(names),
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "xaxis": {
                "title": {"text": _("model's answer")},
                "type": "category",
                "tickangle": -60,
                "automargin": True,
                "dtick": 1,
            },
            "yaxis": {
                "title": {"text": _("right answer")},
                "type": "category",
                "autorange": "reversed",
                "automargin": True,
                "dtick": 1,
            },
        },
    }
