"""The page of runs: find, compare, rename, resume and delete runs."""

import math
import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape as unescape_html
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from rnnviz.messages import Message, Problem
from rnnviz.model import ModelSpec
from rnnviz.store import Query, Store
from rnnviz.tasks import TASKS, DelayedRecall, FourWords, Hello, RunningText, SpelledOut, Task
from rnnviz.training import Experiment, Optimiser, weights_of
from rnnviz.training.stored_evaluation import stored_norms
from rnnviz.ui.language import catalogue
from rnnviz.ui.runs import deletions, format
from rnnviz.ui.runs.actions import race_address
from rnnviz.ui.runs.compare import differences
from rnnviz.ui.runs.format import duration
from rnnviz.ui.services.training import service
from tests.conftest import reset_server
from tests.runs_page import (
    captions,
    figures,
    heading,
    link_labels,
    names,
    open_page,
    press,
    row_of,
    run_id,
    run_ids,
    train,
    unescape,
    wait_for,
)
from tests.stored import an_experiment, open_store, some_rows, tensors

# The list ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ko"])
def test_without_runs_the_page_says_where_they_come_from(store: Store, language: str) -> None:
    at = open_page(lang=language)
    assert not at.dataframe
    assert not at.text_input, "there is nothing to search"
    text = "There are no runs yet. Everything that trains on Side by side is stored here."
    assert [box.value for box in at.info] == [catalogue(language).get(text, text)]


def test_the_page_says_why_the_store_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runs.sqlite3").write_text("this is no database, but longer than a header " * 9)
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path))
    reset_server()
    assert "damaged" in open_page().warning[0].value
    reset_server()


def test_search_filters_order_and_page_are_those_of_the_address(store: Store) -> None:
    draw = random.Random(0)
    for number in range(60):
        task, cell = draw.choice(["hello", "delayed_recall"]), draw.choice(["gru", "lstm"])
        experiment = an_experiment(task, cell, seed=number)
        facts = {"parameters": 10 * number}
        store.begin(run_id(number), race="r", experiment=experiment, facts=facts)
        store.set_state(run_id(number), "finished" if number % 3 else "failed")
        store.rename(run_id(number), f"run {number} {'odd' if number % 2 else 'even'}")
    for address, query in (
        ({}, Query()),
        ({"search": "ODD", "per_page": "25"}, Query(search="ODD", limit=25)),
        (
            {"task": "hello", "sort": "seed", "order": "ascending"},
            Query(task="hello", sort="seed", descending=False),
        ),
        ({"state": "failed", "sort": "name"}, Query(state="failed", sort="name")),
        (
            {"per_page": "25", "page": "2", "sort": "parameters"},
            Query(sort="parameters", limit=25, offset=25),
        ),
        ({"per_page": "25", "page": "900"}, Query(limit=25, offset=50)),
    ):
        at = open_page(**address)
        assert names(at) == [row.name for row in store.runs(query).rows], address
        assert dict(at.query_params) == address
    assert "No run matches" in open_page(search="neither").info[0].value
    at = press(open_page(per_page="25"), "next")
    assert at.query_params["page"] == "2"
    assert names(at) == [row.name for row in store.runs(Query(limit=25, offset=25)).rows]
    # A new search and a new order start at the first page; a link opens the page that it names.
    at = at.text_input("runs.search").input("odd").run()
    assert "page" not in at.query_params
    assert names(at) == [row.name for row in store.runs(Query(search="odd", limit=25)).rows]
    assert press(at, "next").run().query_params["page"] == "2"
    assert "page" not in at.selectbox("runs.sort").select("seed").run().query_params
    assert open_page(per_page="25", search="odd", page="2").query_params["page"] == "2"


