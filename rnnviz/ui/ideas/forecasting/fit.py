"""Dropout, recurrent dropout and stacked layers: both errors on one axis."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from rnnviz.ideas.claims import Claim
from rnnviz.ideas.forecasting.settings import WindowSettings
from rnnviz.ideas.listing import Listing
from rnnviz.messages import N_
from rnnviz.palette import Theme
from rnnviz.settings import Range
from rnnviz.ui import controls, show
from rnnviz.ui.background import computed
from rnnviz.ui.ideas import draw_claim, draw_listings
from rnnviz.ui.ideas.forecasting import results
from rnnviz.ui.ideas.forecasting.controls import window_settings
from rnnviz.ui.ideas.forecasting.marks import ANSWER, NOW, READ
from rnnviz.ui.language import _, current, say
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.forecasting.overfitting import Curves

DROPOUT = Range(0.0, 0.8, step=0.1, label=N_("Dropout"))
RECURRENT = Range(0.0, 0.8, step=0.1, label=N_("Recurrent dropout"))


def draw() -> None:
    """Draw the controls and the curves."""
    settings = window_settings()
    columns = st.columns([1, 1, 1], gap="medium")
    dropout = controls.slider(
        "forecasting.dropout",
        "",
        DROPOUT,
        0.0,
        help=_("The share of the GRU's answers that a training step sets to 0 at random."),
        container=columns[0],
    )
    recurrent = controls.slider(
        "forecasting.recurrent",
        "",
        RECURRENT,
        0.5,
        help=_(
            "The share of the state that a training step hides from the weights, the same one at "
            "all time steps, as Keras does it."
        ),
        container=columns[1],
    )
    layers = controls.choose(
        "forecasting.layers",
        _("GRU layers"),
        {"1": "1", "2": "2"},
        "1",
        help=_(
            "Stacked: the second layer reads all states of the first, so that one has "
            "return_sequences=True."
        ),
        container=columns[2],
    )
    plain = results.curves(settings, 0.0, 0.0, int(layers))
    chosen = results.curves(settings, dropout, recurrent, int(layers))
    persistence: float = computed("rnnviz.ideas.forecasting.overfitting:persistence", settings)
    ready, claims = _view(
        settings, dropout, recurrent, int(layers), current(), show.theme(), plain, chosen,
        persistence,
    )  # fmt: skip
    show.figure(ready, key="forecasting.fit", data=lambda: _table(plain, chosen))
    for claim in claims:
        draw_claim(claim)
    draw_listings(
        lambda: _listings(settings, dropout, recurrent, int(layers), chosen),
        key="forecasting.fit-code",
    )


@shared(max_entries=100)
def _view(
    settings: WindowSettings,
    dropout: float,
    recurrent: float,
    layers: int,
    language: str,
    theme: Theme,
    _plain: "Curves",
    _chosen: "Curves",
    _persistence: float,
) -> "tuple[show.ReadyFigure, tuple[Claim, ...]]":
    from rnnviz.figures.axes import annotation, straight_line
    from rnnviz.ideas.forecasting.claims import overfitting_claim
    from rnnviz.ideas.forecasting.findings import overfitting_finding
    from rnnviz.ideas.forecasting.overfitting import UNITS, WINDOWS, overfitting_task

    has_dropout = bool(dropout or recurrent)
    lines = [
        (_("training error"), _chosen.training, READ, "solid", 3.0),
        (_("validation error"), _chosen.validation, ANSWER, "solid", 3.0),
    ]
    if has_dropout:
        lines += [
            (_("training error without dropout"), _plain.training, READ, "dot", 1.5),
            (_("validation error without dropout"), _plain.validation, ANSWER, "dot", 1.5),
        ]
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": list(range(len(values))),
            "y": [round(value, 3) for value in values],
            "line": {"color": colour, "dash": dash, "width": width},
            "hovertemplate": "%{y:.2f} °C",
        }
        for name, values, colour, dash, width in lines
    ]
    title = say(overfitting_finding(_chosen))
    label = _("persistence, {error:.2f} °C", error=_persistence)
    note = annotation(label, xref="paper", x=1, y=_persistence, xanchor="right", yanchor="bottom")
    figure = {
        "data": traces,
        "layout": {
            "height": 380,
            "margin": {"l": 55, "r": 10, "t": 10, "b": 45},
            "shapes": [straight_line("y", _persistence, NOW)],
            "annotations": [note],
            "xaxis": {"title": _("epochs")},
            "yaxis": {"title": _("mean absolute error (°C)"), "rangemode": "tozero"},
            "legend": {"orientation": "h", "y": 1.15},
            "hovermode": "x unified",
        },
    }
    task = overfitting_task(settings)
    caption = _(
        "Why: the training error alone always looks good. A GRU of {units} units reads all "
        "{features} columns of only {windows} training windows (here {T} values of each, one "
        "every {hours} {hours:hour|hours}), few enough to learn by heart, for 30 epochs; both "
        "errors are measured without dropout.",
        units=UNITS,
        features=len(task.features),
        windows=WINDOWS,
        T=task.steps,
        hours=task.step // 6,
    )
    alt = _("Two errors over the epochs on one axis: training and validation. {finding}",
            finding=title)  # fmt: skip
    ready = show.finish(figure, title=title, caption=caption, alt=alt, theme=theme)
    return ready, (overfitting_claim(_plain, _chosen),) if has_dropout else ()


def _table(plain: "Curves", chosen: "Curves") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "epoch": range(len(plain.training)),
            "training": chosen.training,
            "validation": chosen.validation,
            "training_without_dropout": plain.training,
            "validation_without_dropout": plain.validation,
        }
    )


@shared(max_entries=50)
def _listings(
    settings: WindowSettings, dropout: float, recurrent: float, layers: int, _curves: "Curves"
) -> tuple[Listing, ...]:
    from rnnviz.ideas.forecasting.listings import overfitting_listings

    return overfitting_listings(settings, dropout, recurrent, layers, _curves)
