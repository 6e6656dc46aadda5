"""Side by side: a working page before, while and after it trains, in both languages."""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.races.contestants import MAX_CONTESTANTS, default_contestants, fitting_contestants
from rnnviz.settings import Range, rules
from rnnviz.tasks import TASKS
from rnnviz.ui import live
from rnnviz.ui.language import catalogue
from rnnviz.ui.race import outcome
from rnnviz.ui.race import results as results_module
from rnnviz.ui.services.training import service
from tests.conftest import reset_server
from tests.race_page import (
    PAGE,
    PATIENCE,
    open_page,
    open_popover,
    payload,
    press,
    results,
    run_to_end,
    texts,
    values,
)


@pytest.fixture(autouse=True)
def no_worker_is_left() -> Iterator[None]:
    yield
    reset_server()


def open_without_notices(**address: str) -> AppTest:
    at = open_page(**address)
    assert not at.exception
    assert not at.warning
    return at


def replace_first_work(monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], Any]) -> None:
    """Let the first run of the next race train what `change` makes of its experiment."""
    submit = service().submit

    def submit_changed(owner: str, works: Any, **options: Any) -> str:
        experiment = change(json.loads(json.dumps(works[0]["experiment"])))
        return submit(owner, [{**works[0], "experiment": experiment}, *works[1:]], **options)

    monkeypatch.setattr(service(), "submit", submit_changed)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", TASKS)
def test_before_the_start_it_shows_the_contestants(name: str, language: str) -> None:
    at = open_without_notices(lang=language, task=name)
    translate = (lambda text: text) if language == "en" else catalogue(language).__getitem__
    assert at.title[0].value == translate("Side by side")
    data, task = payload(at), TASKS[name]()
    assert not data["running"]
    assert values(at, "code") == default_contestants(task)
    assert {*values(at, "stateTitle")} == {translate("ready")}
    assert len({*values(at, "sizeText")}) == 3, "each with its parameter count"
    chance = data["baselines"][0]["validationMetric"]
    assert chance == pytest.approx(task.chance, rel=1e-4)
    assert len(data["answers"]) == len(task.questions())
    for contestant in data["contestants"]:
        snapshot = contestant["snapshot"]
        stateless = contestant["code"] in ("dense", "convolution")
        assert bool(snapshot["gradientNorms"]) != stateless
        assert len(snapshot["timeSteps"]) <= len(snapshot["gradientNorms"])
    names = ("start", "pause", "one_step", "stop", "reset")
    assert [at.button(f"race.{each}").disabled for each in names] == [False, *[True] * 4]


@pytest.mark.parametrize("name", TASKS)
def test_every_contestant_that_fits_can_be_chosen_and_is_in_the_address(name: str) -> None:
    fitting = [*fitting_contestants(TASKS[name]())]
    for start in range(0, len(fitting), MAX_CONTESTANTS):
        codes = fitting[start : start + MAX_CONTESTANTS]
        at = open_without_notices(task=name, cells=",".join(codes), hidden="4")
        assert values(at, "code") == codes
        assert len({*values(at, "colour")}) == len(codes)
        if "cells" in at.query_params:
            assert at.query_params["cells"] == ",".join(codes)


@pytest.mark.parametrize("name", TASKS)
def test_every_control_of_a_task_works_at_both_ends(name: str) -> None:
    for end in ("low", "high"):
        address = {"task": name}
        for setting, rule in rules(TASKS[name]).items():
            if isinstance(rule, Range):
                address[setting] = f"{getattr(rule, end):.12g}"
            else:
                codes = [code for code in rule.options if code != "own"]
                address[setting] = codes[0 if end == "low" else -1]
        at = open_page(**address, hidden="4", cells="gru")
        assert not at.exception
        # A combination may be refused, in a sentence; it is never left out silently.
        if at.warning:
            assert at.button("race.start").disabled
        else:
            assert payload(at)["contestants"]


