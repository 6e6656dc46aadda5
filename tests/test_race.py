"""The line-up of a race, and how it is shown."""

import atexit
import base64
import gc
import json
import re
import subprocess
import sys
import threading
import time
import weakref
from array import array
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
import torch

from rnnviz.jobs import History, RunView
from rnnviz.jobs.recorder import SHUT_DOWN
from rnnviz.messages import Message, Problem
from rnnviz.model import IOSpec, ModelSpec, build_for, count_parameters, trainable
from rnnviz.palette import colours
from rnnviz.races.contestants import CONTESTANTS, contestant_code, fitting_contestants
from rnnviz.races.setup import (
    initial_snapshot,
    race_experiments,
    snapshot_at,
)
from rnnviz.settings import rules
from rnnviz.tasks import TASKS, DelayedRecall, Hello
from rnnviz.training import Experiment, Optimiser, Trainer, weights_of
from rnnviz.training.cost import model_size
from rnnviz.ui.background import MAX_PENDING, BackgroundCache
from rnnviz.ui.live import ContestantView
from rnnviz.ui.live.payload import CELLS as WIDEST
from rnnviz.ui.live.payload import NOTHING, POINTS, answers_payload, contestant_payload, thin
from rnnviz.ui.live.signs import sign_meanings, signs_note
from rnnviz.ui.race import contestant_views, outcome, results
from rnnviz.ui.race.gradient_history import GradientHistory
from rnnviz.ui.race.history_slider import MAX_SNAPSHOTS
from rnnviz.ui.race.numbers import course, gradients, states
from rnnviz.ui.race.results import cell_text
from rnnviz.ui.run_text import MetricFormat
from rnnviz.ui.services.baselines import Baselines
from rnnviz.ui.services.ranges import HIDDEN_UNITS, TIME_LIMIT, step_limit
from rnnviz.ui.services.training import service
from rnnviz.ui.step.stored_run import LAST_STEP
from tests.races import ENDLESS, seen, until
from tests.stored import opened

CELLS = ("rnn", "lstm", "gru")


def base(task: Any, hidden: int = 16, **optimiser: Any) -> Experiment:
    model = ModelSpec(hidden=hidden, embedding="one-hot")
    return Experiment(task, model, Optimiser(clip=1.0, **optimiser), seed=1)


def parameters(experiment: Experiment) -> int:
    return count_parameters(experiment.model, IOSpec.of(experiment.task))


def history(*rows: tuple[int, float | None, float | None], lr: float = 0.01) -> History:
    """Rows of step, loss and validation; three steps in a second."""
    found = History()
    for step, loss, tested in rows:
        row = {"step": step, "seconds": step / 3, "loss": loss, "metric": loss}
        found.append({**row, "validation": tested, "norm": loss, "lr": lr})
    return found


@pytest.mark.parametrize("kind", TASKS.values(), ids=list(TASKS))
def test_whoever_is_offered_for_a_task_can_be_built_and_is_recognised(kind: Any) -> None:
    task = kind()
    there = fitting_contestants(task)
    assert {"rnn", "lstm", "gru"} <= set(there)
    for code, each in there.items():
        spec = each.spec(ModelSpec(hidden=4))
        assert contestant_code(spec) == code
        experiment = Experiment(task, spec, Optimiser(batch=2))
        size = model_size(experiment)
        model = build_for(task, spec, torch.Generator().manual_seed(0))
        assert size.parameters == trainable(model)
        assert size.multiply_adds > 0


def test_only_who_may_see_what_comes_reads_in_both_directions() -> None:
    assert "lstm_both" not in fitting_contestants(Hello()), (
        "the next character would be read, not predicted"
    )
    assert {"lstm_both", "dense", "convolution_gru"} <= set(fitting_contestants(DelayedRecall()))
    assert "dense" not in fitting_contestants(Hello()), "one answer is not one at every step"
    assert not any("attention" in code for code in fitting_contestants(DelayedRecall()))


def test_no_two_of_six_contestants_have_one_colour() -> None:
    assert colours(["gru", "rnn"]) == {"gru": "#009E73", "rnn": "#0072B2"}
    for start in range(len(CONTESTANTS) - 5):
        assert len(set(colours([*CONTESTANTS][start : start + 6]).values())) == 6


