"""The contestants of a race, what pages share about it, and its results."""

import gc
import json
import re
import weakref
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from rnnviz.data import UPLOADS
from rnnviz.jobs import History
from rnnviz.jobs.recorder import SHUT_DOWN
from rnnviz.messages import Message, Problem
from rnnviz.model import IOSpec, ModelSpec, build_for, count_parameters, trainable
from rnnviz.palette import colours
from rnnviz.races.contestants import (
    CONTESTANTS,
    contestant_code,
    default_contestants,
    fitting_contestants,
)
from rnnviz.races.setup import initial_snapshot, race_experiments, snapshot_at
from rnnviz.settings import rules
from rnnviz.tasks import TASKS, DelayedRecall, Hello, RunningText
from rnnviz.training import Experiment, Optimiser, Trainer, weights_of
from rnnviz.training.cost import model_size
from rnnviz.ui.race.contestant_views import settings_changes
from rnnviz.ui.race.downloads import gradient_table, history_table, state_table
from rnnviz.ui.race.history_slider import MAX_SNAPSHOTS
from rnnviz.ui.race.outcome import table_html
from rnnviz.ui.race.results import ResultRow, contestant_row, number_text, results_table
from rnnviz.ui.run_text import MetricFormat
from rnnviz.ui.services.baselines import task_baselines
from rnnviz.ui.services.gradient_history import gradient_history, stored_weights
from rnnviz.ui.services.ranges import HIDDEN_UNITS, TIME_LIMIT, step_limit
from rnnviz.ui.services.training import service
from rnnviz.ui.step.stored_run import LAST_STEP
from tests.conftest import reset_server
from tests.contestants import contestant, history
from tests.races import MANY_STEPS, view_of, wait_until
from tests.stored import open_store

CELLS = ("rnn", "lstm", "gru")


def base(task: Any, hidden: int = 16, **optimiser: Any) -> Experiment:
    model = ModelSpec(hidden=hidden, embedding="one-hot")
    return Experiment(task, model, Optimiser(clip=1.0, **optimiser), seed=1)


def parameters(experiment: Experiment) -> int:
    return count_parameters(experiment.model, IOSpec.of(experiment.task))


# Contestants --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TASKS.values(), ids=list(TASKS))
def test_every_contestant_that_fits_a_task_can_be_built_and_is_recognised(kind: Any) -> None:
    task = kind()
    contestants = fitting_contestants(task)
    assert {"rnn", "lstm", "gru"} <= set(contestants)
    for code, kind_of_model in contestants.items():
        spec = kind_of_model.spec(ModelSpec(hidden=4))
        assert contestant_code(spec) == code
        size = model_size(Experiment(task, spec, Optimiser(batch=2)))
        model = build_for(task, spec, torch.Generator().manual_seed(0))
        assert size.parameters == trainable(model)
        assert size.multiply_adds > 0


def test_only_models_that_may_read_ahead_read_in_both_directions() -> None:
    hello, recall = set(fitting_contestants(Hello())), set(fitting_contestants(DelayedRecall()))
    assert not {"rnn_both", "lstm_both"} & hello, "the next character would be read, not predicted"
    assert {"rnn_both", "lstm_both", "gru_both", "dense", "convolution_gru"} <= recall
    assert "dense" not in hello, "one answer is not one at every step"
    assert not any("attention" in code for code in recall)
    assert default_contestants(TASKS["pronunciation"]()) == ["lstm", "gru", "gru_attention_both"]
    assert default_contestants(TASKS["dates"]()) == ["lstm", "gru", "lstm_attention"]


def test_no_two_of_six_contestants_have_one_colour() -> None:
    assert colours(["gru", "rnn"]) == {"gru": "#009E73", "rnn": "#0072B2"}
    for start in range(len(CONTESTANTS) - 5):
        assert len(set(colours([*CONTESTANTS][start : start + 6]).values())) == 6


def test_the_experiments_of_a_race_are_ordered_by_seed_and_have_the_same_units() -> None:
    experiments = race_experiments(base(DelayedRecall()), CELLS, "units", 2)
    assert [(each.model.cell, each.seed) for each in experiments] == [
        *((cell, 1) for cell in CELLS),
        *((cell, 2) for cell in CELLS),
    ]
    assert {each.model.hidden for each in experiments} == {16}
    assert len({parameters(each) for each in experiments}) == 3


