"""A visitor's file on Side by side: a proposal, corrected on the spot, before anything trains."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from rnnviz.ui.services.training import service
from tests.race_page import open_page, texts

CASES = Path(__file__).parent / "fixtures" / "series"

ASKED = {
    "airquality_iso.csv",
    "airquality_uci.csv",
    "date_am_pm_rows.csv",
    "headerless_with_text.csv",
    "us_dates_desc.csv",
    "yahoo_business_days.csv",
    "yyyymmdd_int.csv",
}
"""The cases that have two readings."""


@pytest.fixture(autouse=True)
def no_worker_is_left() -> Iterator[None]:
    yield
    service().close()
    st.cache_resource.clear()


def upload(content: bytes, name: str = "a.csv", task: str = "weather", **address: str) -> AppTest:
    """The page after a visitor has uploaded `content`."""
    at = open_page(task=task, source="own", **address)
    at = at.get("file_uploader")[0].upload(name, content).run()
    assert not at.exception
    return at


def table(N: int = 300, *, first: str = "2024-01-01", name: str = "load") -> bytes:
    """Hourly measurements of a wave of `N` rows."""
    times = np.datetime64(first, "h") + np.arange(N)
    values = 20 + 5 * np.sin(np.arange(N) / 7)
    rows = [
        f"{str(time).replace('T', ' ')}:00,{v:.3f}" for time, v in zip(times, values, strict=True)
    ]
    return "\n".join([f"time,{name}", *rows, ""]).encode()


def conclusion(at: AppTest) -> str:
    """The sentence that says what was understood."""
    [sentence] = [
        text
        for text in texts(at.markdown)
        if text.startswith("**") and ". " not in text[-3:] and " row" in text
    ]
    return sentence.strip("*")


def curve(at: AppTest) -> list[float]:
    """The numbers that the picture of the series shows."""
    [chart] = at.get("plotly_chart")
    line = json.loads(chart.proto.spec)["data"][0]["y"]
    return [value for value in _decoded(line) if value is not None]


def _decoded(values: Any) -> list[Any]:
    if isinstance(values, dict):
        import base64

        return list(np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]))
    return list(values)


def control(at: AppTest, name: str) -> Any:
    """The control that corrects an argument of the reading; its expander is opened for it."""
    key = f"race.reading.{name}"
    if not any(key == each.key for each in _widgets(at)):
        at.session_state["race.reading.open"] = True
        at.run()
    [widget] = [each for each in _widgets(at) if each.key == key]
    return widget


def _widgets(at: AppTest) -> list[Any]:
    return [*at.selectbox, *at.multiselect, *at.text_input, *at.number_input]


def head(at: AppTest) -> dict[str, list[str]]:
    """By column of the file: what it is taken for, its first cells, and what they were read as."""
    return {row[0]: list(row[1:]) for row in at.dataframe[0].value.itertuples(index=False)}


@pytest.mark.parametrize("path", sorted(CASES.glob("*.csv")), ids=lambda path: path.name)
def test_every_table_is_understood_and_can_be_trained(path: Path) -> None:
    at = upload(path.read_bytes(), path.name)
    assert "is forecast" in conclusion(at)
    assert bool(at.radio) == (path.name in ASKED)
    for radio in at.radio:
        assert "(assumed)" in radio.options[radio.index or 0]
    assert not at.warning, "the defaults fit"
    assert not at.button("race.start").disabled
    assert curve(at)
    roles = head(at)
    assert "number" in {role for role, _cells, _values in roles.values()}
    for name, (role, cells, values) in roles.items():
        assert cells, name
        assert bool(values) == (role in ("time", "number")), name