def test_a_search_finds_the_titles_that_the_list_displays(store: Store) -> None:
    """Each run by the words of its default name, in both languages, and no other run with it."""
    experiments: list[tuple[Task, ModelSpec]] = [
        (TASKS["sentiment"](), ModelSpec("lstm", 16)),
        (TASKS["tags"](), ModelSpec("gru", 16)),
        (TASKS["weather"](), ModelSpec("gru", 12, family="convolution")),
        (TASKS["weather"](), ModelSpec("gru", 12, family="dense")),
        (TASKS["delayed_recall"](), ModelSpec("rnn", 160, nonlinearity="relu")),
        (TASKS["dates"](), ModelSpec("lstm", 8, attention=True)),
    ]
    for number, (task, spec) in enumerate(experiments):
        plain = Experiment(task, spec, seed=number).to_plain()
        store.begin(run_id(number), race="r", experiment=plain, facts={})
    store.annotate(run_id(3), "attention to the · lag")

    def seeds(**address: str) -> list[int]:
        at = open_page(sort="seed", order="ascending", **address)
        column = catalogue(address.get("lang", "en")).get("Seed", "Seed")
        return list(at.dataframe[0].value[column]) if at.dataframe else []

    for language in ("en", "ko"):
        default_names = names(open_page(lang=language, sort="seed", order="ascending"))
        assert len(set(default_names)) == len(experiments)
        for number, name in enumerate(default_names):
            assert seeds(search=name, lang=language) == [number]
    for search, expected in (
        ("Film reviews", [0]),
        ("parts OF speech", [1]),
        ("Weather forecast", [2, 3]),
        ("1D convolution", [2]),
        ("LSTM · 16", [0]),
        ("lstm 16", [0]),
        ("16", [0, 1]),
        ("relu", [4]),
        ("lstm attention", [5]),
        ("sentiment", [0]),
        ("attention", [3, 5]),
        ("to·the", [3]),
        ("9" * 190, []),
    ):
        assert seeds(search=search) == expected, search
    assert seeds(search="지연 회상", lang="ko") == [4]
    assert seeds(search="delayed recall", lang="ko") == [4]


class CountingConnection(sqlite3.Connection):
    """A connection whose only progress handler is that of the test: there can be one."""

    def set_progress_handler(self, *args: Any, **options: Any) -> None:
        """Leave the test's in place of the time limit's."""


