"""What pages display: a figure that is ready is sent as Streamlit would send it."""

import json
import math
from typing import Any

import pytest
import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.testing.v1 import AppTest

from rnnviz import figures
from rnnviz.gradient_flow import FlowSettings, measure
from rnnviz.palette import INK, Theme
from rnnviz.ui import show

FLOW = measure(FlowSettings(length=7, hidden=4, seeds=3, clip=0.01))
FIGURES: dict[str, dict[str, Any]] = {
    "lines, bands and names": figures.gradient_norms(FLOW),
    "one row for each cell": figures.step_factors(FLOW),
    "no height": {"data": [{"type": "bar", "y": [1, 2.5]}], "layout": {"yaxis": {"title": "μ<b>"}}},
    "numbers without JSON": {
        "data": [{"type": "heatmap", "z": [[0.1, math.nan], [math.inf, None]], "uid": "own"}],
        "layout": {"height": 321, "width": 99, "annotations": [{"text": "=1"}]},
    },
}


def draw(name: str, theme: Theme, is_slow: bool) -> None:
    """Draw a figure as the pages do, or with Streamlit's own command."""

    def send(fig: show.ReadyFigure, key: str, _container: object) -> None:
        coloured = show.with_text_colour(FIGURES[name], theme)
        st.plotly_chart(coloured, key=key, config=show.CONFIG, alt=fig.alt)

    words = {"title": "A *title*", "caption": "See", "alt": " What it shows "}
    ready = show.finish(FIGURES[name], theme=theme, **words)
    with pytest.MonkeyPatch.context() as patch:
        if is_slow:
            patch.setattr(show, "_send", send)
        show.figure(ready, key="some.figure", data=lambda: pytest.fail("nobody downloads it"))


def script(name: str, theme: "Theme", is_slow: bool) -> None:
    """What the session runs: only its source reaches it."""
    from tests.test_show import draw

    draw(name, theme, is_slow)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", FIGURES)
def test_a_ready_figure_is_sent_as_streamlit_sends_it(
    name: str, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    charts: list[ForwardMsg] = []
    enqueue = ScriptRunContext.enqueue

    def record(ctx: ScriptRunContext, message: ForwardMsg) -> None:
        enqueue(ctx, message)
        if message.delta.new_element.HasField("plotly_chart"):
            charts.append(message)

    monkeypatch.setattr(ScriptRunContext, "enqueue", record)
    for is_slow in (False, True):
        at = AppTest.from_function(script, args=(name, theme, is_slow)).run()
        assert not at.exception
    ready, slow = charts
    assert ready == slow
    chart = ready.delta.new_element.plotly_chart
    assert chart.alt == "What it shows"
    assert json.loads(chart.spec)["layout"]["font"]["color"] == INK[theme]