def test_an_error_in_percent_has_its_own_scale_and_its_own_goal() -> None:
    at = open_without_notices(
        task="weather", column="relative humidity", cells="gru", set_target="1"
    )
    data = payload(at)
    assert (data["metricUnit"], data["isShare"]) == ("%", False)
    chance = data["baselines"][0]["validationMetric"]
    assert chance > 1, "percent of humidity, no share"
    # A goal is an error below that of guessing, in the unit of the error.
    at = open_popover(at, "race.training.open")
    goals = [each for each in at.get("slider") if each.key.startswith("race.target")]
    assert [each.max for each in goals] == [pytest.approx(chance, rel=0.05)]
    assert payload(open_page(task="hello"))["isShare"]


def test_no_setting_of_a_task_has_the_name_of_a_setting_of_the_race() -> None:
    reserved = {"task", "cells", "fair", "hidden", "lr", "steps", "seed", "seeds", "batch", "clip"}
    reserved |= {"layers", "embedding", "embedding_size", "initialisation", "dropout", "deep_head"}
    reserved |= {"recurrent_dropout", "state_dropout", "kernel", "pool", "forcing", "temperature"}
    reserved |= {"dilation", "pooling", "seconds", "forget_bias", "target", "patience", "device"}
    reserved |= {"start", "pause", "one_step", "stop", "reset", "live", "column"}
    reserved |= {"set_clip", "set_seconds", "set_target", "set_patience"}
    for task in TASKS.values():
        assert not reserved & set(rules(task)), task.name


def test_no_more_than_six_race() -> None:
    codes = list(fitting_contestants(TASKS["delayed_recall"]()))
    assert "at most 6" in texts(open_page(cells=",".join(codes[:7])).warning)[0]
    at = open_page(cells=",".join(codes[:6]))
    [pills] = [each for each in at.get("button_group") if each.key == "race.cells"]
    pills.set_value(codes[:7]).run()
    assert "remove one first" in at.warning[0].value
    assert values(at, "code") == codes[:6]


def test_a_missing_or_broken_file_is_reported_in_a_sentence() -> None:
    at = open_page(task="text", source="own")
    assert not at.exception
    assert "Choose a file first" in at.warning[0].value
    assert at.button("race.start").disabled
    at.get("file_uploader")[0].upload("notes.txt", b"PK\x03\x04 no text").run()
    assert not at.exception
    assert "zip archive" in at.warning[0].value
    assert at.button("race.start").disabled
    at.get("file_uploader")[0].upload("notes.txt", b"What is said three times is true. " * 40).run()
    assert not at.warning
    assert not at.button("race.start").disabled
    assert payload(at)["contestants"]
    at = at.switch_page("pages/start/home.py").run().switch_page(PAGE).run()
    assert not at.warning, "the file survives a switch of the page"


LOW = {"hidden": "2", "lr": "0.0001", "batch": "1", "steps": "50", "lag": "1", "seed": "0"}
HIGH = {"hidden": "128", "lr": "0.3", "batch": "256", "steps": "20000", "lag": "199", "seed": "99"}


@pytest.mark.parametrize(
    "address",
    [
        LOW,
        HIGH,
        {"layers": "4", "dropout": "0.8", "recurrent_dropout": "0.8", "deep_head": "1"},
        {"state_dropout": "0.8", "initialisation": "keras", "cells": "rnn,gru_both"},
        {"seeds": "5", "task": "intents", "longest": "8"},
        {"embedding": "learned", "embedding_size": "256", "initialisation": "orthogonal"},
        {"set_target": "1", "target": "80", "set_patience": "1", "patience": "50"},
        {"fair": "time", "seconds": "2", "cells": "lstm_forget,convolution_gru", "kernel": "15"},
        {"set_clip": "0", "set_seconds": "1", "seconds": "600", "pool": "8", "cells": "dense"},
        {"cells": "convolution", "dilation": "8", "pooling": "average"},
        {"task": "text", "temperature": "2", "length": "10"},
        {"cells": "gru", "fair": "parameters", "symbols": "10"},
    ],
)
def test_every_slider_works_at_its_ends(address: dict[str, str]) -> None:
    at = open_without_notices(**address)
    for name, value in address.items():
        assert at.query_params[name] == value, "the link still says what the visitor sees"