def test_several_seeds_are_lined_up_seed_by_seed() -> None:
    lined = race_experiments(base(DelayedRecall()), CELLS, "units", 2)
    assert [(each.model.cell, each.seed) for each in lined] == [
        *((cell, 1) for cell in CELLS),
        *((cell, 2) for cell in CELLS),
    ]


def test_same_units_means_the_same_units() -> None:
    lined = race_experiments(base(DelayedRecall()), CELLS, "units")
    assert [each.model.cell for each in lined] == list(CELLS)
    assert {each.model.hidden for each in lined} == {16}
    assert len({parameters(each) for each in lined}) == 3


@pytest.mark.parametrize("hidden", [2, 16, 64])
@pytest.mark.parametrize("task", [DelayedRecall(), Hello()], ids=["recall", "hello"])
def test_same_parameters_means_nearly_the_same_parameters(task: Any, hidden: int) -> None:
    lined = race_experiments(base(task, hidden), CELLS, "parameters")
    counts = [parameters(each) for each in lined]
    assert lined[CELLS.index("lstm")].model.hidden == hidden
    target = counts[CELLS.index("lstm")]
    # One unit more or less is as near as it gets.
    for each, count in zip(lined, counts, strict=True):
        sizes = [
            parameters(replace(each, model=replace(each.model, hidden=each.model.hidden + more)))
            for more in (-1, 1)
            if each.model.hidden + more > 0
        ]
        assert all(abs(count - target) <= abs(size - target) for size in sizes)


def test_the_baselines_of_a_task_are_computed_once_and_beside() -> None:
    rivals, task = Baselines(), TASKS["wave"]()
    until(lambda: rivals.get(task) is not None)
    found = rivals.get(task)
    assert found == task.baselines()
    assert rivals.get(TASKS["wave"]()) is found, "an equal task has them already"


def test_what_needs_a_visitors_file_is_let_go_of_when_its_baselines_are_known() -> None:
    rivals = Baselines()
    until(lambda: rivals.get(TASKS["wave"]()) is not None)
    task = TASKS["wave"]()
    assert rivals.get(task)
    gone = weakref.ref(task)
    del task
    gc.collect()
    assert gone() is None


def test_beside_the_pages_the_latest_question_is_answered_first() -> None:
    beside: BackgroundCache[str] = BackgroundCache("beside", keep=3)
    begun, go = threading.Event(), threading.Event()
    asked: list[str] = []

    def find(key: str) -> str:
        asked.append(key)
        begun.set()
        assert go.wait(60)
        if key == "wrong":
            raise Problem("no")
        return key.upper()

    def of(key: str) -> Any:
        return beside.get(key, lambda: find(key))

    assert of("first") is None
    assert begun.wait(60)
    for key in [*map(str, range(3 * MAX_PENDING)), "wrong"]:
        assert of(key) is None
    assert of("first") is None, "it is being worked out and does not wait again"
    go.set()
    until(lambda: len(asked) == 1 + MAX_PENDING)
    assert asked[:3] == ["first", "wrong", str(3 * MAX_PENDING - 1)]
    last = asked[-1]
    until(lambda: of(last) is not None)
    assert of(last).result() == last.upper()
    assert len(asked) == 1 + MAX_PENDING, "a question that was dropped is not worked out"
    until(lambda: of("wrong") is not None)
    with pytest.raises(Problem):
        of("wrong").result()


def test_no_work_beside_the_pages_keeps_a_server_from_ending() -> None:
    program = """
import time
from rnnviz.ui.background import BackgroundCache
beside = BackgroundCache("beside", keep=3)
for key in range(100):
    beside.get(str(key), lambda: time.sleep(1))
"""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", program], timeout=60, check=True)
    assert time.monotonic() - began < MAX_PENDING / 2, "it waits for one answer, not for all"


