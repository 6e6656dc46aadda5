"""How sensitive the hidden state is to each token.

T time steps.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from rnnviz.figures.axes import GREY, MARGIN, Figure
from rnnviz.figures.translation import Translate, untranslated
from rnnviz.memory import TokenSensitivity
from rnnviz.messages import N_
from rnnviz.names import CELL_NAMES
from rnnviz.palette import CELLS

MAX_BARS = 12
"""The most tokens of which each has a colour of its own and every step its bar."""

# The stops of viridis that are visible on both backgrounds: early tokens dark, late ones light,
# distinguishable by brightness alone.
_RAMP = ("#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725")

_AFTER = N_("state after …")
_SHARE = N_("share of the movement")
_POSITION = N_("token")
_HOVER = N_("{token}: {share} of what moves the state after {after}")


def token_sensitivity(
    by_cell: Mapping[str, TokenSensitivity], tokens: Sequence[str], _: Translate = untranslated
) -> Figure:
    """What each of `tokens` (T) makes up of all that moves the state when one is left out.

    Few tokens: after every step, one bar per cell, stacked by token. Many: one line per cell, the
    shares for the final state against the token's position.
    """
    # Plotly would read a visitor's <b> or <a> as markup.
    labels = [escape(readable(token)) for token in tokens]
    return (_bars if len(tokens) <= MAX_BARS else _lines)(by_cell, labels, _)


def readable(token: str) -> str:
    """A token as a label: not too long, and a blank that can be seen."""
    return "␣" if token.isspace() else token if len(token) <= 14 else token[:13] + "…"


def percent(share: float) -> str:
    """A share for readers: 26%, <1%, 0%."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def _colour(index: int, T: int) -> str:
    """The colour of token `index` of `T`, between two stops of the ramp."""
    position = index / max(T - 1, 1) * (len(_RAMP) - 1)
    low = min(int(position), len(_RAMP) - 2)
    channels = []
    for k in (1, 3, 5):
        first, second = int(_RAMP[low][k : k + 2], 16), int(_RAMP[low + 1][k : k + 2], 16)
        channels.append(round(first + (second - first) * (position - low)))
    return "#{:02x}{:02x}{:02x}".format(*channels)


def _bars(by_cell: Mapping[str, TokenSensitivity], labels: list[str], _: Translate) -> Figure:
    T, traces = len(labels), []
    layout: dict[str, Any] = {}
    height = 1 / len(by_cell)
    for row, (cell, shares) in enumerate(by_cell.items()):
        axis = "y" if row == 0 else f"y{row + 1}"
        top = 1 - row * height
        layout[axis.replace("y", "yaxis")] = {
            "domain": [top - height * 0.78, top - height * 0.06],
            "range": [0, 1],
            "tickvals": [0, 0.5, 1],
            "tickformat": ".0%",
            "showgrid": False,
            "zeroline": False,
            "title": {
                "text": f"<b>{CELL_NAMES[cell]}</b>",
                "font": {"color": CELLS[cell], "size": 15},
            },
        }
        table = shares.shares_over_time.tolist()
        for token in range(T):
            column = [table[after][token] for after in range(T)]
            hover = [
                _(_HOVER, token=labels[token], share=percent(share), after=labels[after])
                for after, share in enumerate(column)
            ]
            traces.append(
                {
                    "type": "bar",
                    "name": f"{token + 1} {labels[token]}",
                    "legendgroup": str(token),
                    "showlegend": row == 0,
                    "x": list(range(T)),
                    "y": column,
                    "yaxis": axis,
                    "marker": {"color": _colour(token, T), "line": {"width": 0}},
                    "text": [f"{share:.0%}" if share >= 0.08 else "" for share in column],
                    "textposition": "inside",
                    "insidetextfont": {"color": "#ffffff" if token < T / 2 else "#14171c"},
                    "insidetextanchor": "middle",
                    "textangle": 0,
                    "hovertext": hover,
                    "hoverinfo": "text",
                }
            )
    last = "y" if len(by_cell) == 1 else f"y{len(by_cell)}"
    return {
        "data": traces,
        "layout": layout
        | {
            "barmode": "stack",
            "bargap": 0.12,
            "height": 110 + 165 * len(by_cell),
            "margin": MARGIN,
            "uniformtext": {"mode": "hide", "minsize": 9},
            # The last bar is the final state, the others lead to it.
            "shapes": [
                {
                    "type": "rect",
                    "yref": "paper",
                    "x0": T - 1.5 + 0.03,
                    "x1": T - 0.5 - 0.03,
                    "y0": 0,
                    "y1": 1,
                    "line": {"color": GREY, "width": 1.5, "dash": "dot"},
                }
            ],
            "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom", "traceorder": "normal"},
            "xaxis": {
                "anchor": last,
                "tickvals": list(range(T)),
                "ticktext": labels,
                "title": {"text": _(_AFTER)},
                "showgrid": False,
            },
        },
    }


def _lines(by_cell: Mapping[str, TokenSensitivity], labels: list[str], _: Translate) -> Figure:
    T = len(labels)
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers" if T <= 60 else "lines",
            "name": CELL_NAMES[cell],
            "x": list(range(1, T + 1)),
            "y": shares.shares.tolist(),
            "line": {"color": CELLS[cell], "width": 2.5},
            "text": labels,
            "hovertemplate": "%{x} %{text}: %{y:.1%}",
        }
        for cell, shares in by_cell.items()
    ]
    every = -(-T // 40)
    return {
        "data": traces,
        "layout": {
            "height": 380,
            "margin": MARGIN,
            "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom"},
            "xaxis": {
                "tickvals": list(range(1, T + 1, every)),
                "ticktext": labels if every == 1 else [str(t) for t in range(1, T + 1, every)],
                "title": {"text": _(_POSITION)},
                "showgrid": False,
            },
            "yaxis": {"tickformat": ".0%", "rangemode": "tozero", "title": {"text": _(_SHARE)}},
        },
    }