def test_a_race_runs_to_its_end_and_says_which_cells_remembered() -> None:
    at = press(open_page(lag="8", steps="200", hidden="8", lr="0.02"), "start")
    assert at.button("race.start").disabled
    assert not at.button("race.stop").disabled
    at = run_to_end(at)
    assert not at.exception
    data = payload(at)
    assert values(at, "step") == [200] * 3
    assert all(len(curve["values"]) >= 4 for curve in values(at, "validationMetric"))
    assert "8 steps" in texts(at.header)[0]
    assert any("RNN" in each.value and "LSTM" in each.value for each in at.markdown)
    rows = results(at)
    assert [row["Model"] for row in rows][:4] == ["RNN", "LSTM", "GRU", "blind guessing"]
    assert len({row["Parameters"] for row in rows[:3]}) == 3
    assert {row["Why it ended"] for row in rows[:3]} == {"All 200 steps are done."}
    assert rows[3] == {
        "Model": "blind guessing",
        "Accuracy on the test examples": "25 %",
        "Accuracy on the validation examples": "25 %",
        "Training loss": "1.386",
    }
    note = "Measured on 128 test examples, apart from the 128 validation examples of the curve."
    assert any(note in each.value for each in at.caption)
    saved_steps = data["savedSteps"]
    assert (saved_steps[0], saved_steps[-1]) == (0, 200)
    assert all({*norms["steps"]} <= {*saved_steps} for norms in values(at, "gradientHistory"))
    assert len(at.get("download_button")) == 4
    # The same again: equal settings, equal course.
    losses = [curve["values"] for curve in values(at, "trainLoss")]
    at = press(at, "reset")
    assert values(at, "step")[0] == 0
    assert not at.header
    at = run_to_end(press(at, "start"))
    assert [curve["values"] for curve in values(at, "trainLoss")] == losses


def test_a_model_that_cannot_be_stepped_through_is_named_with_the_reason() -> None:
    at = open_page(task="adding", cells="gru,dense", steps="50", hidden="4")
    at = run_to_end(press(at, "start"))
    assert not at.exception
    assert "GRU" in [each.proto.label for each in at.get("page_link")]
    assert [each for each in texts(at.caption) if "Step through" in each] == [
        "Not in Step through: Dense network. "
        "Only a recurrent network has hidden states to step through."
    ]


def test_pause_resume_and_stop() -> None:
    at = press(open_page(lag="20", steps="5000"), "start")
    at = press(at, "pause")
    assert at.button("race.pause").label == "Resume"
    at = press(at, "pause")
    assert at.button("race.pause").label == "Pause"
    at = press(at, "stop")
    assert {*values(at, "state")} <= {"stopping", "stopped"}, "shown at once"
    assert at.button("race.stop").disabled
    assert at.button("race.pause").disabled
    at = run_to_end(at)
    assert {*values(at, "state")} == {"stopped"}
    assert not at.button("race.start").disabled
    assert not at.header, "a race that was stopped has no verdict"


def test_settings_that_change_while_it_runs_wait_for_the_next_start() -> None:
    def units(at: AppTest) -> set[str]:
        return {text.split(" ")[0] for text in values(at, "sizeText")}

    at = press(open_page(lag="20", steps="5000"), "start")
    at = at.select_slider("race.lr").set_value(0.03).run()
    assert not at.info, "the learning rate is applied at once"
    at = at.slider("race.hidden").set_value(32).run()
    assert "next start" in at.info[0].value
    assert units(at) == {"16"}
    at = run_to_end(press(at, "stop"))
    assert "next start" in at.info[0].value
    at = press(at, "reset")
    assert not at.info
    assert units(at) == {"32"}


@pytest.mark.parametrize(("language", "meaning"), [("en", "the start"), ("ko", "시퀀스의 시작")])
def test_signs_in_the_answers_are_explained_in_the_language_of_the_visitor(
    language: str, meaning: str
) -> None:
    assert meaning in payload(open_page(lang=language, task="counting"))["signsNote"]
    assert payload(open_page(lang=language, task="hello"))["signsNote"] == ""


