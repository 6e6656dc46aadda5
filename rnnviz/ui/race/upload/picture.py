"""The series of a visitor's file, drawn: the column that is forecast, or another."""

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from rnnviz.data.reading import SeriesReading
from rnnviz.data.uploads import uploaded_reading
from rnnviz.palette import Theme
from rnnviz.ui import controls, show
from rnnviz.ui.language import _, current
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    import plotly.graph_objects as go

KEY = "race.reading.drawn"


def draw_picture(key: str, settings: str, reading: SeriesReading, target: str) -> None:
    """Draw one column over time, first the `target`; the visitor may choose another."""
    columns = [*reading.columns]
    choice = st.session_state.get(KEY)
    shape = (key, target, *columns)
    controls.seed(KEY, choice if choice in columns else target, shape)
    name = st.selectbox(_("Column that is drawn"), columns, key=KEY) if len(columns) > 1 else target
    st.plotly_chart(
        _picture(key, settings, name, show.theme(), current()),
        key="race.reading.picture",
        config=show.CONFIG,
        alt=_("{column} over time; gaps are missing values or rows.", column=name),
    )


@shared(max_entries=40)
def _picture(key: str, settings: str, name: str, theme: Theme, language: str) -> "go.Figure":
    """The finished figure of one column, once for all reruns and visitors."""
    import plotly.graph_objects as go

    from rnnviz.figures import series

    reading = uploaded_reading(key, settings)
    step: Any = reading.step
    x: Any = np.arange(1.0, len(reading) + 1)
    title = _("row")
    if reading.times is not None:
        x, title = reading.times, ""
    elif reading.elapsed is not None:
        x, title = reading.elapsed, _("elapsed time")
    if isinstance(step, np.timedelta64):
        step = float(step.astype("timedelta64[ns]").astype(np.int64)) / 1e9
    fig = series(
        x,
        reading.columns[name],
        step=float(step or 1.0),
        even=reading.spacing == "even",
        name=name,
        x_title=title,
    )
    return go.Figure(show.with_text_colour(fig, theme))
