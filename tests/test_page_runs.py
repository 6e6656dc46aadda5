"""The page of the runs: found, compared, renamed, resumed, deleted, exported and imported."""

import hashlib
import io
import itertools
import json
import math
import random
import sqlite3
import sys
import threading
import time
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from rnnviz.data import UPLOADS
from rnnviz.export import script
from rnnviz.figures import BaselineLine, Curve, gradient_history, training_curves
from rnnviz.figures.training_curves import DASHES, KEY_HEIGHT, LEGEND_LINE, spread_keys
from rnnviz.messages import Message, Problem
from rnnviz.model import ModelSpec
from rnnviz.store import Bundle, Query, Store, Upload, write_archive
from rnnviz.tasks import (
    TASKS,
    DelayedRecall,
    Forecast,
    FourWords,
    Hello,
    RunningText,
    SpelledOut,
    Task,
)
from rnnviz.training import Experiment, Optimiser, Trainer, checkpoint, weights_of
from rnnviz.ui.language import catalogue, say
from rnnviz.ui.run_text import MetricFormat
from rnnviz.ui.runs.actions import race_address
from rnnviz.ui.runs.compare import differences
from rnnviz.ui.runs.format import duration
from rnnviz.ui.runs.gradient_history import norms_after
from rnnviz.ui.runs.import_export import archive, history_csv, import_run, standalone_script
from rnnviz.ui.services.training import service
from tests.stored import an_experiment, some_rows, tensors

APP = Path(__file__).parents[1] / "app.py"
PAGE = "pages/train/runs.py"


def name_of(number: int) -> str:
    return f"{number:032x}"


def keep(
    store: Store,
    number: int,
    task: Task | None = None,
    spec: ModelSpec | None = None,
    until: int | None = None,
    steps: int = 12,
) -> Trainer:
    """Train a small run and store it; interrupted after `until` steps if that is given."""
    optimiser = Optimiser(lr=0.02, batch=4, steps=steps)
    experiment = Experiment(task or DelayedRecall(lag=3), spec or ModelSpec("gru", 4), optimiser)
    run, trainer = name_of(number), Trainer(experiment)
    facts = {"parameters": 100, "size": experiment.task.size(), "versions": {"torch": "2"}}
    store.begin(run, race=run, experiment=experiment.to_plain(), facts=facts)
    rows = [trainer.row()]
    while not trainer.done and trainer.step != until:
        norms = list(trainer.snapshot().gradient_norms)
        store.save_step(run, trainer.step, weights_of(trainer.model), {"norms": norms})
        trainer.advance()
        rows.append(trainer.row())
    store.append(run, [row for row in rows if row is not None])
    store.save_checkpoint(run, trainer.step, checkpoint(trainer))
    reason = Message("This run was exported before it had ended.")
    store.set_state(
        run, "finished" if until is None else "interrupted", reason=reason if until else None
    )
    store.flush()
    return trainer


def opened(**address: str) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60)
    at.query_params.update(address)
    return at.switch_page(PAGE).run()


def names(at: AppTest) -> list[str]:
    """The names in the list of runs, from top to bottom."""
    return list(at.dataframe[0].value.iloc[:, 0])


def figures(at: AppTest) -> list[dict[str, Any]]:
    return [json.loads(each.proto.spec) for each in at.get("plotly_chart")]


def press(at: AppTest, key: str) -> AppTest:
    return at.button(f"runs.{key}").click().run()


# The list ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ko"])
def test_without_runs_it_says_where_they_come_from(store: Store, language: str) -> None:
    at = opened(lang=language)
    assert not at.exception
    assert not at.dataframe
    assert not at.text_input, "there is nothing to search"
    told = "There are no runs yet. Everything that trains on Side by side is stored here."
    assert [each.value for each in at.info] == [catalogue("ko")[told] if language == "ko" else told]


def test_where_no_store_can_be_opened_it_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runs.sqlite3").write_text("this is no database, but longer than a header " * 9)
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path))
    st.cache_resource.clear()
    at = opened()
    assert not at.exception
    assert "damaged" in at.warning[0].value
    st.cache_resource.clear()