def test_the_service_ends_before_its_store_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path))
    st.cache_resource.clear()
    ends: list[Any] = []
    monkeypatch.setattr(atexit, "register", ends.append)
    serving = service()
    plan = base(DelayedRecall(lag=3), hidden=4, steps=ENDLESS)
    race = serving.submit("somebody", [{"experiment": plan.to_plain(), "report_interval": 0.2}])
    until(lambda: bool(seen(serving, race).runs[0].history.step))
    for end in reversed(ends):
        end()
    st.cache_resource.clear()
    with opened(tmp_path) as store:
        row = store.run(seen(serving, race).runs[0].run_id)
    assert row is not None
    assert (row.state, row.reason) == ("interrupted", Message(SHUT_DOWN))


def test_the_looks_that_a_session_keeps_have_a_bound() -> None:
    task = DelayedRecall(lag=rules(DelayedRecall)["lag"].high)
    plan = base(task, hidden=HIDDEN_UNITS.high)
    assert MAX_SNAPSHOTS * len(json.dumps(initial_snapshot(plan.to_json()))) < 50_000_000


def test_gradients_that_were_not_measured_are_made_up_for_when_a_run_is_over() -> None:
    serving = service()
    try:
        plan = base(DelayedRecall(lag=3), hidden=4, steps=60)
        race = serving.submit("somebody", [{"experiment": plan.to_plain(), "report_interval": 0.2}])
        until(lambda: seen(serving, race).runs[0].state == "finished")
        run = seen(serving, race).runs[0]
        assert {0, 60} <= set(run.saved_steps)
        sparse = replace(run, gradient_norms=run.gradient_norms[:1])
        filler = GradientHistory()
        until(lambda: filler.of(sparse, plan)[1])
        heat = dict(filler.of(sparse, plan)[0])
        assert set(heat) == set(run.saved_steps)
        weights = serving.weights(run.run_id, 60)
        assert weights is not None
        assert list(heat[60]) == snapshot_at(plan, 60, weights)["norms"]
        assert filler.of(replace(sparse, state="running"), plan) == (sparse.gradient_norms, True)
    finally:
        serving.close()
        st.cache_resource.clear()


def test_a_look_back_shows_the_model_as_it_was() -> None:
    trainer = Trainer(base(DelayedRecall(lag=3), hidden=4, lr=0.05, steps=20))
    assert initial_snapshot(trainer.experiment.to_json()) == trainer.snapshot().to_plain()
    for _step in range(7):
        trainer.advance()
    then, weights = trainer.snapshot().to_plain(), weights_of(trainer.model)
    for _step in range(5):
        trainer.advance()
    assert trainer.snapshot().to_plain()["norms"] != then["norms"]
    assert snapshot_at(trainer.experiment, 7, weights) == then


@pytest.mark.parametrize("size", [0, 1, 399, 400, 401, 5000])
def test_a_thinned_line_is_short_keeps_its_end_and_its_points(size: int) -> None:
    kept = thin(range(size))
    assert len(kept) <= POINTS
    assert kept[-1:] == list(range(size))[-1:]
    # While a line grows its inner points stay, or every second one goes.
    assert set(thin(range(size + 1))[:-1]) <= {*kept, *range(size - 1, size + 1)}


def lane(*histories: History, **more: Any) -> ContestantView:
    given = {"states": ("running",) * len(histories), "histories": histories, **more}
    return ContestantView("gru", "GRU", "#009E73", 16, 100, 3000, 10, **given)


def test_the_live_view_gets_numbers_that_json_can_carry() -> None:
    course = history((0, None, 1 / 3), (1, 1.0, None), (2, float("inf"), 1 / 3))
    probe = {
        "step": 2,
        "norms": [float("nan"), 1.5e-200],
        "states": [[0.5, -1.0]] * 2,
        "answers": [
            {
                "question": "A" * 1000,
                "wanted": "A",
                "given": "B",
                "right": False,
                "lines": {"history": (1.0, None, float("nan"))},
            }
        ],
        "attention": [[0.25, 0.75]],
        "sample": None,
    }
    shown = lane(course, probe=probe, heat=((0, (0.0, float("nan"))), (1, (0.01, 1e-300))))
    data = contestant_payload(shown)
    json.dumps([data, answers_payload([shown, shown])], allow_nan=False)
    assert data["loss"] == {"step": [1, 2], "seconds": [0.333333, 0.666667], "values": [1.0, None]}
    assert data["score"]["step"] == [0, 2]
    assert data["probe"]["norms"] == [None, 1.5e-200], "float64 keeps its range"
    assert (data["probe"]["times"], data["probe"]["H"]) == ([1, 2], 2)
    logs = array("h", base64.b64decode(data["heat"]["logs"]))
    assert list(logs) == [NOTHING, NOTHING, -1000, NOTHING + 1]
    assert list(base64.b64decode(data["probe"]["attention"]["shares"])) == [64, 191]
    [answer] = answers_payload([shown, shown])
    assert len(answer["question"]) < 200
    assert answer["lines"] == [{"name": "history", "xs": [0, 2], "ys": [1.0, None]}]
    assert answer["own"] == [[], []], "what is the same for all is drawn once"