@pytest.mark.long
def test_ten_thousand_runs_do_not_slow_the_page_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Measured in hundreds of steps of SQLite's virtual machine, whatever else the machine does.

    A row that is read takes dozens of steps; one that is only counted, two or three; one that is
    searched for words, also as parts of titles, some twenty.
    """
    ticks = 0

    def tick() -> int:
        nonlocal ticks
        ticks += 1
        return 0

    def connect_and_count(*args: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*args, **options, factory=CountingConnection)
        sqlite3.Connection.set_progress_handler(connection, tick, 100)
        return connection

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", connect_and_count)
    ticks_of_list, ticks_of_search = [], []
    for count in (100, 10_000):
        store = Store(tmp_path / str(count))
        for number in range(count):
            store.begin(run_id(number), race="r", experiment=an_experiment(), facts={})
            store.append(run_id(number), some_rows(2, seed=number))
        store.close()
        monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path / str(count)))
        reset_server()
        at = open_page()
        assert f"Runs found: {count}" in at.caption[0].value
        ticks = 0
        at.run()
        ticks_of_list.append(ticks)
        at.text_input("runs.search").input("attention lstm convolution")
        ticks = 0
        assert "No run matches" in at.run().info[0].value
        ticks_of_search.append(ticks)
    reset_server()
    assert ticks_of_list[0] > 0
    assert 100 * (ticks_of_list[1] - ticks_of_list[0]) < 4 * 9_900
    assert 100 * (ticks_of_search[1] - ticks_of_search[0]) < 40 * 9_900


# The comparison ----------------------------------------------------------------------------------


def test_selected_runs_are_drawn_in_one_figure_above_their_differences(store: Store) -> None:
    trainers = train(store, 1), train(store, 2, spec=ModelSpec("lstm", 5))
    store.rename(run_id(1), "<b>one</b>")
    at = open_page(compared=run_ids(1, 2))
    [figure] = figures(at)
    assert [trace["name"] for trace in figure["data"]] == [
        "&lt;b&gt;one&lt;/b&gt;",
        "Delayed recall · LSTM · 5",
    ]
    for trace, trainer in zip(figure["data"], trainers, strict=True):
        assert trace["x"][-1] == 12
        assert trace["y"][-1] == pytest.approx(100 * trainer.validation_metric)
    [line] = figure["layout"]["shapes"]
    assert line["y0"] == pytest.approx(100 * DelayedRecall().chance)
    assert list(at.dataframe[1].value.iloc[:, 0]) == ["Cell", "Hidden units"]


def test_runs_with_different_metrics_share_no_axis(store: Store) -> None:
    train(store, 1)
    train(store, 2, task=TASKS["wave"]())
    at = open_page(compared=run_ids(1, 2))
    assert len(figures(at)) == 2
    assert "do not share an axis" in at.info[0].value
    assert len(figures(open_page(compared=run_ids(1, 2), measure="norm"))) == 1


def test_the_best_is_named_only_among_runs_of_one_task(store: Store) -> None:
    for number, lag in enumerate((3, 3, 5)):
        train(store, number, task=DelayedRecall(lag=lag), spec=ModelSpec("gru", 3 + number))
    assert heading(open_page(compared=run_ids(0, 1))).startswith("Best of 2: ")
    at = open_page(compared=run_ids(0, 1, 2))
    assert len(figures(at)) == 1
    assert heading(at).startswith("accuracy on the examples of each curve")


def store_finished(store: Store, number: int, metric: float, loss: float) -> None:
    """Store a run of one and the same task that ended with these values."""
    run = run_id(number)
    plain = Experiment(DelayedRecall(lag=6), ModelSpec("gru", 3 + number)).to_plain()
    store.begin(run, race="r", experiment=plain, facts={})
    store.rename(run, f"run {number}")
    rows = some_rows(3, seed=number)
    rows[-1] |= {"validation_metric": metric, "loss": loss}
    store.append(run, rows)
    store.set_state(run, "finished")
    store.flush()


@pytest.mark.parametrize(
    ("measure", "scores", "expected"),
    [
        ("metric", [1.0, 1.0, 0.531], "Best of 3: run 0 and run 1 with 100 % (validation) each"),
        ("metric", [0.5, 0.9002, 0.9001], "Best of 3: run 1 and run 2 with 90 % (validation) each"),
        ("metric", [0.5, 0.9, 0.8], "Best of 3: run 1 with 90 % (validation)"),
        ("metric", [1.0, 0.5, 1.0, 1.0], "3 of 4 share the best: 100 % (validation)"),
        ("loss", [0.5, 0.25, math.inf], "Lowest loss of 3 at the end: run 1 with 0.25"),
        (
            "loss",
            [0.5, 0.25, 0.2502],
            "Lowest loss of 3 at the end: run 1 and run 2 with 0.25 each",
        ),
        ("loss", [0.5], "run 0: loss 0.5 (steps: 6)"),
        ("norm", [1.0, 0.5], "norm of the gradient"),
    ],
)
def test_the_heading_names_the_best_or_those_that_are_tied(
    store: Store, measure: str, scores: list[float], expected: str
) -> None:
    for number, score in enumerate(scores):
        metric, loss = (1.0, score) if measure == "loss" else (score, 1.0)
        store_finished(store, number, metric, loss)
    at = open_page(compared=run_ids(*range(len(scores))), measure=measure)
    assert heading(at) == expected


def test_runs_are_compared_on_test_examples_only_if_all_have_been_tested(store: Store) -> None:
    for number, metric in enumerate((0.9, 0.5, 0.7)):
        store_finished(store, number, metric, 1.0)
    for number, test in enumerate((0.6, 0.8)):
        result = {"validation": 0.9, "test": test, "test_scores": [test]}
        store.set_state(run_id(number), "finished", result=result)
    store.flush()
    at = open_page(compared=run_ids(0, 1))
    assert heading(at) == "Best of 2: run 1 with 80 % (test)"
    at = open_page(compared=run_ids(0, 1, 2))
    assert heading(at) == "Best of 3: run 0 with 90 % (validation)"
    assert captions(at, "Not all of these runs have a test score")
    listed = at.dataframe[0].value.set_index("Name")
    assert list(listed["Score"][["run 0", "run 2"]]) == ["60 % (test)", "70 % (validation)"]
    assert listed["Curve's last score"]["run 0"] == "90 % (validation)"


def test_runs_with_equal_scores_of_different_steps_are_tied(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        store_finished(store, number, 1.0, 1.0)
    score_text = "rnnviz.ui.runs.figure_data.score_text"
    monkeypatch.setattr(score_text, lambda row, _split: f"100 % at {row.id}")
    at = open_page(compared=run_ids(0, 1))
    assert heading(at) == "Best of 2: run 0 and run 1 with 100 % (validation) each"


def test_the_caption_names_each_baseline_with_its_value(store: Store) -> None:
    train(store, 1)
    for measure, value in (("metric", "25 %"), ("loss", "1.39")):
        at = open_page(compared=run_id(1), measure=measure)
        [figure] = figures(at)
        assert [note["text"] for note in figure["layout"]["annotations"]] == ["①"]
        assert f"\n① blind guessing: {value}" in captions(at, "Dotted")[0]


def test_the_number_of_steps_is_the_same_everywhere_and_has_a_singular(store: Store) -> None:
    train(store, 1, until=1)
    store.save_step(run_id(1), 1, store.weights(run_id(1), 0) or b"", {})
    for step in (1, 7):
        store.save_checkpoint(run_id(1), step, b"c")
        store.flush()
        at = open_page(run=run_id(1))
        assert f"steps: {step} " in unescape(at.markdown[1].value)
        assert f"(steps: {step})" in heading(at, 1)
        assert not [markdown for markdown in at.markdown if f"{step} steps" in markdown.value]


@pytest.mark.parametrize(
    ("task", "epochs"),
    [
        (FourWords(), 12),
        (SpelledOut("weekdays"), 6),  # seven names by fours: the second batch has three
        (RunningText("constitution", length=200), 12 / 22),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_epochs_are_offered_if_all_runs_have_them(store: Store, task: Task, epochs: float) -> None:
    train(store, 1, task=task)
    [figure] = figures(open_page(compared=run_id(1), against="epochs"))
    assert figure["data"][0]["x"][-1] == pytest.approx(epochs)
    train(store, 2)
    at = open_page(compared=run_ids(1, 2))
    assert "epochs" not in at.segmented_control(key="runs.against").options


def test_differences_are_the_settings_that_are_not_equal_in_all_runs() -> None:
    experiments = [{"a": 1, "b": {"c": 2, "d": None}}, {"a": 1, "b": {"c": 3, "d": None}, "e": 4}]
    assert differences(experiments) == {"b.c": ["2", "3"], "e": ["—", "4"]}
    assert differences(experiments[:1] * 3) == {}


def test_hostile_names_replace_no_other_and_start_no_formula(store: Store) -> None:
    hostile = ["x (2)", "x", "x", "Setting", "=1+1", "'=1+1"]
    for number, name in enumerate(hostile):
        train(store, number, spec=ModelSpec("gru", 2 + number))
        store.rename(run_id(number), name)
    at = open_page(compared=run_ids(*range(len(hostile))))
    [figure] = figures(at)
    legend = [unescape_html(trace["name"]) for trace in figure["data"]]
    assert legend == ["x (2)", "x", "x (3)", *hostile[3:]]
    table, differing = at.dataframe[0].value, at.dataframe[1].value
    assert list(table["Name"])[::-1] == [*hostile[:4], "'=1+1", "'=1+1"]
    expected = ["Setting", "x (2)", "x", "x (3)", "Setting (2)", "'=1+1", "'=1+1 (2)"]
    assert list(differing.columns) == expected
    assert list(differing.iloc[0]) == ["Hidden units", *"234567"]


# One run -----------------------------------------------------------------------------------------


def test_a_link_opens_a_run_whose_name_and_note_can_be_changed(store: Store) -> None:
    train(store, 7)
    at = open_page(run=run_id(7))
    assert [len(figure["data"]) for figure in figures(at)] == [1, 1]
    heatmap = figures(at)[1]["data"][0]
    assert (len(heatmap["x"]), len(heatmap["y"])) == (12, 4)
    at.text_input(f"runs.name.{run_id(7)}").input("The *best* one").run()
    at.text_area(f"runs.note.{run_id(7)}").input("as it\nwas").run()
    row = row_of(store, 7)
    assert (row.name, row.note) == ("The *best* one", "as it\nwas")
    assert at.header[0].value == r"The \*best\* one"
    at = press(at, "all")
    assert "run" not in at.query_params
    assert names(at) == ["The *best* one"]


def remove_norms(store: Store, run: str, *steps: int) -> dict[int, list[float]]:
    """Store the snapshots of `steps` as if the trainer had not measured; returns all norms."""
    snapshots = dict(store.snapshots(run))
    for step in steps:
        store.save_step(run, step, store.weights(run, step) or b"", {"norms": []})
    store.flush()
    return {step: snapshot["norms"] for step, snapshot in snapshots.items()}


@contextmanager
def norms_on_hold() -> Iterator[tuple[threading.Event, list[list[int]]]]:
    """No norms are computed before the event is set; the list contains the steps asked for."""
    release, requested = threading.Event(), []

    def compute_when_released(experiment: str, files: Any, weights: Any) -> Any:
        requested.append([step for step, _content in weights])
        assert release.wait(60)
        return stored_norms(experiment, files, weights)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnviz.training.stored_evaluation.stored_norms", compute_when_released)
        try:
            yield release, requested
        finally:
            release.set()


def test_norms_that_were_not_measured_are_computed_from_the_saved_weights(store: Store) -> None:
    train(store, 1)
    expected = remove_norms(store, run_id(1), *range(1, 11))
    with norms_on_hold() as (release, requested):
        at = open_page(run=run_id(1))
        # The page is there, with what was measured, and announces the rest.
        assert figures(at)[1]["data"][0]["x"] == ["0", "11"]
        assert captions(at, "Saved steps to compute: 10")
        release.set()
        wait_for(at, lambda: not captions(at, "Saved steps to compute"))
    heatmap = figures(at)[1]["data"][0]
    assert heatmap["x"] == [str(step) for step in range(12)]
    for t, row in enumerate(heatmap["z"]):
        assert row == [pytest.approx(math.log10(expected[step][t]), abs=1e-5) for step in range(12)]
    at.run()
    assert [sorted(steps) for steps in requested] == [[*range(1, 11)]]


def test_no_norms_are_computed_for_a_live_run_nor_without_hidden_states(store: Store) -> None:
    train(store, 1)
    remove_norms(store, run_id(1), *range(1, 11))
    store.set_state(run_id(1), "running")
    train(store, 2, TASKS["weather"](), ModelSpec("gru", 4, family="dense"), steps=2)
    with norms_on_hold() as (release, requested):
        release.set()
        assert [len(figures(open_page(run=run_id(number)))) for number in (1, 2)] == [2, 1]
        assert not requested


def test_weights_of_another_model_leave_a_gap(store: Store) -> None:
    trainer = train(store, 1)
    remove_norms(store, run_id(1), 3, 4, 5)
    store.save_step(run_id(1), 4, tensors(0), {})
    weights = [(step, store.weights(run_id(1), step) or b"") for step in (5, 4, 3)]
    history = stored_norms(trainer.experiment.to_json(), (), weights)
    assert [step for step, _norms in history] == [3, 5]


def test_the_caption_says_if_columns_are_not_equally_far_apart(store: Store) -> None:
    train(store, 1)
    assert not captions(open_page(run=run_id(1)), "far apart")
    _step, snapshot = store.snapshots(run_id(1))[-1]
    store.save_step(run_id(1), 40, b"w", snapshot)
    store.flush()
    at = open_page(run=run_id(1))
    assert captions(at, "from one to the next it is 1 to 29 training steps")


def test_a_link_to_a_run_that_is_not_stored_is_explained(store: Store) -> None:
    at = open_page(run=run_id(99))
    assert "not stored here" in at.warning[0].value
    assert not press(at, "all").warning


def test_a_run_of_an_unknown_task_can_still_be_viewed(store: Store) -> None:
    store.begin(run_id(1), race="r", experiment=an_experiment("of tomorrow"), facts={})
    store.append(run_id(1), some_rows(9))
    store.set_state(run_id(1), "failed", reason=Message("It is {what}.", {"what": "*"}))
    store.flush()
    at = open_page(run=run_id(1))
    assert at.error[0].value == r"It is \*\."
    assert "not repeated" in at.warning[0].value
    assert len(figures(at)) == 1
    open_page(compared=run_id(1), measure="loss")


def test_the_link_to_step_through_or_why_there_is_none(store: Store) -> None:
    train(store, 1, TASKS["dates"](), ModelSpec("gru", 3), steps=2)
    train(store, 2, TASKS["weather"](), ModelSpec(hidden=3, family="dense"), steps=2)
    store.begin(run_id(3), race="r", experiment=Experiment(DelayedRecall()).to_plain(), facts={})
    store.set_state(run_id(3), "failed")
    store.flush()
    for number, reason in (
        (1, ""),
        (2, "Only a recurrent network has"),
        (3, "Its weights are not stored"),
    ):
        at = open_page(run=run_id(number))
        assert bool(reason) != any("Step through" in label for label in link_labels(at))
        reasons = captions(at, "cannot be opened in Step through")
        assert bool(reasons) == bool(reason)
        assert reason in "".join(reasons)


def test_the_link_to_side_by_side_sets_it_to_the_same_settings() -> None:
    def page() -> None:
        import streamlit as st

        from rnnviz.ui import permalink
        from rnnviz.ui.race.settings import settings

        with permalink.sync("side-by-side"):
            st.session_state["experiments"] = settings("delayed_recall").experiments

    base = Optimiser(lr=0.02, clip=None, batch=20, steps=300, patience=100, target=0.9)
    for experiment in (
        Experiment(DelayedRecall(lag=7, symbols=3), ModelSpec("gru", 9, dropout=0.2), base, seed=4),
        Experiment(
            FourWords(),
            ModelSpec("gru", 12, front=True, kernel=3, embedding="one-hot"),
            Optimiser(lr=0.01, clip=0.5, batch=2, steps=100),
        ),
        Experiment(DelayedRecall(), ModelSpec("lstm", 9, forget_bias=2.5), Optimiser(clip=1.0)),
        # The longest race against the clock: its steps are no stop of the slider.
        Experiment(
            DelayedRecall(), ModelSpec("gru", 9), Optimiser(clip=1.0, steps=3_000_000, seconds=600)
        ),
    ):
        at = AppTest.from_function(page, default_timeout=60)
        address = race_address(experiment)
        assert address is not None
        at.query_params.update(address)
        assert not at.run().exception
        assert not at.warning
        assert at.session_state["experiments"] == (experiment,)
    for other in (
        replace(experiment, task=Hello(text="own words")),
        replace(experiment, model=ModelSpec(spectral_radius=1.0)),
        replace(experiment, model=ModelSpec(forget_bias=-1.0)),
        replace(experiment, model=ModelSpec(hidden=200)),
    ):
        assert race_address(other) is None


# What can be done with a run ---------------------------------------------------------------------


def test_deleting_is_confirmed_and_impossible_for_a_live_run(store: Store) -> None:
    train(store, 1)
    train(store, 2)
    store.begin(run_id(3), race="r", experiment=an_experiment(), facts={})
    store.set_state(run_id(3), "running")
    store.flush()
    assert open_page(compared=run_id(3)).button("runs.delete").disabled
    at = press(open_page(compared=run_ids(1, 2)), "delete")
    assert row_of(store, 1)
    at = press(at, "cancel_delete")
    assert not [button for button in at.button if button.key == "runs.confirm_delete"]
    at = press(press(at, "delete"), "confirm_delete")
    assert [row.id for row in store.runs(Query()).rows] == [run_id(3)]
    assert "compared" not in at.query_params


def test_deletions_are_undone_for_a_minute_also_in_another_tab(store: Store) -> None:
    for number in range(1, 6):
        train(store, number, steps=1)
    store.rename(run_id(1), "*mine*")
    at = press(press(open_page(compared=run_ids(1, 2)), "delete"), "confirm_delete")
    assert len(names(at)) == 3
    at = press(press(open_page(run=run_id(3)), "delete"), "confirm_delete")
    tab = open_page()
    lines = [unescape(line.value) for line in tab.markdown if "can be undone" in line.value]
    assert [line[:14] for line in lines] == ["1 run deleted.", "2 runs deleted"]
    assert "*mine*" in lines[1]
    # Hidden runs are nowhere.
    for deleted in (1, 2, 3):
        assert store.run(run_id(deleted)) is None
        assert store.bundle(run_id(deleted)) is None
        assert "not stored here" in open_page(run=run_id(deleted)).warning[0].value
    assert store.claim([run_id(1)], ("finished",)) == run_id(1)
    assert "Runs found: 2" in tab.caption[0].value
    assert not open_page(search="mine").dataframe
    tab = press(tab, f"undo.{run_id(1)}")
    assert len(names(tab.run())) == 4
    assert store.history(run_id(1))["step"] == [0, 1]
    assert len(names(at.run())) == 4
    clock = store._clock
    store._clock = lambda: clock() + 61
    with pytest.raises(Problem, match="can be undone for 60 seconds"):
        store.restore([run_id(3)])


def test_deletions_outlive_the_server_and_are_purged_by_the_next(tmp_path: Path) -> None:
    now = [0.0]
    with open_store(tmp_path, clock=lambda: now[0]) as first:
        for number in range(3):
            train(first, number, steps=1)
        first.delete([run_id(0), run_id(1)])
    now[0] = 59.0
    with open_store(tmp_path, clock=lambda: now[0]) as second:
        assert [deletion.seconds_left for deletion in second.deletions()] == [1.0]
        assert second.restore([run_id(0)]) == 1
        now[0] = 61.0
        second.beat()
        assert second.deletions() == []
        with second._database.read_transaction() as connection:
            stored = connection.execute("SELECT id FROM runs ORDER BY id").fetchall()
            (weights,) = connection.execute("SELECT count(*) FROM saved_steps").fetchone()
        assert stored == [(run_id(0),), (run_id(2),)]
        assert weights == 2


def test_the_page_looks_again_by_itself_only_while_it_shows_live_runs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    look = deletions._look
    monkeypatch.setattr(deletions, "_look", lambda _store, states: looks.append(states))
    train(store, 1, until=1)
    open_page()
    assert looks == [], "there is nothing to follow"
    store.set_state(run_id(1), "running")
    store.flush()
    for address in ({}, {"run": run_id(1)}):
        at = open_page(**address)
        assert looks.pop() == {run_id(1): "running"}
    reruns = []
    monkeypatch.setattr("streamlit.rerun", lambda: reruns.append(1))
    look(store, {run_id(1): "running"})
    assert not reruns
    store.set_state(run_id(1), "interrupted")
    store.flush()
    look(store, {run_id(1): "running"})
    assert reruns == [1]
    assert at.run().button("runs.resume")
    assert not looks


def test_a_run_that_was_resumed_meanwhile_is_not_deleted(store: Store) -> None:
    train(store, 1, until=5)
    at = press(open_page(run=run_id(1)), "delete")
    store.set_state(run_id(1), "running")
    store.flush()
    at = press(at, "confirm_delete")
    assert "still training" in at.warning[0].value
    row = row_of(store, 1)
    assert (row.state, row.steps) == ("running", 5)


def test_an_interrupted_run_is_resumed_with_the_same_result_as_without_a_break(
    store: Store,
) -> None:
    train(store, 4, until=5)
    uninterrupted = train(store, 5)
    try:
        at = press(open_page(run=run_id(4)), "resume")
        assert not at.warning
        wait_for(at, lambda: row_of(store, 4).state == "finished")
        assert not at.run().exception
        assert "done" in at.markdown[1].value
    finally:
        service().close()
    for column in ("step", "loss", "validation_metric"):
        assert store.history(run_id(4))[column] == store.history(run_id(5))[column]
    assert store.weights(run_id(4), 12) == weights_of(uninterrupted.model)


def test_a_resumed_run_can_be_stopped_and_resumed_again(store: Store) -> None:
    train(store, 6, until=5, steps=100_000)
    try:
        at = press(open_page(run=run_id(6)), "resume")
        wait_for(at, lambda: max(store.history(run_id(6))["step"]) > 5)
        assert at.button("runs.delete").disabled
        # The figures stay at one step while the line above them goes on.
        [caption] = captions(at, "is the run after step")
        step = int(caption.split("after step ")[1].split(";")[0])
        assert f"(steps: {step})" in heading(at, 1)
        at = press(at, "stop")
        wait_for(at, lambda: row_of(store, 6).state == "stopped")
        assert not at.run().button("runs.resume").disabled
        last_checkpoint = store.last_checkpoint(run_id(6))
        assert last_checkpoint is not None
        assert 5 < last_checkpoint[0] < 100_000
    finally:
        service().close()


def test_durations_are_written_in_hours_minutes_and_seconds() -> None:
    texts = [duration(seconds) for seconds in (None, 3.21, 61, 3725)]
    assert texts == ["—", "3.2 s", "1 min 1 s", "1 h 2 min"]


# The browser's clock ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "offset", "expected"),
    [
        ("Asia/Seoul", -540, "2027-01-01 09:00"),
        ("America", 300, "2026-12-31 19:00"),
        ("+09:00", -540, "2027-01-01 09:00"),
        ("Etc/Unknown", -330, "2027-01-01 05:30"),
        ("x" * 10_000, 0, "2027-01-01 00:00"),
        ("../etc/passwd", 10**9, "2027-01-01 00:00"),
        ("\0", None, "2027-01-01 00:00"),
        ("", None, "2027-01-01 00:00"),
        (None, None, "2027-01-01 00:00"),
    ],
)
def test_times_are_those_of_the_browser_whatever_it_calls_its_zone(
    zone: str | None, offset: int | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = SimpleNamespace(timezone=zone, timezone_offset=offset)
    monkeypatch.setattr(st, "context", context)
    assert format.timestamp(datetime(2027, 1, 1, tzinfo=UTC).timestamp()) == expected