def test_search_filter_order_and_pages_are_those_of_the_address(store: Store) -> None:
    draw = random.Random(0)
    for number in range(60):
        task, cell = draw.choice(["hello", "delayed_recall"]), draw.choice(["gru", "lstm"])
        store.begin(
            name_of(number),
            race="r",
            experiment=an_experiment(task, cell, seed=number),
            facts={"parameters": 10 * number},
        )
        store.set_state(name_of(number), "finished" if number % 3 else "failed")
        store.rename(name_of(number), f"run {number} {'odd' if number % 2 else 'even'}")
    for address, asked in (
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
        at = opened(**address)
        assert not at.exception
        assert names(at) == [row.name for row in store.runs(asked).rows], address
        assert dict(at.query_params) == address
    at = press(opened(per_page="25"), "next")
    assert at.query_params["page"] == "2"
    assert names(at) == [row.name for row in store.runs(Query(limit=25, offset=25)).rows]
    assert "No run matches" in opened(search="neither").info[0].value


def test_another_list_begins_on_its_first_page(store: Store) -> None:
    for number in range(60):
        store.begin(name_of(number), race="r", experiment=an_experiment(seed=number), facts={})
        store.rename(name_of(number), f"run {number} {'odd' if number % 2 else 'even'}")
    at = press(opened(per_page="25"), "next")
    assert at.query_params["page"] == "2"
    at = at.text_input("runs.search").input("odd").run()
    assert "page" not in at.query_params
    assert names(at) == [row.name for row in store.runs(Query(search="odd", limit=25)).rows]
    at = press(at, "next")
    assert at.run().query_params["page"] == "2"
    assert "page" not in at.selectbox("runs.sort").select("seed").run().query_params
    # A link means the page that it names.
    assert opened(per_page="25", search="odd", page="2").query_params["page"] == "2"


def test_a_search_finds_what_the_list_shows(store: Store) -> None:
    """Each run by the words of its usual name, in both languages, and no other run with it."""
    attending = ModelSpec("lstm", 8, attention=True)
    given: list[tuple[Task, ModelSpec]] = [
        (TASKS["sentiment"](), ModelSpec("lstm", 16)),
        (TASKS["tags"](), ModelSpec("gru", 16)),
        (TASKS["weather"](), ModelSpec("gru", 12, family="convolution")),
        (TASKS["weather"](), ModelSpec("gru", 12, family="dense")),
        (TASKS["delayed_recall"](), ModelSpec("rnn", 160, nonlinearity="relu")),
        (TASKS["dates"](), attending),
    ]
    for number, (task, spec) in enumerate(given):
        plain = Experiment(task, spec, seed=number).to_plain()
        store.begin(name_of(number), race="r", experiment=plain, facts={})
    store.annotate(name_of(3), "attention to the · lag")

    def found(**address: str) -> list[int]:
        at = opened(sort="seed", order="ascending", **address)
        assert not at.exception
        seed = catalogue(address.get("lang", "en")).get("Seed", "Seed")
        return list(at.dataframe[0].value[seed]) if at.dataframe else []

    for language in ("en", "ko"):
        shown = names(opened(lang=language, sort="seed", order="ascending"))
        assert len(set(shown)) == len(given)
        for number, name in enumerate(shown):
            assert found(search=name, lang=language) == [number]
    for search, wanted in (
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
        assert found(search=search) == wanted, search
    assert found(search="지연 회상", lang="ko") == [4]
    assert found(search="delayed recall", lang="ko") == [4]


def test_ten_thousand_runs_do_not_slow_the_page_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in hundreds of steps of SQLite's virtual machine, which no busy machine changes.

    A row that is read takes dozens of them; one that is only counted, two or three; one in which
    words are looked for, also as parts of titles, some twenty.
    """
    taken = 0

    def counted(*args: Any, **more: Any) -> sqlite3.Connection:
        def tick() -> int:
            nonlocal taken
            taken += 1
            return 0

        connection = connect(*args, **more)
        connection.set_progress_handler(tick, 100)
        return connection

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", counted)
    found, searched = {}, {}
    for count in (100, 10_000):
        folder = tmp_path / str(count)
        filled = Store(folder)
        for number in range(count):
            filled.begin(name_of(number), race="r", experiment=an_experiment(), facts={})
            filled.append(name_of(number), some_rows(2, seed=number))
        filled.close()
        monkeypatch.setenv("RNNVIZ_DATA", str(folder))
        st.cache_resource.clear()
        at = opened()
        assert f"Runs found: {count}" in at.caption[0].value
        taken = 0
        at.run()
        found[count] = taken
        at.text_input("runs.search").input("attention lstm convolution")
        taken = 0
        assert "No run matches" in at.run().info[0].value
        searched[count] = taken
    st.cache_resource.clear()
    assert found[100] > 0
    assert 100 * (found[10_000] - found[100]) < 4 * 9_900
    assert 100 * (searched[10_000] - searched[100]) < 40 * 9_900


# Comparing ---------------------------------------------------------------------------------------


def test_chosen_runs_are_drawn_in_one_figure_with_what_they_share(store: Store) -> None:
    first, second = keep(store, 1), keep(store, 2, spec=ModelSpec("lstm", 5))
    store.rename(name_of(1), "<b>one</b>")
    at = opened(compared=f"{name_of(1)},{name_of(2)}")
    assert not at.exception
    [figure] = figures(at)
    assert [trace["name"] for trace in figure["data"]] == [
        "&lt;b&gt;one&lt;/b&gt;",
        "Delayed recall · LSTM · 5",
    ]
    for trace, trainer in zip(figure["data"], (first, second), strict=True):
        assert trace["x"][-1] == 12
        assert trace["y"][-1] == pytest.approx(100 * trainer.validation_metric)
    [mark] = figure["layout"]["shapes"]
    assert mark["y0"] == pytest.approx(100 * DelayedRecall().chance)
    differing = at.dataframe[1].value
    assert list(differing.iloc[:, 0]) == ["Cell", "Hidden units"]


def test_runs_that_are_measured_differently_share_no_axis(store: Store) -> None:
    from rnnviz.tasks import TASKS

    other = next(kind for kind in TASKS.values() if kind.metric_unit != "%" and not kind.stateful)
    keep(store, 1)
    keep(store, 2, task=other())
    both = f"{name_of(1)},{name_of(2)}"
    at = opened(compared=both)
    assert len(figures(at)) == 2
    assert "do not share an axis" in at.info[0].value
    assert len(figures(opened(compared=both, measure="norm"))) == 1


def test_the_best_is_named_only_among_runs_of_one_and_the_same_task(store: Store) -> None:
    for number, lag in enumerate((3, 3, 5)):
        keep(store, number, task=DelayedRecall(lag=lag), spec=ModelSpec("gru", 3 + number))
    alike = opened(compared=f"{name_of(0)},{name_of(1)}")
    assert unescaped(alike.header[0].value).startswith("Best of 2: ")
    apart = opened(compared=",".join(map(name_of, range(3))))
    assert not apart.exception
    assert len(figures(apart)) == 1
    assert apart.header[0].value.startswith("accuracy on the validation examples")


def ended(store: Store, number: int, score: float, loss: float) -> None:
    """Store a run of one and the same task that ended with these values."""
    run = name_of(number)
    spec = ModelSpec("gru", 3 + number)
    plain = Experiment(DelayedRecall(lag=3), spec).to_plain()
    store.begin(run, race="r", experiment=plain, facts={})
    store.rename(run, f"run {number}")
    rows = some_rows(3, seed=number)
    rows[-1] |= {"validation_metric": score, "loss": loss}
    store.append(run, rows)
    store.set_state(run, "finished")
    store.flush()


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        ([1.0, 1.0, 0.531], "Best of 3: run 0 and run 1 with 100 % each"),
        ([0.5, 0.9002, 0.9001], "Best of 3: run 1 and run 2 with 90 % each"),
        ([0.5, 0.9, 0.8], "Best of 3: run 1 with 90 %"),
        ([1.0, 0.5, 1.0, 1.0], "3 of 4 share the best: 100 %"),
    ],
)
def test_a_tie_is_given_to_nobody(store: Store, scores: list[float], told: str) -> None:
    for number, score in enumerate(scores):
        ended(store, number, score, 1.0)
    at = opened(compared=",".join(map(name_of, range(len(scores)))))
    assert unescaped(at.header[0].value) == told


def test_runs_are_level_wherever_they_stand(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A score may be told with the step of its test, which makes it no better."""
    for number in range(2):
        ended(store, number, 1.0, 1.0)
    monkeypatch.setattr("rnnviz.ui.runs.format.score", lambda row, _value: f"100 % at {row.id}")
    at = opened(compared=f"{name_of(0)},{name_of(1)}")
    assert unescaped(at.header[0].value) == "Best of 2: run 0 and run 1 with 100 % each"


def test_the_heading_is_about_what_is_drawn(store: Store) -> None:
    for number, (score, loss) in enumerate(((1.0, 0.5), (0.4, 0.25), (0.3, float("inf")))):
        ended(store, number, score, loss)
    chosen = ",".join(map(name_of, range(3)))
    at = opened(compared=chosen, measure="loss")
    assert unescaped(at.header[0].value) == "Lowest loss of 3 at the end: run 1 with 0.25"
    at = opened(compared=chosen, measure="norm")
    assert at.header[0].value == "norm of the gradient"
    at = opened(compared=name_of(0), measure="loss")
    assert unescaped(at.header[0].value) == "run 0: loss 0.5 (steps: 6)"
    ended(store, 3, 0.2, 0.2502)
    at = opened(compared=f"{chosen},{name_of(3)}", measure="loss")
    told = "Lowest loss of 4 at the end: run 1 and run 3 with 0.25 each"
    assert unescaped(at.header[0].value) == told


def test_the_caption_says_whose_line_is_which_and_how_high(store: Store) -> None:
    keep(store, 1)
    for measure, height in (("metric", "25 %"), ("loss", "1.39")):
        at = opened(compared=name_of(1), measure=measure)
        [figure] = figures(at)
        assert [note["text"] for note in figure["layout"]["annotations"]] == ["①"]
        told = [unescaped(each.value) for each in at.caption if "Dotted" in each.value]
        assert f"\n① blind guessing: {height}" in told[0]


def test_the_number_of_steps_is_one_and_the_same_on_a_page_and_reads_right_for_one(
    store: Store,
) -> None:
    keep(store, 1, until=1)
    store.save_step(name_of(1), 1, store.weights(name_of(1), 0) or b"", {})
    for step, told in ((1, "steps: 1 "), (7, "steps: 7 ")):
        store.save_checkpoint(name_of(1), step, b"c")
        store.flush()
        at = opened(run=name_of(1))
        assert told in unescaped(at.markdown[1].value)
        assert f"({told[:-1]})" in unescaped(at.header[1].value)
        assert not [each for each in at.markdown if f"{step} steps" in each.value]


def unescaped(markdown: str) -> str:
    return markdown.replace("\\", "")


@pytest.mark.parametrize(
    ("task", "epochs"),
    [
        (FourWords(), 12),
        (SpelledOut("weekdays"), 6),  # seven names by fours: the second batch has three
        (RunningText("constitution", length=200), 12 / 22),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_epochs_are_offered_where_all_have_them(store: Store, task: Task, epochs: float) -> None:
    keep(store, 1, task=task)
    [figure] = figures(opened(compared=name_of(1), against="epochs"))
    assert figure["data"][0]["x"][-1] == pytest.approx(epochs)
    keep(store, 2)
    at = opened(compared=f"{name_of(1)},{name_of(2)}")
    assert "epochs" not in at.segmented_control(key="runs.against").options


def test_differences_are_the_settings_that_are_not_all_alike() -> None:
    given = [{"a": 1, "b": {"c": 2, "d": None}}, {"a": 1, "b": {"c": 3, "d": None}, "e": 4}]
    assert differences(given) == {"b.c": ["2", "3"], "e": ["—", "4"]}
    assert differences(given[:1] * 3) == {}


def test_hostile_names_take_nobodys_place_and_start_no_formula(store: Store) -> None:
    given = ["x (2)", "x", "x", "Setting", "=1+1", "'=1+1"]
    for number, name in enumerate(given):
        keep(store, number, spec=ModelSpec("gru", 2 + number))
        store.rename(name_of(number), name)
    at = opened(compared=",".join(map(name_of, range(len(given)))))
    assert not at.exception
    [figure] = figures(at)
    drawn = [unescape(trace["name"]) for trace in figure["data"]]
    assert drawn == ["x (2)", "x", "x (3)", *given[3:]]
    runs, differing = at.dataframe[0].value, at.dataframe[1].value
    assert list(runs["Name"])[::-1] == [*given[:4], "'=1+1", "'=1+1"]
    expected = ["Setting", "x (2)", "x", "x (3)", "Setting (2)", "'=1+1", "'=1+1 (2)"]
    assert list(differing.columns) == expected
    assert list(differing.iloc[0]) == ["Hidden units", *"234567"]


def test_a_course_leaves_out_what_its_axis_cannot_show() -> None:
    curve = Curve("x", "#000000", [0, 1, 2, 3], [None, 0.0, float("inf"), 2.0])
    marks = [BaselineLine("zero", 0.0), BaselineLine("one", 1.0)]
    plain = training_curves([curve], marks, x="x", y="y", logarithmic=False)
    assert (plain["data"][0]["x"], plain["data"][0]["y"]) == ([1, 3], [0.0, 2.0])
    assert len(plain["layout"]["shapes"]) == 2
    powers = training_curves([curve], marks, x="x", y="y", logarithmic=True)
    assert powers["data"][0]["y"] == [2.0]
    assert [note["y"] for note in powers["layout"]["annotations"]] == [0.0]


@pytest.mark.parametrize("logarithmic", [False, True])
def test_keys_stand_beyond_the_axes_and_none_over_another(logarithmic: bool) -> None:
    curve = Curve("x", "#000000", [0, 1], [10.0, 90.0])
    marks = [BaselineLine(f"mark {number}", 12.5 + number / 4) for number in range(4)]
    figure = training_curves([curve], marks, x="x", y="y", logarithmic=logarithmic)
    keys = figure["layout"]["annotations"]
    assert [key["text"] for key in keys] == list("①②③④")
    assert all((key["xref"], key["x"], key["xanchor"]) == ("paper", 1, "left") for key in keys)
    assert all(key["ax"] > 0 for key in keys)
    assert figure["layout"]["margin"]["r"] > keys[0]["ax"] + keys[0]["font"]["size"]
    strokes = [key["ay"] for key in keys]
    assert strokes[0] == pytest.approx(0), "the lowest stays where its line is"
    assert all(later < earlier - KEY_HEIGHT / 2 for earlier, later in itertools.pairwise(strokes))


def test_a_legend_of_many_runs_takes_nothing_from_the_curves() -> None:
    """On a narrow screen it has a line for each of them."""
    heights = [
        training_curves(
            [Curve("x", "#000000", [0], [0.0])] * count, [], x="x", y="y", logarithmic=False
        )["layout"]["height"]
        for count in (1, 3, 10)
    ]
    assert heights[0] == heights[1]
    assert heights[2] - heights[1] == 7 * LEGEND_LINE


def test_a_long_axis_title_is_broken() -> None:
    axis = "cross entropy on the validation examples (bits per character)"
    figure = training_curves([], [], x="x", y=axis, logarithmic=False)
    told = figure["layout"]["yaxis"]["title"]["text"]
    assert told == "cross entropy on the validation examples<br>(bits per character)"


def test_keys_keep_their_distance_and_go_below_the_top() -> None:
    assert spread_keys([], 100) == []
    assert spread_keys([50, 0], 100) == [50, 0]
    assert spread_keys([10, 10, 9], 100) == [9 + KEY_HEIGHT, 9 + 2 * KEY_HEIGHT, 9]
    assert spread_keys([100, 99, 98], 100) == [100, 100 - KEY_HEIGHT, 100 - 2 * KEY_HEIGHT]


def test_no_run_is_dashed_like_a_value_to_beat() -> None:
    curves = [Curve(str(number), "#000000", [0, 1], [0.0, 1.0]) for number in range(10)]
    figure = training_curves(curves, [BaselineLine("one", 1.0)], x="x", y="y", logarithmic=False)
    [mark] = figure["layout"]["shapes"]
    assert len(set(DASHES)) == 5
    assert mark["line"]["dash"] not in {trace["line"]["dash"] for trace in figure["data"]}


def test_the_gradient_over_the_training_is_its_power_of_ten() -> None:
    figure = gradient_history([0, 5], [[0.001, 1.0], [0.0, None]], ["#000", "#fff"])
    [heat] = figure["data"]
    assert heat["z"] == [[pytest.approx(-3), None], [0.0, None]]
    assert (heat["zmin"], heat["zmax"]) == (-3, 0)
    assert heat["x"] == ["0", "5"]
    json.dumps(figure, allow_nan=False)


# One run -----------------------------------------------------------------------------------------


def test_a_link_opens_a_run_and_its_titles_can_be_changed(store: Store) -> None:
    keep(store, 7)
    at = opened(run=name_of(7))
    assert not at.exception
    assert [len(figure["data"]) for figure in figures(at)] == [1, 1]
    heat = figures(at)[1]["data"][0]
    assert len(heat["x"]) == 12
    assert len(heat["y"]) == 4
    at.text_input(f"runs.name.{name_of(7)}").input("The *best* one").run()
    at.text_area(f"runs.note.{name_of(7)}").input("as it\nwas").run()
    row = store.run(name_of(7))
    assert row is not None
    assert (row.name, row.note) == ("The *best* one", "as it\nwas")
    assert at.header[0].value == r"The \*best\* one"
    at = press(at, "all")
    assert "run" not in at.query_params
    assert names(at) == ["The *best* one"]


def forget(store: Store, run: str, *steps: int) -> dict[int, list[float]]:
    """Let the trainer have had no time to measure after `steps`; returns what it would have."""
    looks = dict(store.snapshots(run))
    for step in steps:
        store.save_step(run, step, store.weights(run, step) or b"", {"norms": []})
    store.flush()
    return {step: look["norms"] for step, look in looks.items()}


def settled(at: AppTest) -> AppTest:
    """The page when nothing is being computed any more."""
    until = time.monotonic() + 60
    while any("Saved steps to compute" in each.value for each in at.caption):
        assert time.monotonic() < until
        time.sleep(0.1)
        at.run()
    assert not at.exception
    return at


def test_the_gradient_is_made_up_for_from_the_kept_weights(store: Store) -> None:
    keep(store, 1)
    wanted = forget(store, name_of(1), *range(1, 11))
    with held_back() as (release, questions):
        at = opened(run=name_of(1))
        # The page is there, with what was measured, and says that more is on its way.
        assert figures(at)[1]["data"][0]["x"] == ["0", "11"]
        [told] = [each.value for each in at.caption if "Saved steps to compute" in each.value]
        assert told.endswith("Saved steps to compute: 10")
        release.set()
        at = settled(at)
    heat = figures(at)[1]["data"][0]
    assert heat["x"] == [str(step) for step in range(12)]
    for t, row in enumerate(heat["z"]):
        assert row == [pytest.approx(math.log10(wanted[step][t]), abs=1e-5) for step in range(12)]
    at.run()
    assert len(questions) == 1


def test_no_gradient_is_made_up_while_the_run_trains_nor_where_there_is_none(store: Store) -> None:
    keep(store, 1)
    forget(store, name_of(1), *range(1, 11))
    store.set_state(name_of(1), "running")
    keep(store, 2, TASKS["weather"](), ModelSpec("gru", 4, family="dense"), steps=2)
    store.flush()
    with held_back() as (release, questions):
        release.set()
        for number, drawn in ((1, 2), (2, 1)):
            at = opened(run=name_of(number))
            assert not at.exception
            assert len(figures(at)) == drawn
        assert not questions


def test_weights_of_another_model_leave_a_gap(store: Store) -> None:
    trainer = keep(store, 1)
    forget(store, name_of(1), 3, 4, 5)
    store.save_step(name_of(1), 4, tensors(0), {})
    steps = [3, 4, 5, 99]
    found = norms_after(store, name_of(1), trainer.experiment, steps)
    assert [step for step, _norms in found] == [3, 5]


def test_columns_that_are_not_equally_far_apart_are_told(store: Store) -> None:
    def caption(number: int) -> str:
        [told] = [
            each.value for each in opened(run=name_of(number)).caption if "column" in each.value
        ]
        return unescaped(told)

    keep(store, 1)
    assert "far apart" not in caption(1)
    norms = store.snapshots(name_of(1))[-1][1]
    store.save_step(name_of(1), 40, b"w", norms)
    store.flush()
    assert "from one to the next it is 1 to 29 training steps" in caption(1)


@contextmanager
def held_back() -> Iterator[tuple[threading.Event, list[str]]]:
    """Nothing is computed before the event is set; the list grows with what is."""
    release, questions = threading.Event(), []

    def held(store: Store, run: str, *others: Any) -> Any:
        questions.append(run)
        assert release.wait(60)
        return norms_after(store, run, *others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnviz.ui.runs.gradient_history.norms_after", held)
        try:
            yield release, questions
        finally:
            release.set()


def test_a_link_to_a_run_that_is_not_there_says_so(store: Store) -> None:
    at = opened(run=name_of(99))
    assert not at.exception
    assert "not stored here" in at.warning[0].value
    assert not press(at, "all").warning


def test_a_run_of_a_task_that_is_gone_can_still_be_looked_at(store: Store) -> None:
    store.begin(name_of(1), race="r", experiment=an_experiment("of tomorrow"), facts={})
    store.append(name_of(1), some_rows(9))
    store.set_state(name_of(1), "failed", reason=Message("It is {what}.", {"what": "*"}))
    store.flush()
    at = opened(run=name_of(1))
    assert not at.exception
    assert at.error[0].value == r"It is \*\."
    assert "not repeated" in at.warning[0].value
    assert len(figures(at)) == 1
    assert not opened(compared=name_of(1), measure="loss").exception


def links(at: AppTest) -> dict[str, str]:
    return {each.proto.label: each.proto.page for each in at.get("page_link")}


@pytest.mark.parametrize(
    ("task", "model", "told"),
    [
        ("delayed_recall", ModelSpec("gru", 3), ""),
        ("weather", ModelSpec("gru", 3), ""),
        ("dates", ModelSpec("gru", 3), ""),
        ("weather", ModelSpec(hidden=3, family="dense"), "Only a recurrent network has"),
    ],
)
def test_the_link_to_step_through_or_why_there_is_none(
    store: Store, task: str, model: ModelSpec, told: str
) -> None:
    keep(store, 1, TASKS[task](), model, steps=2)
    at = opened(run=name_of(1))
    assert not at.exception
    assert bool(told) != any("Step through" in label for label in links(at))
    said = [each.value for each in at.caption if "cannot be opened in Step through" in each.value]
    assert bool(told) == bool(said)
    assert told in "".join(said)


def test_a_run_without_weights_says_so_instead_of_a_link(store: Store) -> None:
    plain = Experiment(DelayedRecall()).to_plain()
    store.begin(name_of(1), race="r", experiment=plain, facts={})
    store.set_state(name_of(1), "failed")
    store.flush()
    at = opened(run=name_of(1))
    assert not any("Step through" in label for label in links(at))
    assert any("Its weights are not stored" in each.value for each in at.caption)


def test_the_link_to_side_by_side_sets_it_to_the_same_settings() -> None:
    from rnnviz.tasks import FourWords

    def page() -> None:
        import streamlit as st

        from rnnviz.ui import permalink
        from rnnviz.ui.race.settings import settings

        with permalink.sync("side-by-side"):
            st.session_state["asked"] = settings("delayed_recall").experiments

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
        [asked] = at.session_state["asked"]
        assert asked == experiment
    assert race_address(replace(experiment, task=Hello(text="own words"))) is None
    assert race_address(replace(experiment, model=ModelSpec(spectral_radius=1.0))) is None
    assert race_address(replace(experiment, model=ModelSpec(forget_bias=-1.0))) is None
    assert race_address(replace(experiment, model=ModelSpec(hidden=200))) is None


@pytest.mark.parametrize(
    ("task", "spec", "told"),
    [
        (DelayedRecall(lag=3), ModelSpec("gru", 4), ""),
        (DelayedRecall(lag=3), ModelSpec("rnn", 4, spectral_radius=1.0), "no control there"),
        ("own", ModelSpec("gru", 4), "read your own file"),
    ],
)
def test_where_side_by_side_cannot_be_set_alike_it_says_so(
    store: Store, task: Task | str, spec: ModelSpec, told: str
) -> None:
    if isinstance(task, str):
        content = 40 * SENTENCE.encode()
        UPLOADS.add(content)
        store.save_file(content, "")
        task = Experiment.from_plain(own_text(content)).task
    keep(store, 1, task, spec, steps=2)
    at = opened(run=name_of(1))
    assert not at.exception
    captions = [unescaped(each.value) for each in at.caption]
    said = [each for each in captions if "in Side by side:" in each]
    assert bool(said) == bool(told)
    assert told in "".join(said)
    assert bool(told) != any("Side by side" in label for label in links(at))


def test_deleting_asks_first_and_spares_what_trains(store: Store) -> None:
    keep(store, 1)
    keep(store, 2)
    store.begin(name_of(3), race="r", experiment=an_experiment(), facts={})
    store.set_state(name_of(3), "running")
    store.flush()
    assert opened(compared=name_of(3)).button("runs.delete").disabled
    at = press(opened(compared=f"{name_of(1)},{name_of(2)}"), "delete")
    assert store.run(name_of(1)) is not None
    at = press(at, "cancel_delete")
    assert not [each for each in at.button if each.key == "runs.confirm_delete"]
    at = press(press(at, "delete"), "confirm_delete")
    assert not at.exception
    assert [row.id for row in store.runs(Query()).rows] == [name_of(3)]
    assert "compared" not in at.query_params


def test_a_run_that_went_on_since_it_was_drawn_is_not_deleted(store: Store) -> None:
    keep(store, 1, until=5)
    at = press(opened(run=name_of(1)), "delete")
    store.set_state(name_of(1), "running")
    store.flush()
    at = press(at, "confirm_delete")
    assert not at.exception
    assert "still training" in at.warning[0].value
    row = store.run(name_of(1))
    assert row is not None
    assert (row.state, row.steps) == ("running", 5)


def test_an_interrupted_run_is_resumed_and_ends_as_if_it_had_never_stopped(store: Store) -> None:
    keep(store, 4, until=5)
    whole = keep(store, 5)
    at = opened(run=name_of(4))
    try:
        at = press(at, "resume")
        assert not at.exception
        assert not at.warning
        until = time.monotonic() + 60
        while (row := store.run(name_of(4))) is None or row.state != "finished":
            assert time.monotonic() < until
            time.sleep(0.2)
            at.run()
        assert not at.run().exception
        assert "done" in at.markdown[1].value
    finally:
        service().close()
    resumed, straight = store.history(name_of(4)), store.history(name_of(5))
    for column in ("step", "loss", "validation_metric"):
        assert resumed[column] == straight[column]
    assert store.weights(name_of(4), 12) == weights_of(whole.model)


def test_a_resumed_run_can_be_stopped_and_resumed_again(store: Store) -> None:
    keep(store, 6, until=5, steps=100_000)
    at = opened(run=name_of(6))
    try:
        at = press(at, "resume")
        until = time.monotonic() + 60
        while max(store.history(name_of(6))["step"]) <= 5:
            assert time.monotonic() < until
            time.sleep(0.2)
            at.run()
        assert at.button("runs.delete").disabled
        told = [each.value for each in at.caption if "is the run after step" in each.value]
        assert told, "the rest of the page does not count on with the line"
        step = int(told[0].split("after step ")[1].split(";")[0])
        assert f"(steps: {step})" in unescaped(at.header[1].value)
        at = press(at, "stop")
        while (row := store.run(name_of(6))) is None or row.state != "stopped":
            assert time.monotonic() < until
            time.sleep(0.2)
            at.run()
        at.run()
        assert not at.exception
        assert not at.button("runs.resume").disabled
        kept = store.last_checkpoint(name_of(6))
        assert kept is not None
        assert 5 < kept[0] < 100_000
    finally:
        service().close()


# Taken along and brought back --------------------------------------------------------------------


def test_what_is_taken_along(store: Store) -> None:
    trainer = keep(store, 1, task=Hello(), spec=ModelSpec("rnn", 4))
    row = store.run(name_of(1))
    assert row is not None
    at = opened(run=row.id)
    labels = [each.proto.label for each in at.get("download_button")]
    assert [label for label in labels if "script" in label or "zip" in label]
    lines = history_csv(store, row.id).splitlines()
    assert len(lines) == 14
    assert lines[0].startswith("step,")
    history = store.history(row.id)
    assert standalone_script(store, row, trainer.experiment) == script(trainer.experiment, history)
    changes = [[3, {"lr": 0.5}], [7, {"clip": None}]]
    store.set_state(row.id, row.state, facts={"changes": changes})
    row = store.run(row.id)
    assert row is not None
    wanted = script(trainer.experiment, history, changes)
    assert standalone_script(store, row, trainer.experiment) == wanted
    assert wanted != script(trainer.experiment, history), "the changes are part of the script"
    settings = opened(run=row.id).dataframe[-1].value
    told = dict(zip(settings.iloc[:, 0], settings.iloc[:, 1], strict=True))
    assert told["From step 3"] == "Learning rate: 0.5"
    assert told["From step 7"] == "Gradient clipping: —"
    assert (told["Task"], told["Cell"], told["Both directions"]) == ("Next character", "RNN", "no")
    before = {row.id for row in store.runs(Query()).rows}
    take_outside(store, archive(store, row.id))
    [brought] = {row.id for row in store.runs(Query()).rows} - before
    assert store.history(brought) == history
    assert store.weights(brought, 12) == store.weights(row.id, 12)
    assert store.last_checkpoint(brought) == store.last_checkpoint(row.id)


def take_outside(store: Store, content: bytes) -> None:
    """`take` without a page to open the run on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnviz.ui.runs.selection.open_run", lambda run: None)
        import_run(store, content)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The file is empty"),
        (b"PK but no zip", "not a run"),
        (write_archive(Bundle({"task": {"name": "os.system"}})), "not a task"),
        (write_archive(Bundle({"model": {"hidden": 10**9}})), "1000000000; allowed is 1 to"),
        (write_archive(Bundle({}, {"changes": [[2, {"lr": -1}]]})), "lr is -1"),
        (write_archive(Bundle({}, {"changes": [["x"]]})), "no change of settings"),
        (
            write_archive(Bundle({"task": {"name": "text", "source": "own", "file": "x"}})),
            "not here",
        ),
    ],
)
def test_a_hostile_archive_gets_a_sentence_and_leaves_nothing(
    store: Store, content: bytes, told: str
) -> None:
    with pytest.raises(Problem, match=told):
        take_outside(store, content)
    assert store.runs(Query()).total == 0


SENTENCE = "The quick brown fox jumps over the lazy dog. "
ROWS = "\n".join(f"2026-01-01 {at // 60:02}:{at % 60:02},{50 + at % 7}" for at in range(600))


@contextmanager
def elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Another machine: a folder of its own, and nothing that was read before in memory."""
    monkeypatch.setenv("RNNVIZ_DATA", str(folder))
    monkeypatch.setattr(UPLOADS, "_contents", OrderedDict())
    ours = [module for name, module in sys.modules.items() if name.startswith("rnnviz")]
    for kept in [each for module in ours for each in vars(module).values()]:
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()
    st.cache_resource.clear()
    there = Store(folder)
    try:
        yield there
    finally:
        there.close()
        st.cache_resource.clear()


def own_text(content: bytes) -> dict[str, Any]:
    """A run, as plain data, of a visitor's text."""
    key = hashlib.sha256(content).hexdigest()
    return {"task": {"name": "text", "source": "own", "file": key}}


@pytest.mark.parametrize(
    ("content", "task"),
    [
        (40 * SENTENCE.encode(), {"name": "text", "source": "own"}),
        (
            f"time,rh (%)\n{ROWS}".encode(),
            {"name": "weather", "source": "own", "lookback": 12, "step": 6, "delay": 6},
        ),
    ],
)
def test_a_run_takes_the_visitors_file_along_and_goes_on_elsewhere(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    task: dict[str, Any],
) -> None:
    made = Experiment.from_plain({"task": {**task, "file": UPLOADS.add(content)}}).task
    keep(store, 1, made, until=5)
    whole = keep(store, 2, made)
    store.save_file(content, "mine")
    packed = archive(store, name_of(1))
    with elsewhere(tmp_path / "elsewhere", monkeypatch) as there:
        take_outside(there, packed)
        [row] = there.runs(Query()).rows
        assert there.file(made.files[0]) == ("mine", content)
        at = opened(run=row.id)
        assert not at.exception
        assert not at.warning
        try:
            at = press(at, "resume")
            until = time.monotonic() + 60
            while (found := there.run(row.id)) is None or found.state != "finished":
                assert time.monotonic() < until
                time.sleep(0.2)
                at.run()
        finally:
            service().close()
        assert there.weights(row.id, 12) == weights_of(whole.model)
        step = AppTest.from_file(APP, default_timeout=60)
        step.query_params["run"] = row.id
        step.switch_page("pages/learn/step.py").run()
        assert not step.exception
        assert not step.warning


def test_an_archive_without_the_file_is_taken_where_the_file_was_uploaded(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an earlier rnnviz wrote it."""
    content = 40 * SENTENCE.encode()
    old = write_archive(Bundle(own_text(content)))
    with elsewhere(tmp_path / "elsewhere", monkeypatch) as there:
        with pytest.raises(Problem, match="upload it again"):
            take_outside(there, old)
        assert there.runs(Query()).total == 0
        key = UPLOADS.add(content)
        take_outside(there, old)
        assert there.file(key) == ("", content)


def test_a_file_that_the_task_does_not_read_is_not_kept(store: Store) -> None:
    content = b"\0 no text"
    plain = own_text(content)
    plain["task"]["source"] = "alice"
    take_outside(store, write_archive(Bundle(plain, file=Upload("", content))))
    assert store.runs(Query()).total == 1
    assert store.file(plain["task"]["file"]) is None


def packed_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("own.txt", bytes(10 * 2**20))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"too short", "9 characters; needed are at least 200"),
        (40 * "기온 ".encode("cp949"), "not in UTF-8"),
        (300 * b"a\0", "its byte 2 is zero"),
        (b"a" * (2**20 + 1), "1.1 MB; allowed are at most 1 MB"),
        (packed_bomb(), "zip archive; unpack it first"),
    ],
)
def test_a_file_in_an_archive_is_held_to_what_an_upload_is_held_to(
    store: Store, content: bytes, told: str
) -> None:
    with pytest.raises(Problem, match=told):
        take_outside(store, write_archive(Bundle(own_text(content), file=Upload("", content))))
    assert store.runs(Query()).total == 0
    assert store.file(hashlib.sha256(content).hexdigest()) is None


def test_an_archive_is_dropped_on_the_page_and_opens(store: Store) -> None:
    keep(store, 1)
    content = archive(store, name_of(1))
    at = opened()
    at.file_uploader[0].set_value(("run.zip", content, "application/zip")).run()
    assert not at.exception
    assert store.runs(Query()).total == 2
    assert at.query_params["run"] != name_of(1)
    assert len(figures(at)) == 2
    at = press(at, "all")
    at.file_uploader[0].set_value(("run.zip", content[:-30], "application/zip")).run()
    assert not at.exception
    assert store.runs(Query()).total == 2
    assert len(names(at)) == 2
    # Beside the place where it was dropped, which stays open, and nowhere else.
    place = next(each for each in at.expander if each.label == "Import a run")
    assert place.proto.expanded
    [told] = at.warning
    assert "not a run" in told.value
    assert [each.value for each in place.warning] == [told.value]
    at.file_uploader[0].set_value(("run.zip", content, "application/zip")).run()
    assert not press(at, "all").warning
    assert not next(each for each in at.expander if each.label == "Import a run").proto.expanded


def test_an_error_in_percent_is_no_share_of_right_answers(store: Store) -> None:
    content = f"time,rh (%)\n{ROWS}".encode()
    key = UPLOADS.add(content)
    task = Forecast(source="own", file=key, lookback=12, step=6, delay=6)
    assert (task.metric_unit, MetricFormat.of(task).text(8.3)) == ("%", "8.3 %")
    assert MetricFormat.of(DelayedRecall()).text(0.083) == "8.3 %"
    assert MetricFormat.of(TASKS["wave"]()).text(0.083) == "0.083"
    trainer = keep(store, 1, task)
    store.save_file(content, "station.csv")
    at = opened()
    assert not at.exception
    [told] = at.dataframe[0].value["Validation"]
    row = store.run(name_of(1))
    assert row is not None
    assert row.validation_metric is not None
    assert told == f"{row.validation_metric:.3g} %"
    at = opened(run=name_of(1))
    assert not at.exception
    drawn = figures(at)[0]
    assert trainer.step == 12
    assert row.validation_metric in [
        y for line in drawn["data"] for y in (line.get("y") or [])[-1:]
    ]
    assert drawn["layout"]["yaxis"]["title"]["text"].endswith("(%)")


def test_durations_and_reasons_are_written_out() -> None:
    assert [duration(each) for each in (None, 3.21, 61, 3725)] == [
        "—",
        "3.2 s",
        "1 min 1 s",
        "1 h 2 min",
    ]
    inner = Message("inner {x}", {"x": "{y}"})
    assert say(Message("outer: {last}", {"last": inner})) == "outer: inner {y}"