MARKED = {
    "intents": {"<unk>"},
    "sentiment": {"<unk>"},
    "counting": {"^", "$"},
    "copy": {"·", "?"},
    "brackets": {"·"},
    "text": {"⏎"},
    "adding": {"±"},
    "tags": {"ADP", "ADV", "DET", "NOUN", "PRON", "SCONJ", "VERB"},
}


@pytest.mark.parametrize("kind", TASKS.values(), ids=list(TASKS))
def test_the_signs_in_the_answers_of_a_task_are_explained_and_no_others(kind: Any) -> None:
    answers = initial_snapshot(base(kind(), hidden=4).to_json())["answers"]
    texts = [each[part] for each in answers for part in ("question", "wanted")]
    note = signs_note(sign_meanings(kind()), texts)
    assert set(re.findall("\u2068(.+?)\u2069: ", note)) == MARKED.get(kind.name, set())
    assert not re.search(r"<(pad|bos|eos)>", "".join([*texts, *(a["given"] for a in answers)]))


@pytest.mark.parametrize("kind", TASKS.values(), ids=list(TASKS))
def test_curves_show_an_answer_where_it_is_neither_right_nor_wrong(kind: Any) -> None:
    """By that their title is chosen."""
    for answer in initial_snapshot(base(kind(), hidden=4).to_json())["answers"]:
        if answer["lines"]:
            assert ("given" in answer["lines"]) == (answer["right"] is None)


def test_an_answer_of_blanks_or_of_nothing_is_seen() -> None:
    def answered(given: str) -> str:
        answer = {"question": "a", "wanted": "b", "given": given, "right": False, "lines": {}}
        shown = lane(history(), probe={"step": 1, "answers": [answer]})
        told: str = answers_payload([shown])[0]["given"][0]
        return told

    assert [answered(text) for text in ("", "   ", " a ")] == ["∅", "␣␣␣", " a "]
    note = signs_note(sign_meanings(Hello()), ["␣␣", "∅"])
    assert "a blank" in note
    assert "an empty answer" in note


def test_only_the_signs_that_are_there_are_explained() -> None:
    signs = {"$": "the end", "ADV": "adverb", "<unk>": "unknown"}
    assert signs_note(signs, ["ADVERB", "what", ""]) == ""
    told = signs_note(signs, ["a <unk>", "ADV NOUN"]).replace("\u2068", "").replace("\u2069", "")
    assert told == "ADV: adverb · <unk>: unknown"


def test_a_picture_of_norms_is_as_long_as_what_was_measured_last() -> None:
    imported: Any = ((0, (1.0,) * 9), (1, (1.0,)), (2, (0.1, 10.0)))
    heat = contestant_payload(lane(history(), heat=imported))["heat"]
    assert (heat["steps"], heat["times"]) == ([2], [1, 2])


def test_what_is_sent_has_a_bound_however_large_the_model_and_the_task() -> None:
    T, H = 1000, 256
    probe = {"step": 1, "norms": [0.1] * T, "states": [[0.5] * H] * T}
    heat = tuple((step, (0.1,) * T) for step in range(500))
    long = history(*((step, 1.0, 0.5) for step in range(5000)))
    data = contestant_payload(lane(long, long, long, long, long, probe=probe, heat=heat))
    assert len(data["probe"]["times"]) <= WIDEST
    assert data["probe"]["H"] <= WIDEST
    assert len(json.dumps(data)) < 150_000