@pytest.mark.parametrize("hidden", [2, 16, 64])
@pytest.mark.parametrize("task", [DelayedRecall(), Hello()], ids=["recall", "hello"])
def test_same_parameters_means_nearly_the_same_parameters(task: Any, hidden: int) -> None:
    experiments = race_experiments(base(task, hidden), CELLS, "parameters")
    counts = [parameters(each) for each in experiments]
    assert experiments[CELLS.index("lstm")].model.hidden == hidden
    target = counts[CELLS.index("lstm")]
    # One unit more or less is not nearer.
    for each, count in zip(experiments, counts, strict=True):
        sizes = [
            parameters(replace(each, model=replace(each.model, hidden=each.model.hidden + more)))
            for more in (-1, 1)
            if each.model.hidden + more > 0
        ]
        assert all(abs(count - target) <= abs(size - target) for size in sizes)


# Services -----------------------------------------------------------------------------------------


def test_the_baselines_of_a_task_are_computed_once_and_release_the_task() -> None:
    reset_server()
    wait_until(lambda: task_baselines(TASKS["wave"]()) is not None)
    task = TASKS["wave"]()
    results = task_baselines(task)
    assert results == task.baselines()
    assert task_baselines(task, "test") == task.baselines("test")
    assert task_baselines(TASKS["wave"]()) is results, "an equal task has them already"
    reference = weakref.ref(task)  # it may hold all of a visitor's file
    del task
    gc.collect()
    assert reference() is None


def test_the_baselines_of_a_visitor_s_text_are_those_of_its_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reset_server()
    key = UPLOADS.add(b"to be or not to be, that is the question. " * 40)
    task = RunningText("own", file=key)
    wait_until(lambda: task_baselines(task) is not None)
    assert task_baselines(task) == task.baselines() != ()
    other = RunningText("own", file=UPLOADS.add(b"that is another question. " * 40))
    monkeypatch.setattr(UPLOADS, "_contents", OrderedDict())
    wait_until(lambda: task_baselines(other) == ())


def test_the_service_ends_before_its_store_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path))
    reset_server()
    jobs = service()
    experiment = base(DelayedRecall(lag=3), hidden=4, steps=MANY_STEPS)
    race = jobs.submit("ann", [{"experiment": experiment.to_plain(), "report_interval": 0.2}])
    wait_until(lambda: bool(view_of(jobs, race).runs[0].history.step))
    reset_server()
    with open_store(tmp_path) as store:
        row = store.run(view_of(jobs, race).runs[0].run_id)
    assert row is not None
    assert (row.state, row.reason) == ("interrupted", Message(SHUT_DOWN))


def test_gradients_that_were_not_measured_are_computed_when_a_run_is_over() -> None:
    jobs = service()
    try:
        experiment = base(DelayedRecall(lag=3), hidden=4, steps=60)
        race = jobs.submit("ann", [{"experiment": experiment.to_plain(), "report_interval": 0.2}])
        wait_until(lambda: view_of(jobs, race).runs[0].state == "finished")
        run = view_of(jobs, race).runs[0]
        assert {0, 60} <= set(run.saved_steps)
        sparse = replace(run, gradient_norms=run.gradient_norms[:1])
        wait_until(lambda: gradient_history(sparse, experiment)[1])
        norms = dict(gradient_history(sparse, experiment)[0])
        assert set(norms) == set(run.saved_steps)
        weights = jobs.weights(run.run_id, 60)
        assert weights is not None
        assert list(norms[60]) == snapshot_at(experiment, 60, weights)["norms"]
        running = replace(sparse, state="running")
        assert gradient_history(running, experiment) == (sparse.gradient_norms, True)
    finally:
        reset_server()


def test_the_weights_of_one_computation_have_a_bound_and_are_spread_over_the_training() -> None:
    def weights(step: int) -> bytes | None:
        if step == 8:
            raise Problem("unreadable")
        return None if step == 16 else bytes(100)

    steps = range(40)
    assert [step for step, _content in stored_weights(steps, weights, 350)] == [0, 24, 32]
    assert len(stored_weights(steps, weights)) == 38
    assert [step for step, _content in stored_weights(steps, weights, 50)] == [0], "at least one"


# Snapshots ----------------------------------------------------------------------------------------


def test_the_snapshots_of_a_session_have_a_bound() -> None:
    task = DelayedRecall(lag=rules(DelayedRecall)["lag"].high)
    experiment = base(task, hidden=HIDDEN_UNITS.high)
    assert MAX_SNAPSHOTS * len(json.dumps(initial_snapshot(experiment.to_json()))) < 50_000_000


