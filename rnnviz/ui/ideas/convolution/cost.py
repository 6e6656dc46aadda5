"""What a convolution, a GRU, and both cost as sequences grow."""

from typing import TYPE_CHECKING

import pandas as pd

from rnnviz.palette import SERIES, Theme, colours
from rnnviz.ui import show
from rnnviz.ui.background import computed
from rnnviz.ui.ideas import draw_claim
from rnnviz.ui.language import _, current
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.claims import Claim
    from rnnviz.ideas.convolution import Cost


def draw_cost(kernel: int, pool: int) -> None:
    """Draw the time of the three models by length; it is measured once, in a worker."""
    cost: Cost = computed("rnnviz.ideas.convolution:cost", kernel, pool)
    ready, claims = _view(kernel, pool, current(), show.theme(), cost)
    show.figure(ready, key="convolution.cost", data=lambda: _table(cost))
    for claim in claims:
        draw_claim(claim)


@shared(max_entries=100)
def _view(
    kernel: int, pool: int, language: str, theme: Theme, _cost: "Cost"
) -> "tuple[show.ReadyFigure, tuple[Claim, ...]]":
    from rnnviz.ideas.convolution.claims import cost_claims
    from rnnviz.ideas.convolution.cost import LENGTHS, NAMES, UNITS

    title = _(
        "At T = {T} the GRU takes {slower:.0f} times as long as the convolution, for"
        " {more:.1f} times the multiply-adds; behind a convolution, {both:.0f} times",
        T=LENGTHS[-1],
        slower=_cost.slower("gru"),
        more=_cost.more("gru"),
        both=_cost.slower("both"),
    )
    shades = colours(NAMES) | {"convolution": SERIES[5]}
    traces = []
    for name, label in NAMES.items():
        products = [f"{count:,}" for count in _cost.multiply_adds[name]]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": _(label),
                "x": list(LENGTHS),
                "y": [round(ratio, 3) for ratio in _cost.ratios[name]],
                "customdata": products,
                "hovertemplate": _("T = %{x}: %{y:.3g} times as long, %{customdata} multiply-adds"),
                "line": {"color": shades[name], "width": 2.5},
            }
        )
    figure = {
        "data": traces,
        "layout": {
            "height": 340,
            "margin": {"l": 60, "r": 10, "t": 10, "b": 45},
            "xaxis": {
                "title": _("time steps T"),
                "type": "log",
                "tickvals": list(LENGTHS),
                "ticktext": [str(T) for T in LENGTHS],
            },
            "yaxis": {"title": _("time, convolution at T = 50 is 1"), "type": "log", "dtick": 1},
            "legend": {"orientation": "h", "y": 1.12},
        },
    }
    caption = _(
        "One sequence, forward, on one processor core: {units} features, as many filters or units,"
        " kernel {kernel}, pooling by {pool}. The time is that of this server, measured once; the"
        " multiply-adds are exact. A convolution computes all positions at once; a recurrent layer"
        " waits at each step for the state before.",
        units=UNITS,
        kernel=kernel,
        pool=pool,
    )
    alt = _(
        "Lines on logarithmic scales: the time by sequence length, one line per model. {finding}",
        finding=title,
    )
    ready = show.finish(figure, title=title, caption=caption, alt=alt, theme=theme)
    return ready, cost_claims(_cost)


def _table(cost: "Cost") -> pd.DataFrame:
    from rnnviz.ideas.convolution.cost import LENGTHS

    return pd.DataFrame(
        [
            {"model": name, "T": T, "time_ratio": ratio, "multiply_adds": products}
            for name in cost.ratios
            for T, ratio, products in zip(
                LENGTHS, cost.ratios[name], cost.multiply_adds[name], strict=True
            )
        ]
    )