def test_several_seeds_are_a_median_with_a_band() -> None:
    runs = [history((0, None, a), (10, 1.0, b)) for a, b in ((0.1, 0.9), (0.3, 0.7), (0.2, 0.2))]
    runs[2] = history((0, None, 0.2))
    data = contestant_payload(lane(*runs))
    assert data["score"]["step"] == [0, 10]
    assert data["score"]["values"] == [0.2, 0.8], "of those that are there"
    assert (data["score"]["low"], data["score"]["high"]) == ([0.1, 0.7], [0.3, 0.9])
    assert data["metric"] == 0.9, "while they train, that of the first: they are not equally far"
    assert contestant_payload(lane(*runs, states=("finished",) * 3))["metric"] == 0.7
    assert data["share"] == pytest.approx(2 / 3, abs=1e-3)
    assert "low" not in contestant_payload(lane(runs[0]))["score"]


@pytest.mark.parametrize("state", ["running", "paused", "stopped", "failed", "interrupted"])
def test_only_what_has_finished_is_all_done(state: str) -> None:
    course = history((0, None, 0.5), (2, 1.0, None))  # of ten steps, three of them in a second
    assert lane(course, states=(state,)).share == 0.2
    assert lane(History(), states=(state,)).share == 0
    assert lane(course, states=("finished",)).share == 1, "at a goal, say"
    assert lane(course, History(), states=("finished", state)).share == 0.5
    assert lane(course, states=(state,), seconds=1.0).share == pytest.approx(2 / 3)


def test_where_time_ends_it_the_share_and_the_steps_follow_the_clock() -> None:
    course = history((0, None, 0.5), (2, 1.0, None))  # three steps in a second, ten at most
    assert (lane(course).total, lane(course).share) == (10, 0.2)
    timed = lane(course, seconds=2.0)
    assert (timed.total, timed.share) == (6, pytest.approx(1 / 3))
    assert (lane(course, seconds=600.0).total, lane(course, seconds=600.0).share) == (10, 0.2)
    unknown = lane(History(), seconds=2.0)
    assert (unknown.total, contestant_payload(unknown)["total"]) == (None, None), (
        "nobody knows its speed"
    )


def test_no_run_against_the_clock_runs_out_of_steps() -> None:
    most = rules(Optimiser)["steps"]
    assert step_limit(TIME_LIMIT.high) <= most.high, "the longest race, at the greatest speed"
    assert most.high == LAST_STEP, "each of its moments can be opened"


def test_one_word_for_the_runs_of_a_contestant() -> None:
    def word(*states: str) -> str:
        return lane(*(History() for _each in states), states=states).state

    assert word("queued", "queued") == "queued"
    assert word("finished", "queued") == "running"
    assert word("finished", "paused") == "paused"
    assert word("failed", "finished") == "finished"
    assert word("failed", "failed") == "failed"


def test_a_share_is_not_told_more_exactly_than_it_is_known() -> None:
    measure = MetricFormat("Accuracy", "%", share=True)
    told = {share: measure.text(share) for share in (0.0, 2.09e-6, 9.99e-5, 1e-4, 0.12345)}
    assert [*told.values()] == ["0 %", "under 0.01 %", "under 0.01 %", "0.01 %", "12.3 %"]
    assert MetricFormat("Squared error", "", share=False).text(2.09e-6) == "2.09e-06"


def test_every_change_on_the_way_is_marked_with_what_was_changed_and_to_what() -> None:
    course = history(*((step, 1.0, None) for step in (0, 10, 20, 30)))
    told: Any = [
        (1, {"lr": 0.02}),
        (12, {"clip": 0.5, "temperature": 1.5}),
        (25, {"clip": None}),
        (26, {"forcing": 0.25}),
        (27, {"steps": 7, "lr": None}),
    ]
    marks = contestant_payload(lane(course, changes=(told,)))["marks"]
    assert [tuple(mark.values()) for mark in marks] == [
        (1, 3.33333, "learning rate 0.02"),
        (12, 6.66667, "clipping 0.5, temperature 1.5"),
        (25, 10.0, "no clipping"),
        (26, 10.0, "teacher forcing 0.25"),
    ]
    other: Any = [(1, {"lr": 0.02}), (29, {"lr": 0.03})]
    both = contestant_payload(lane(course, course, changes=(told[:1], other)))["marks"]
    assert [(mark["step"], mark["text"]) for mark in both] == [
        (1, "learning rate 0.02"),
        (29, "learning rate 0.03"),
    ], "each of several seeds, and what they have in common once"
    waiting = contestant_payload(lane(History(), changes=(told[:1],)))["marks"]
    assert waiting == [{"step": 1, "seconds": None, "text": "learning rate 0.02"}]


