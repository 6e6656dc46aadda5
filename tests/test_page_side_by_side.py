"""Side by side: a working page before, while and after it trains, in both languages."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from rnnviz.races.contestants import default_contestants, fitting_contestants
from rnnviz.settings import Range, rules
from rnnviz.tasks import TASKS
from rnnviz.ui.language import catalogue
from rnnviz.ui.services.training import service

APP = Path(__file__).parents[1] / "app.py"
PAGE = "pages/train/side_by_side.py"
PATIENCE = 60.0


@pytest.fixture(autouse=True)
def no_worker_is_left() -> Iterator[None]:
    yield
    service().close()
    st.cache_resource.clear()


def opened(**address: str) -> AppTest:
    """The page as a visitor finds it by a link with these parameters."""
    at = AppTest.from_file(APP, default_timeout=60).run()
    for name, value in address.items():
        at.query_params[name] = value
    return at.switch_page(PAGE).run()


def shown(at: AppTest) -> dict[str, Any]:
    """What the live view has been given."""
    [live] = at.get("bidi_component")
    data: dict[str, Any] = json.loads(live.proto.json)
    return data


def results(at: AppTest) -> list[dict[str, str]]:
    """The rows of the table at the end of the race, by the titles that a phone shows."""
    [table] = [each.proto.body for each in at.get("html") if "rnnviz-results" in each.proto.body]
    titles = ["Model", *re.findall(r'data-title="([^"]+)"', table)]
    rows = [re.findall(r"<t[hd][^>]*>([^<]*)<", row) for row in table.split("<tr")[2:]]
    return [{t: cell for t, cell in zip(titles, row, strict=False) if cell} for row in rows]


def press(at: AppTest, name: str) -> AppTest:
    return at.button(f"race.{name}").click().run()


def over(at: AppTest) -> AppTest:
    """The page once its race has ended; AppTest does not run fragments by itself."""
    began = time.monotonic()
    while shown(at)["running"]:
        assert time.monotonic() - began < PATIENCE
        time.sleep(0.1)
        at.run()
    return at


@pytest.mark.parametrize("code", ["en", "ko"])
@pytest.mark.parametrize("task", TASKS)
def test_before_the_start_it_shows_who_will_race(task: str, code: str) -> None:
    at = opened(lang=code, task=task)
    assert not at.exception
    assert not at.warning
    told = (lambda text: text) if code == "en" else catalogue(code).__getitem__
    assert at.title[0].value == told("Side by side")
    data = shown(at)
    assert not data["running"]
    found = TASKS[task]()
    assert [run["code"] for run in data["runs"]] == default_contestants(found)
    assert {run["stateTitle"] for run in data["runs"]} == {told("ready")}
    assert len({run["size"] for run in data["runs"]}) == 3, "each with its parameter count"
    assert data["levels"][0]["metric"] == pytest.approx(found.chance, rel=1e-4)
    assert len(data["answers"]) == len(found.questions())
    for run in data["runs"]:
        assert bool(run["probe"]["norms"]) == (run["code"] not in ("dense", "convolution"))
        assert len(run["probe"]["times"]) <= len(run["probe"]["norms"])
    names = ("start", "pause", "one_step", "stop", "reset")
    assert [at.button(f"race.{name}").disabled for name in names] == [False, *[True] * 4]


@pytest.mark.parametrize("task", TASKS)
def test_whoever_is_offered_can_be_chosen_and_is_in_the_address(task: str) -> None:
    codes = [*fitting_contestants(TASKS[task]())]
    for some in (codes[:6], codes[6:]):
        if some:
            at = opened(task=task, cells=",".join(some), hidden="4")
            assert not at.exception
            assert not at.warning
            assert [run["code"] for run in shown(at)["runs"]] == some
            assert len({run["colour"] for run in shown(at)["runs"]}) == len(some)
            if "cells" in at.query_params:
                assert at.query_params["cells"] == ",".join(some)


@pytest.mark.parametrize("task", TASKS)
def test_every_knob_may_stand_at_both_ends(task: str) -> None:
    kind = TASKS[task]
    for end in ("low", "high"):
        address = {"task": task}
        for name, rule in rules(kind).items():
            if isinstance(rule, Range):
                address[name] = f"{getattr(rule, end):.12g}"
            else:
                codes = [code for code in rule.options if code != "own"]
                address[name] = codes[0 if end == "low" else -1]
        at = opened(**address, hidden="4", cells="gru")
        assert not at.exception
        # A combination may be refused, in a sentence; it is never left out without a word.
        if not at.warning:
            assert shown(at)["runs"]
        else:
            assert at.button("race.start").disabled


def test_an_error_in_percent_has_its_own_scale_and_its_own_goal() -> None:
    at = opened(task="weather", column="relative humidity", cells="gru", set_target="1")
    assert not at.exception
    assert not at.warning
    assert (shown(at)["unit"], shown(at)["share"]) == ("%", False)
    chance = shown(at)["levels"][0]["metric"]
    assert chance > 1, "percent of humidity, no share"
    # A goal is an error below that of guessing, in the unit of the error.
    goals = [each for each in at.get("slider") if each.key.startswith("race.target")]
    assert [each.max for each in goals] == [pytest.approx(chance, rel=0.05)]
    assert shown(opened(task="hello"))["share"]


def test_a_knob_is_never_called_like_a_setting_of_the_race() -> None:
    own = {"task", "cells", "fair", "hidden", "lr", "steps", "seed", "seeds", "batch", "clip"}
    own |= {"layers", "embedding", "embedding_size", "initialisation", "dropout", "deep_head"}
    own |= {"recurrent_dropout", "kernel", "pool", "forcing", "temperature", "seconds", "target"}
    own |= {"forget_bias"}
    own |= {"start", "pause", "one_step", "stop", "reset", "live", "column"}
    own |= {"patience", "device", "set_clip", "set_seconds", "set_target", "set_patience"}
    for task in TASKS.values():
        assert not own & set(rules(task)), task.name


def test_no_more_than_six_race() -> None:
    codes = list(fitting_contestants(TASKS["delayed_recall"]()))
    at = opened(cells=",".join(codes[:7]))
    assert "6 at most" in at.warning[0].value.replace("\\", "")
    at = opened(cells=",".join(codes[:6]))
    [pills] = [each for each in at.get("button_group") if each.key == "race.cells"]
    pills.set_value(codes[:7]).run()
    assert "take one away first" in at.warning[0].value
    assert [run["code"] for run in shown(at)["runs"]] == codes[:6]


def test_a_file_that_is_missing_or_broken_is_asked_for_in_a_sentence() -> None:
    at = opened(task="text", source="own")
    assert not at.exception
    assert "Choose a file first" in at.warning[0].value
    assert at.button("race.start").disabled
    at.get("file_uploader")[0].upload("notes.txt", b"\xff\xfe not UTF-8").run()
    assert not at.exception
    assert "UTF" in at.warning[0].value
    assert at.button("race.start").disabled
    at.get("file_uploader")[0].upload("notes.txt", b"What is said three times is true. " * 40).run()
    assert not at.warning
    assert not at.button("race.start").disabled
    assert shown(at)["runs"]
    at = at.switch_page("pages/start/home.py").run().switch_page(PAGE).run()
    assert not at.warning, "the file outlives a switch of the page"


@pytest.mark.parametrize(
    "address",
    [
        {"hidden": "2", "lr": "0.0001", "batch": "1", "steps": "50", "lag": "1", "seed": "0"},
        {
            "hidden": "128",
            "lr": "0.3",
            "batch": "256",
            "steps": "20000",
            "lag": "199",
            "seed": "99",
        },
        {
            "layers": "4",
            "dropout": "0.8",
            "recurrent_dropout": "0.8",
            "deep_head": "1",
            "seeds": "5",
        },
        {"embedding": "learned", "embedding_size": "256", "initialisation": "orthogonal"},
        {"set_target": "1", "target": "80", "set_patience": "1", "patience": "50"},
        {"fair": "time", "seconds": "2", "cells": "lstm_forget,convolution_gru", "kernel": "15"},
        {"set_clip": "0", "set_seconds": "1", "seconds": "600", "pool": "8", "cells": "dense"},
        {"task": "text", "temperature": "2", "length": "10"},
        {"cells": "gru", "fair": "parameters", "symbols": "10"},
        {"task": "intents", "longest": "8"},
    ],
)
def test_every_slider_may_stand_at_its_ends(address: dict[str, str]) -> None:
    at = opened(**address)
    assert not at.exception
    assert not at.warning
    for name, value in address.items():
        assert at.query_params[name] == value, "the link still says what the visitor sees"


def test_a_race_runs_to_its_end_and_says_who_remembered() -> None:
    at = opened(lag="3", steps="200", hidden="8", lr="0.02")
    at = press(at, "start")
    assert at.button("race.start").disabled
    assert not at.button("race.stop").disabled
    at = over(at)
    assert not at.exception
    data = shown(at)
    assert [run["step"] for run in data["runs"]] == [200] * 3
    assert all(len(run["score"]["values"]) >= 4 for run in data["runs"])
    assert "3 steps" in at.header[0].value.replace("\\", "")
    assert any("RNN" in each.value and "LSTM" in each.value for each in at.markdown)
    table = results(at)
    assert [row["Model"] for row in table][:4] == ["RNN", "LSTM", "GRU", "blind guessing"]
    assert len({row["Parameters"] for row in table[:3]}) == 3
    assert {row["Why it ended"] for row in table[:3]} == {"All 200 steps are done."}
    assert table[3] == {"Model": "blind guessing", "Accuracy": "25 %", "Loss in training": "1.386"}
    assert any("Only the loss of a model is that in training" in each.value for each in at.caption)
    assert data["moments"][0] == 0
    assert data["moments"][-1] == 200
    assert all(set(run["heat"]["steps"]) <= set(data["moments"]) for run in data["runs"])
    assert len(at.get("download_button")) == 4
    # The same again: equal settings, equal course.
    losses = [run["loss"]["values"] for run in data["runs"]]
    at = press(at, "reset")
    assert shown(at)["runs"][0]["step"] == 0
    assert not at.header
    again = shown(over(press(at, "start")))
    assert [run["loss"]["values"] for run in again["runs"]] == losses


def test_whoever_cannot_be_stepped_through_is_named_with_the_reason() -> None:
    at = opened(task="adding", cells="gru,dense", steps="50", hidden="4")
    at = over(press(at, "start"))
    assert not at.exception
    assert "GRU" in [each.proto.label for each in at.get("page_link")]
    told = [each.value.replace("\\", "") for each in at.caption if "Step through" in each.value]
    assert told == [
        "Not in Step through: Dense network. "
        "Only a recurrent network has hidden states to step through."
    ]


def test_pause_resume_and_stop() -> None:
    at = press(opened(lag="20", steps="5000"), "start")
    at = press(at, "pause")
    assert at.button("race.pause").label == "Resume"
    at = press(at, "pause")
    assert at.button("race.pause").label == "Pause"
    at = press(at, "stop")
    assert {run["state"] for run in shown(at)["runs"]} <= {"stopping", "stopped"}, "said at once"
    assert at.button("race.stop").disabled
    assert at.button("race.pause").disabled
    at = over(at)
    assert {run["state"] for run in shown(at)["runs"]} == {"stopped"}
    assert not at.button("race.start").disabled
    assert not at.header, "who was stopped gets no verdict"


def test_settings_that_change_while_it_runs_wait_for_the_next_start() -> None:
    at = press(opened(lag="20", steps="5000"), "start")
    at = at.select_slider("race.lr").set_value(0.03).run()
    assert not at.info, "the learning rate is taken over at once"
    at = at.slider("race.hidden").set_value(32).run()
    assert "next start" in at.info[0].value
    assert {run["size"].split(" ")[0] for run in shown(at)["runs"]} == {"16"}
    at = over(press(at, "stop"))
    assert "next start" in at.info[0].value
    at = press(at, "reset")
    assert not at.info
    assert {run["size"].split(" ")[0] for run in shown(at)["runs"]} == {"32"}


@pytest.mark.parametrize(("code", "told"), [("en", "the start"), ("ko", "시퀀스의 시작")])
def test_signs_in_the_answers_are_explained_in_the_language_of_the_visitor(
    code: str, told: str
) -> None:
    assert told in shown(opened(lang=code, task="counting"))["signs"]
    assert shown(opened(lang=code, task="hello"))["signs"] == ""


def test_whatever_was_changed_on_the_way_is_said_with_the_outcome() -> None:
    at = press(press(opened(lag="3", steps="1500", cells="gru", clip="1"), "start"), "pause")
    at = at.select_slider("race.lr").set_value(0.03).run()
    at = at.select_slider("race.clip").set_value(0.1).run()
    at = over(press(at, "pause"))
    assert not at.exception
    told = "Changed while the race was running: Learning rate, Gradient clipping."
    assert told in [each.value for each in at.caption]
    assert [mark["text"] for mark in shown(at)["runs"][0]["marks"]] == [
        "learning rate 0.03, clipping 0.1"
    ], "both while it was paused: one step is the first with either"


def test_another_page_ends_the_training() -> None:
    at = press(opened(lag="20", steps="5000"), "start")
    at.switch_page("pages/start/home.py").run()
    began = time.monotonic()
    while service().active_runs:
        assert time.monotonic() - began < 5
        time.sleep(0.02)
    at = at.switch_page(PAGE).run()
    assert "left" in at.info[0].value
    assert not at.button("race.start").disabled


def test_the_error_of_a_worker_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened(lag="3", steps="50")
    real = service().submit

    def broken(owner: str, works: Any, **options: Any) -> str:
        return real(owner, [{"experiment": {"task": {"name": "gone"}}}, *works[1:]], **options)

    monkeypatch.setattr(service(), "submit", broken)
    at = over(press(at, "start"))
    assert "RNN did not finish" in at.error[0].value.replace("\\", "")
    assert "'gone' is not a task" in at.error[0].value.replace("\\", "")
    assert [run["state"] for run in shown(at)["runs"]] == ["failed", "finished", "finished"]


def test_a_cell_that_diverges_says_so_while_the_others_race_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = opened(lag="150", steps="5000", hidden="16")
    real = service().submit

    def wild(owner: str, works: Any, **options: Any) -> str:
        plan = json.loads(json.dumps(works[0]["experiment"]))
        plan["model"]["nonlinearity"] = "relu"
        plan["optimiser"] |= {"lr": 1.0, "clip": None}
        return real(owner, [{**works[0], "experiment": plan}, *works[1:]], **options)

    monkeypatch.setattr(service(), "submit", wild)
    at = press(at, "start")
    began = time.monotonic()
    while not at.error:
        assert time.monotonic() - began < PATIENCE
        time.sleep(0.1)
        at.run()
    told = at.error[0].value.replace("\\", "")
    assert re.match(
        r"RNN did not finish. Training diverged: at step \d+ .*rate 1.0 is too high", told
    )
    assert [run["state"] for run in shown(at)["runs"]] == ["failed", "running", "running"]
    over(press(at, "stop"))


def test_a_hostile_link_is_answered_with_a_notice_and_the_defaults() -> None:
    evil = "<img src=x onerror=alert(1)>"
    plain = opened()
    hostile = {
        "task": evil,
        "cells": f"rnn,{evil}",
        "fair": "units;drop",
        "lag": "1e400",
        "symbols": "-1",
        "hidden": evil,
        "lr": "nan",
        "seed": "9" * 400,
        "steps": "inf",
        "batch": "0x10",
    }
    at = opened(**hostile)
    assert not at.exception
    told = at.warning[0].value.replace("\\", "")
    for label in ("Task", "Who races", "Fair means", "Lag", "Symbols", "Hidden units"):
        assert label in told
    for label in ("Learning rate", "Seed", "Training steps", "Batch size"):
        assert label in told
    assert at.warning[0].value.count("<") == at.warning[0].value.count("\\<"), "shown as text"
    assert shown(at)["runs"] == shown(plain)["runs"], "the same race as without a link"
    assert not set(hostile) & set(at.query_params)
    assert shown(over(press(opened(steps="50", lag="3", batch=evil), "start")))["runs"][0]["step"]


def test_the_things_to_try_set_the_controls() -> None:
    at = opened()
    [late] = [
        button for button in at.button if "lag 80" in button.label and "same with" in button.label
    ]
    at = late.click().run()
    assert not at.exception
    assert at.select_slider("race.lag").value == 80
    assert len(shown(at)["tokens"]) == 81