def test_the_snapshot_of_a_saved_step_shows_the_model_as_it_was() -> None:
    trainer = Trainer(base(DelayedRecall(lag=3), hidden=4, lr=0.05, steps=20))
    assert initial_snapshot(trainer.experiment.to_json()) == trainer.snapshot().to_plain()
    for _step in range(7):
        trainer.advance()
    snapshot, weights = trainer.snapshot().to_plain(), weights_of(trainer.model)
    for _step in range(5):
        trainer.advance()
    assert trainer.snapshot().to_plain()["norms"] != snapshot["norms"]
    assert snapshot_at(trainer.experiment, 7, weights) == snapshot


# Results ------------------------------------------------------------------------------------------


def test_no_race_against_the_clock_runs_out_of_steps() -> None:
    limit = rules(Optimiser)["steps"]
    assert step_limit(TIME_LIMIT.high) <= limit.high, "the longest race, at the greatest speed"
    assert limit.high == LAST_STEP, "each of its saved steps can be opened"


def test_a_share_is_not_written_more_exactly_than_it_is_known() -> None:
    metric = MetricFormat("Accuracy", "%", share=True)
    texts = [metric.text(share) for share in (0.0, 2.09e-6, 9.99e-5, 1e-4, 0.12345)]
    assert texts == ["0 %", "under 0.01 %", "under 0.01 %", "0.01 %", "12.3 %"]
    assert MetricFormat("Squared error", "", share=False).text(2.09e-6) == "2.09e-06"


@pytest.mark.parametrize("changes", [None, "?", [[3, 4]]])
def test_a_run_without_changes_or_with_impossible_ones_opens_all_the_same(changes: Any) -> None:
    assert settings_changes({"changes": changes}, base(Hello())) == []
    facts = {"changes": [[3, {"lr": 0.5}], [7, {"clip": None}]]}
    assert settings_changes(facts, base(Hello())) == [(3, {"lr": 0.5}), (7, {"clip": None})]
    assert settings_changes({}, base(Hello())) == []


def test_the_table_of_results_writes_numbers_for_a_reader() -> None:
    values = (None, "", "done", 16, 3312640, 0.0788123, 0.25, 12345.6, float("inf"))
    texts = ["", "", "done", "16", "3,312,640", "0.07881", "0.25", "12,346", "inf"]
    assert [number_text(value) for value in values] == texts
    html = table_html(["Model", "<b>"], [["<i>", '"<s>']], '"<u>')
    assert not re.search("<[bisu]>", html), "what a visitor's file says is text"


def test_the_results_have_the_median_of_the_steps_of_several_seeds() -> None:
    histories = [
        History([0, end], [0.0, end / 10], [None, 1.0], [None, 0.5], [0.2, 0.5], [None, 1.0])
        for end in (90, 30, 60)
    ]
    row = contestant_row(contestant(*histories, state="finished"), [])
    assert (row.steps, row.seconds) == (60, 6.0)
    stopped = contestant(histories[1], state="stopped", snapshot={"step": 33})
    assert contestant_row(stopped, []).steps == 33
    table = results_table(DelayedRecall(), [row, ResultRow("chance", 0.25, None)])
    assert list(table["Steps"].fillna(0)) == [60, 0]
    assert list(table["Evaluated at step"]) == ["30–90", ""]


def test_the_numbers_behind_each_figure_have_a_row_each() -> None:
    snapshot = {"step": 7, "norms": [0.0, 1e-40], "states": [[0.5, -1.0, 0.25]] * 2}
    gru = contestant(history((0, None, 0.5)), snapshot=snapshot)
    rnn = replace(gru, name="RNN", histories=(History(),), snapshot=None)
    contestants, tokens = [gru, rnn], ["A", "w"]
    assert history_table(contestants).to_dict("list")["validation_metric"] == [0.5]
    gradients = gradient_table(contestants, tokens)
    assert list(gradients.itertuples(index=False, name=None)) == [
        ("GRU", 7, 1, "A", 0.0),
        ("GRU", 7, 2, "w", 1e-40),
    ]
    states = state_table(contestants, tokens)
    assert list(states["unit"]) == [1, 2, 3] * 2
    assert list(states["t"]) == [1] * 3 + [2] * 3
    assert list(states["h"]) == [0.5, -1.0, 0.25] * 2
    # Without a snapshot it is a table all the same, with its head.
    assert list(state_table([rnn], tokens).columns) == list(states.columns)
    assert history_table([rnn]).empty