@pytest.mark.parametrize("facts", [{}, {"changes": None}, {"changes": "?"}, {"changes": [[3, 4]]}])
def test_a_run_that_tells_of_no_change_or_of_what_cannot_be_opens_all_the_same(facts: Any) -> None:
    row = RunView("a", {}, "stopped", 1, History(), {}, (), (), facts, None, None, None)
    assert not list(contestant_views._changes(row, base(Hello())))
    told = {"changes": [[3, {"lr": 0.5}], [7, {"clip": None}]]}
    [first, second] = contestant_views._changes(replace(row, facts=told), base(Hello()))
    assert (first, second) == ((3, {"lr": 0.5}), (7, {"clip": None})), "as JSON brings them back"


def test_without_its_changes_a_change_of_the_learning_rate_is_seen_in_the_history() -> None:
    course = history((0, None, 0.5), (10, 1.0, None))
    for step, lr in ((20, 0.03), (30, 0.03), (40, 0.01)):
        row = {"step": step, "seconds": step / 3, "loss": 1.0, "metric": 1.0}
        course.append({**row, "validation": None, "norm": 1.0, "lr": lr})
    marks = contestant_payload(lane(course))["marks"]
    assert [(mark["step"], mark["text"]) for mark in marks] == [
        (20, "learning rate 0.03"),
        (40, "learning rate 0.01"),
    ]


def test_the_table_of_results_writes_numbers_to_be_read() -> None:
    values = (None, "", "done", 16, 3312640, 0.0788123, 0.25, 12345.6, float("inf"))
    told = ["", "", "done", "16", "3,312,640", "0.07881", "0.25", "12,346", "inf"]
    assert [cell_text(value) for value in values] == told
    row = results._row(["Model", "<b>"], {"Model": "<i>", "<b>": '"<s>'})
    assert not re.search("<[bis]>", row), "what a visitor's file says is text"


def test_the_numbers_behind_each_figure_have_a_row_each() -> None:
    probe = {"step": 7, "norms": [0.0, 1e-40], "states": [[0.5, -1.0, 0.25]] * 2}
    shown = lane(history((0, None, 0.5)), probe=probe)
    waiting = replace(shown, name="RNN", histories=(History(),), probe=None)
    contestant_views, tokens = [shown, waiting], ["A", "w"]
    assert course(contestant_views).to_dict("list")["validation"] == [0.5]
    found = gradients(contestant_views, tokens)
    assert list(found.itertuples(index=False, name=None)) == [
        ("GRU", 7, 1, "A", 0.0),
        ("GRU", 7, 2, "w", 1e-40),
    ]
    table = states(contestant_views, tokens)
    assert list(table["unit"]) == [1, 2, 3] * 2
    assert list(table["t"]) == [1] * 3 + [2] * 3
    assert list(table["h"]) == [0.5, -1.0, 0.25] * 2
    # Nothing has been looked at: a table all the same, with its head.
    assert list(states([waiting], tokens).columns) == list(table.columns)
    assert course([waiting]).empty


def test_the_table_tells_the_middle_of_the_steps_of_several_seeds() -> None:
    ended = [
        History([0, end], [0.0, end / 10], [None, 1.0], [None, 0.5], [0.2, 0.5], [None, 1.0])
        for end in (90, 30, 60)
    ]
    row = outcome._row(DelayedRecall(), lane(*ended, states=("finished",) * 3), [])
    assert (row["Steps"], row["Seconds"]) == (60, 6.0)
    stopped = lane(ended[1], states=("stopped",), probe={"step": 33})
    assert outcome._row(DelayedRecall(), stopped, [])["Steps"] == 33
