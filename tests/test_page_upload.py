"""A visitor's file on Side by side: a proposal, corrected on the spot, before anything trains."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.data import UPLOADS, visitor_series
from rnnviz.data.bounded_cache import BoundedCache
from rnnviz.data.reading import Choice, Question, read_series
from rnnviz.data.reading.corrections import from_json
from rnnviz.data.uploads import uploaded_reading
from rnnviz.data.validate import MB
from rnnviz.data.visitor_series import series_from_reading
from rnnviz.messages import Message, Problem
from rnnviz.tasks.forecast import Forecast, windowed_series
from rnnviz.tasks.forecast.window_defaults import window_defaults
from rnnviz.tasks.forecast.windowed_series import WindowedSeries
from rnnviz.ui.race.upload import words
from rnnviz.ui.race.upload.state import UploadState
from rnnviz.ui.runs.actions import race_address
from tests.conftest import reset_server
from tests.race_page import PAGE, open_page, press, run_to_end, texts

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
    reset_server()


def upload(content: bytes, name: str = "a.csv", task: str = "weather", **address: str) -> AppTest:
    """The page after a visitor has uploaded `content`."""
    at = open_page(task=task, source="own", **address)
    at = at.get("file_uploader")[0].upload(name, content).run()
    assert not at.exception
    return at


def table(N: int = 300, *, first: str = "2024-01-01", name: str = "load") -> bytes:
    """Hourly measurements of a wave, `N` rows."""
    times = np.datetime64(first, "h") + np.arange(N)
    values = 20 + 5 * np.sin(np.arange(N) / 7)
    rows = [f"{time}:00,{value:.3f}" for time, value in zip(times, values, strict=True)]
    return "\n".join([f"time,{name}", *rows, ""]).replace("T", " ").encode()


def conclusion(at: AppTest) -> str:
    """The sentence that says what was understood."""
    [sentence] = [text for text in texts(at.markdown) if re.match(r"\*\*[\d,]+ ", text)]
    return sentence.strip("*")


def curve(at: AppTest) -> list[float]:
    """The numbers that the picture of the series shows."""
    [chart] = at.get("plotly_chart")
    values = json.loads(chart.proto.spec)["data"][0]["y"]
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).tolist()
    return [value for value in values if value is not None]


def control(at: AppTest, name: str) -> Any:
    """The control that corrects an argument of the reading; its expander is opened for it."""
    key = f"race.reading.{name}"
    if "race.reading.encoding" not in [each.key for each in at.selectbox]:
        at.session_state["race.reading.open"] = True
        at.run()
    widgets: list[Any] = [*at.selectbox, *at.multiselect, *at.text_input, *at.number_input]
    [widget] = [each for each in widgets if each.key == key]
    return widget


def head(at: AppTest) -> dict[str, list[str]]:
    """By column of the file: what it is taken for, its first cells, and what they were read as."""
    return {row[0]: list(row[1:]) for row in at.dataframe[0].value.itertuples(index=False)}


def windows(at: AppTest) -> dict[str, int]:
    """The sliders of the window."""
    sliders = {each.key.rpartition(".")[2]: each.value for each in at.select_slider}
    return {name: sliders[name] for name in ("lookback", "step", "delay")}


@pytest.mark.parametrize("path", sorted(CASES.glob("*.csv")), ids=lambda path: path.name)
def test_every_table_is_understood_and_can_be_trained(path: Path) -> None:
    at = upload(path.read_bytes(), path.name)
    assert "is forecast" in conclusion(at)
    assert len(conclusion(at)) < 140
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


def test_an_answer_and_a_correction_change_what_is_read() -> None:
    at = upload((CASES / "airquality_uci.csv").read_bytes())
    at.selectbox("race.reading.drawn").set_value("CO(GT)").run()
    assert min(curve(at)) > 0
    assert "-200 (assumed)" in " ".join(texts(at.caption))
    at = at.radio[0].set_value(1).run()
    assert min(curve(at)) == -200, "it is a measurement"
    assert at.radio[0].value == 1, "the answer can be changed"
    assert "(assumed)" not in " ".join(texts(at.caption))
    at = at.radio[0].set_value(0).run()
    assert min(curve(at)) > 0
    at = control(at, "directions").set_value(["RH"]).run()
    assert control(at, "directions").value == ["RH"]
    assert at.radio[0].value == 0, "what has nothing to do with it stays"
    at = at.button("race.reading.reset").click().run()
    assert control(at, "directions").value == []
    assert "assumed" in at.radio[0].options[0]


def test_both_readings_of_a_separator_are_one_click_away() -> None:
    at = upload((CASES / "semi_us_thousands.csv").read_bytes())
    assert max(curve(at)) > 1000
    assert head(at)["visitors"][0] == "number"
    at = control(at, "thousands").set_value("").run()
    at = control(at, "decimal").set_value(",").run()
    assert not at.exception
    assert max(curve(at)) < 1000
    assert not at.button("race.start").disabled


@pytest.mark.parametrize(
    ("name", "value"),
    [("header", 900), ("encoding", "utf-16"), ("time_format", "%Y/%H")],
)
def test_a_correction_that_cannot_be_read_says_so_and_loses_nothing(name: str, value: Any) -> None:
    at = control(upload(table()), "directions").set_value(["load"]).run()
    before = conclusion(at), curve(at)
    at = control(at, name).set_value(value).run()
    assert not at.exception
    assert len(at.warning) == 1, "one reason"
    assert at.button("race.start").disabled
    assert control(at, name).value == value, "what was asked for still stands there"
    at = at.button("race.reading.undo").click().run()
    assert (conclusion(at), curve(at)) == before
    assert not at.warning
    assert control(at, "directions").value == ["load"]


def test_what_is_missing_can_be_typed_and_removed() -> None:
    content = table().replace(b",20.", b",-99.")
    at = control(upload(content), "missing").set_value(["-99", "x"]).run()
    assert not at.exception
    at = control(at, "time").set_value([]).run()
    assert "without times" in conclusion(at)
    at = control(at, "time").set_value(["time"]).run()
    assert "hourly" in conclusion(at)


def test_the_file_and_its_corrections_survive_a_page_and_go_with_another_file() -> None:
    at = control(upload(table()), "spacing").set_value("even").run()
    at = at.selectbox("race.reading.spacing").set_value("even").run()
    assert "evenly spaced" in conclusion(at)
    at = at.switch_page("pages/start/home.py").run().switch_page(PAGE).run()
    assert "evenly spaced" in conclusion(at)
    assert "In use: a.csv" in texts(at.caption)
    at.get("file_uploader")[0].upload("b.csv", table(400)).run()
    assert conclusion(at).startswith("400 rows, hourly")


def test_a_rerun_reads_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def count(content: bytes, **arguments: Any) -> Any:
        calls.append(arguments)
        return read_series(content, **arguments)

    monkeypatch.setattr(visitor_series, "read_series", count)
    others = [
        count_calls(monkeypatch, visitor_series, "series_from_reading"),
        count_calls(monkeypatch, WindowedSeries, "_make"),
        count_calls(monkeypatch, windowed_series, "missing_cost"),
        count_calls(monkeypatch, words, "step_text"),
        count_calls(monkeypatch, words, "values_of"),
        count_calls(monkeypatch, import_module("rnnviz.figures.series"), "visible_rows"),
        count_calls(monkeypatch, hashlib, "sha256"),
    ]
    at = upload((CASES / "airquality_uci.csv").read_bytes() + b"\n;;;;;;\n")
    assert len(calls) == 2, "as recognised, and with the assumed answers made explicit"
    assert all(others)
    before = [len(each) for each in others]
    for _rerun in range(3):
        at.run()
    assert [len(each) for each in others] == before
    at.selectbox("race.reading.drawn").set_value("RH").run()
    assert len(calls) == 2
    refused = upload(b'{"a": [1, 2, 3]}')
    count_before = len(calls)
    refused.run()
    assert len(calls) == count_before, "nor is a file that cannot be read"


def count_calls(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> list[Any]:
    """A list that gets an entry at every call of a function."""
    calls: list[Any] = []
    function = getattr(owner, name)

    def call(*arguments: Any, **options: Any) -> Any:
        calls.append(arguments)
        return function(*arguments, **options)

    monkeypatch.setattr(owner, name, call)
    return calls


def test_the_small_files_of_a_whole_class_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    contents = [table(200 + pupil) for pupil in range(12)]
    keys = [UPLOADS.add(content) for content in contents]
    calls = count_calls(monkeypatch, visitor_series, "read_series")
    for _rerun in range(2):
        for key, content in zip(keys, contents, strict=True):
            assert len(Forecast(source="own", file=key, lookback=5, step=1, delay=1).columns) == 1
            assert len(uploaded_reading(key)) == content.count(b"\n") - 1
    assert len(calls) == len(contents)


def test_a_cache_is_bounded_by_size_and_keeps_the_last() -> None:
    sizes: list[int] = []

    def make(megabytes: int) -> int:
        sizes.append(megabytes)
        if megabytes < 0:
            raise Problem("{value}", value=megabytes)
        return megabytes

    cache = BoundedCache(make, lambda megabytes: megabytes * MB, limit=10)
    for megabytes in (4, 5, 4, 3, 5, 4, 40, 40, 3):
        assert cache(megabytes) == megabytes
    # 3 displaces 5, the one that was used longest ago; 5 then 4, and 4 then 3; 40 all.
    assert sizes == [4, 5, 3, 5, 4, 40, 3]
    for _time in range(2):
        with pytest.raises(Problem):
            cache(-1)
    assert sizes[-2:] == [-1, -1]


def test_other_names_of_columns_take_their_corrections_with_them() -> None:
    at = upload((CASES / "headerless_with_text.csv").read_bytes())
    at = at.button_group(key="race.own.column").set_value("#4").run()
    at = control(at, "directions").set_value(["#3"]).run()
    at = at.radio[0].set_value(1).run()
    assert not at.exception
    assert not at.warning
    assert "48.7 is forecast" in conclusion(at) or "13.9 is forecast" in conclusion(at)
    [note] = texts(at.info)
    assert note.endswith("were set back: Columns that go round.")
    at = control(at, "directions").set_value(["13.9"]).run()
    assert not at.info, "said once"
    at = at.radio[0].set_value(1).run()
    assert control(at, "directions").value == ["13.9"], "the same answer changes no names"
    at = control(at, "header").set_value(0).run()
    assert "Columns that go round" in texts(at.info)[0]
    assert not at.warning


def test_a_link_whose_correction_has_no_control_says_why_and_goes_back() -> None:
    at = upload(content := table())
    key = hashlib.sha256(content).hexdigest()
    for reading in ('{"target":"nope"}', '{"time":["x"]}', '{"directions":["x"]}'):
        at = open_page(task="weather", source="own", file=key, reading=reading)
        assert at.button("race.start").disabled
        assert len(at.warning) == 1, reading
        at = at.button("race.reading.undo").click().run()
        assert not at.warning
        assert conclusion(at).startswith("300 rows, hourly")


def test_the_window_fits_the_file_until_the_visitor_moves_it() -> None:
    at = upload((CASES / "airline_yyyy_mm.csv").read_bytes())
    monthly = windows(at)
    assert not at.warning, "144 rows work as they open"
    at.get("file_uploader")[0].upload("b.csv", table(2000)).run()
    hourly = windows(at)
    assert hourly == window_defaults(series_from_reading(read_series(table(2000))))
    assert hourly != monthly
    at = at.select_slider("race.own.delay").set_value(7).run()
    assert windows(at) == hourly | {"delay": 7}
    at = control(at, "spacing").set_value("even").run()
    assert windows(at)["delay"] == 7
    at.get("file_uploader")[0].upload("c.csv", table(1999)).run()
    assert windows(at)["delay"] == hourly["delay"], "it was moved for another file"
    linked = upload(table(2000), lookback="10", delay="3")
    assert windows(linked) == hourly | {"lookback": 10, "delay": 3}
    mast = open_page(task="weather", lookback="720")
    own = mast.selectbox("race.source").set_value("own").run()
    own.get("file_uploader")[0].upload("a.csv", table(2000)).run()
    assert windows(own) == hourly, "what was set for other data does not count"


def test_a_window_that_does_not_fit_says_what_does_and_a_button_sets_it() -> None:
    at = upload((CASES / "weekly_104.csv").read_bytes(), lookback="100")
    [warning] = texts(at.warning)
    assert "Too few windows" in warning
    assert "What fits" in warning
    assert at.button("race.start").disabled
    at = at.button("race.fit").click().run()
    assert not at.warning
    assert not at.button("race.start").disabled


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b'{"a": [1, 2], "b": [3, 4]}', "JSON"),
        (b"PAR1\x15\x04\x15", "Parquet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "Excel"),
        (b"PK\x03\x04xl/workbook.xml", "Excel"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "PNG"),
        (b"To be, or not to be,\nthat is the question.\n" * 50, "No column holds numbers"),
    ],
)
def test_a_file_that_is_no_table_is_named(content: bytes, sentence: str) -> None:
    at = upload(content)
    [warning] = texts(at.warning)
    assert sentence in warning
    assert at.button("race.start").disabled
    at.get("file_uploader")[0].upload("b.csv", table()).run()
    assert conclusion(at).startswith("300 rows")


def test_a_run_carries_how_its_file_was_read() -> None:
    content = (CASES / "airquality_uci.csv").read_bytes()
    at = upload(content, steps="50", hidden="4", cells="gru")
    at = control(at, "directions").set_value(["RH"]).run()
    experiments = at.session_state["_objects"]["race"].setup.experiments
    assert from_json(experiments[0].task.reading) == {
        "directions": ["RH"],
        "missing": [-200.0],
    }
    at = run_to_end(press(at, "start"))
    assert not at.exception
    [note] = [text for text in texts(at.caption) if text.startswith("Read with: ")]
    assert "Decimal mark: comma: 1,5" in note
    assert "Stands for missing: -200" in note
    address = race_address(experiments[0])
    assert address is not None
    linked = open_page(**address)
    assert not linked.exception
    assert not linked.warning
    assert linked.session_state["_objects"]["race"].setup.experiments == experiments
    assert control(linked, "directions").value == ["RH"]
    linked = control(linked, "directions").set_value([]).run()
    assert "RH" not in linked.query_params["reading"][0]


def test_a_link_to_a_file_that_is_gone_waits_for_it() -> None:
    content = table(320, name="gone")
    key = hashlib.sha256(content).hexdigest()
    link = {"task": "weather", "source": "own", "file": key, "reading": '{"spacing":"even"}'}
    at = open_page(**link)
    assert "no longer available; upload it again" in texts(at.warning)[0]
    at.get("file_uploader")[0].upload("a.csv", content).run()
    assert "evenly spaced" in conclusion(at), "with the corrections of the link"
    at.get("file_uploader")[0].upload("b.csv", table()).run()
    assert "hourly" in conclusion(at)
    assert "file" not in at.query_params
    broken = open_page(**link | {"reading": "[1"})
    broken.get("file_uploader")[0].upload("a.csv", content).run()
    assert not broken.exception
    assert "hourly" in conclusion(broken)


def test_a_text_is_shown_as_it_was_understood() -> None:
    lines = ["오늘의 날씨는 맑음", "내일은 비가 옵니다"] * 20
    at = upload("\x85".join(lines).encode("utf-8") + b"\x07", "a.txt", task="text")
    count = len("\n".join(lines))
    assert conclusion(at) == f"{count} characters in 40 lines, read as UTF-8."
    remarks = " ".join(texts(at.markdown))
    assert "NEL (39)" in remarks
    assert "Left out: 1 character " in remarks
    assert not at.button("race.start").disabled
    at.get("file_uploader")[0].upload("b.txt", "\n".join(lines).encode("cp949")).run()
    assert "read as CP949" in conclusion(at)
    at = at.selectbox("race.reading.encoding").set_value("utf-16").run()
    assert len(at.warning) == 1
    assert at.button("race.start").disabled
    at = at.button("race.reading.undo").click().run()
    at = at.selectbox("race.reading.encoding").set_value("cp1252").run()
    assert "read as CP1252" in conclusion(at)
    [experiment, *_more] = at.session_state["_objects"]["race"].setup.experiments
    assert from_json(experiment.task.reading) == {"encoding": "cp1252"}
    assert "¿" in "".join(experiment.task.example().tokens)


def test_several_answers_about_one_list_are_combined() -> None:
    def question(code: float, rest: list[float]) -> Question:
        every = [-99.0, -98.0, -97.0]
        choices = (
            Choice(Message("missing"), {"missing": every}),
            Choice(Message("a measurement"), {"missing": rest}),
        )
        return Question(Message("{code}?", {"code": code}), choices)

    state = UploadState()
    questions = [question(-99.0, [-98.0, -97.0]), question(-98.0, [-99.0, -97.0])]
    state.ask(questions)
    state.answer("-99.0?", 1)
    state.ask(())  # the answer decides all codes, so the reader asks no more
    assert [*state.questions] == ["-99.0?", "-98.0?"]
    state.answer("-98.0?", 1)
    assert state.corrections == {"missing": [-97.0]}
    state.answer("-99.0?", 0)
    assert state.corrections == {"missing": [-99.0, -97.0]}
    state.correct("missing", [1.0])
    state.ask(())
    assert not state.questions


def test_all_of_it_speaks_korean() -> None:
    at = upload((CASES / "kma_utf8sig.csv").read_bytes(), lang="ko")
    at.session_state["race.reading.open"] = True
    at.run()
    assert not at.exception
    [sentence] = [text for text in texts(at.markdown) if "예측할 열: 기온(°C)" in text]
    assert "600행, 1시간 간격, 2019-01-01 00:00" in sentence
    labels = [each.label for each in (*at.selectbox, *at.multiselect, *at.text_input)]
    assert not [label for label in labels if label.isascii()]