def test_settings_that_were_changed_are_named_with_the_outcome() -> None:
    at = press(open_page(lag="3", steps="1500", cells="gru", clip="1"), "start")
    at = press(at, "pause").select_slider("race.lr").set_value(0.03).run()
    at = open_popover(at, "race.training.open").select_slider("race.clip").set_value(0.1).run()
    at = run_to_end(press(at, "pause"))
    assert not at.exception
    note = "Changed while the race was running: Learning rate, Gradient clipping."
    assert note in [each.value for each in at.caption]
    [changes] = values(at, "changes")
    assert [change["text"] for change in changes] == ["learning rate 0.03, clipping 0.1"], (
        "both while it was paused: one step is the first with either"
    )


def test_the_error_of_a_worker_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page(lag="3", steps="50")
    replace_first_work(monkeypatch, lambda _experiment: {"task": {"name": "gone"}})
    at = run_to_end(press(at, "start"))
    [error] = texts(at.error)
    assert "RNN did not finish" in error
    assert "'gone' is not a task" in error
    assert values(at, "state") == ["failed", "finished", "finished"]


def test_a_cell_that_diverges_is_reported_while_the_others_race_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def make_divergent(experiment: Any) -> Any:
        experiment["model"]["nonlinearity"] = "relu"
        experiment["optimiser"] |= {"lr": 1.0, "clip": None}
        return experiment

    at = open_page(lag="150", steps="5000", hidden="16")
    replace_first_work(monkeypatch, make_divergent)
    at = press(at, "start")
    start = time.monotonic()
    while not at.error:
        assert time.monotonic() - start < PATIENCE
        time.sleep(0.1)
        at.run()
    pattern = r"RNN did not finish. Training diverged: at step \d+ .*rate 1.0 is too high"
    assert re.match(pattern, texts(at.error)[0])
    assert values(at, "state") == ["failed", "running", "running"]
    run_to_end(press(at, "stop"))


def test_a_hostile_link_is_answered_with_a_notice_and_the_defaults() -> None:
    evil = "<img src=x onerror=alert(1)>"
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
    at = open_page(**hostile)
    assert not at.exception
    [notice] = texts(at.warning)
    for label in (
        "Task",
        "Models to compare",
        "What is kept equal",
        "Lag",
        "Symbols",
        "Hidden units",
    ):
        assert label in notice
    for label in ("Learning rate", "Seed", "Training steps", "Batch size"):
        assert label in notice
    assert at.warning[0].value.count("<") == at.warning[0].value.count("\\<"), "shown as text"
    contestants = payload(at)["contestants"]
    assert contestants == payload(open_page())["contestants"], "the same race as without a link"
    assert not set(hostile) & set(at.query_params)
    at = run_to_end(press(open_page(steps="50", lag="3", batch=evil), "start"))
    assert values(at, "step")[0]


def test_the_suggestions_set_the_controls() -> None:
    at = open_page()
    [suggestion] = [
        button for button in at.button if "lag 80" in button.label and "same with" in button.label
    ]
    at = suggestion.click().run()
    assert not at.exception
    assert at.select_slider("race.lag").value == 80
    assert len(payload(at)["tokens"]) == 81


def test_a_run_without_news_makes_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    at = run_to_end(press(open_page(lag="3", steps="50", cells="rnn,gru", hidden="4"), "start"))
    calls: list[str] = []

    def count(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def counted(*args: Any, **options: Any) -> Any:
            calls.append(name)
            return original(*args, **options)

        monkeypatch.setattr(owner, name, counted)

    count(live, "race_payload")
    count(outcome, "verdict_text")
    count(results_module, "contestant_row")
    count(outcome, "table_html")
    start = time.monotonic()
    while at.run() and calls:  # baselines are still being computed
        assert time.monotonic() - start < PATIENCE
        calls.clear()
        time.sleep(0.2)
    before = results(at)
    assert results(at.run()) == before
    assert calls == []
    at.button_group(key="frame.lang").set_value("ko").run()
    assert calls == ["race_payload", "verdict_text", *["contestant_row"] * 2, "table_html"]
    assert results(at) != before
    assert not at.exception
