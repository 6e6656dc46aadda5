"""The scores at the end of a run: on examples that neither training nor the curve has shown."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
import torch

from rnnviz.messages import Message
from rnnviz.model import ModelSpec
from rnnviz.races.decisions import chance_baseline
from rnnviz.store import RunRow
from rnnviz.tasks import (
    TASKS,
    Alphabet,
    Batch,
    Brackets,
    Copying,
    DelayedRecall,
    Forecast,
    FourWords,
    Intents,
    Parity,
    SpelledOut,
    Surnames,
    Task,
)
from rnnviz.training import Experiment, Optimiser, Trainer
from rnnviz.training.trainer import NO_PROGRESS, TARGET_REACHED
from rnnviz.ui.run_text import csv_columns, examples_text, metric_title
from rnnviz.ui.runs import scores

WITHOUT_TEST = {
    "four_words": "memorised",
    "hello": "memorised",
    "alphabet": "memorised",
    "spelled_out": "memorised",
    "copy": "drawn",
    "counting": "validation",
}
"""The tasks that have no examples for a test, and what they are measured on."""


@pytest.fixture(params=list(TASKS))
def task(request: pytest.FixtureRequest) -> Task:
    return TASKS[request.param]()


def sequences(batch: Batch) -> set[bytes]:
    rows = zip(batch.inputs, batch.lengths.tolist(), strict=True)
    return {row[:length].contiguous().numpy().tobytes() for row, length in rows}


def test_the_test_examples_are_apart_from_those_of_the_curve(task: Task) -> None:
    assert task.final_examples == WITHOUT_TEST.get(task.name, "test")
    curve, final = (task.evaluation_batch(split) for split in ("validation", task.final_split))
    again = TASKS[task.name]().evaluation_batch(task.final_split)
    assert torch.equal(final.inputs, again.inputs), "the same for every model and every seed"
    if task.final_split == "test":
        assert sequences(curve).isdisjoint(sequences(final))
        assert len(final) == min(128, task.size("test") or 128)
        assert task.curve_examples == "validation"
    else:
        assert task.curve_examples == task.final_examples


def test_a_baseline_is_fitted_on_training_and_judged_on_either_split(task: Task) -> None:
    judged = {split: task.baselines(split) for split in ("validation", task.final_split)}
    titles = {split: [each.title for each in some] for split, some in judged.items()}
    assert titles["validation"] == titles[task.final_split]
    assert judged["validation"] == task.baselines()
    if task.final_split == "test":
        batch = task.evaluation_batch("test")
        with_scores = [each for each in judged["test"] if each.scores]
        assert all(len(each.scores) == len(batch) for each in with_scores)
        assert all(
            each.scores != other.scores
            for each, other in zip(judged["validation"], judged["test"], strict=True)
            if each.scores and task.is_share
        )


def test_the_chance_of_a_forecast_is_measured_on_the_same_windows() -> None:
    task = Forecast()
    for split in ("validation", "test"):
        batch = task.evaluation_batch(split)
        mean = task.metric(torch.zeros_like(batch.targets), batch)
        assert chance_baseline(task, split).metric == pytest.approx(mean, rel=1e-5)
        assert task.normalised(mean, split) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        (DelayedRecall(lag=1), "drawn"),
        (DelayedRecall(lag=6), "test"),
        (Parity(length=5), "drawn"),
        (Parity(length=20), "test"),
        (Copying(length=8), "test"),
        (Brackets(pairs=2, beyond=1), "drawn"),
        (Alphabet(asked="backwards"), "validation"),
    ],
)
def test_a_task_of_a_few_sequences_holds_none_back(task: Task, kind: str) -> None:
    assert task.final_examples == kind
    text = examples_text(task)
    assert ("test examples" in text) == (kind == "test")
    assert ("validation" in text) == (kind in ("validation", "test"))


def result(task: Task, steps: int = 2, **spec: Any) -> dict[str, Any]:
    """The result of a short run as JSON brings it back."""
    trainer = Trainer(Experiment(task, ModelSpec(hidden=3, **spec), Optimiser(steps=steps)))
    while not trainer.done:
        trainer.advance()
    plain: dict[str, Any] = json.loads(json.dumps(trainer.result().to_plain()))
    model = trainer.model.eval()
    for split, metric, own in (
        ("validation", plain["validation"], plain["scores"]),
        ("test", plain["test"], plain["test_scores"]),
    ):
        if metric is not None:
            batch = task.evaluation_batch("test" if split == "test" else "validation")
            with torch.no_grad():
                expected = task.metric(model.predict(batch), batch)
            assert metric == pytest.approx(expected, rel=1e-5)
            assert len(own) == len(batch)
            assert sum(own) / len(own) == pytest.approx(metric, rel=1e-4, abs=1e-6)
    return plain


@pytest.mark.parametrize("task", [Intents(), DelayedRecall(), TASKS["wave"]()])
def test_a_run_ends_with_a_score_on_the_test_examples(task: Task) -> None:
    plain = result(task)
    assert plain["test"] is not None
    assert plain["test_scores"] != plain["scores"]


@pytest.mark.parametrize("task", [FourWords(), SpelledOut(what="weekdays"), Copying(delay=2)])
def test_a_run_without_test_examples_has_no_such_score(task: Task) -> None:
    spec = {"embedding": "learned"} if task.kind == "one-to-many" else {}
    plain = result(task, **spec)
    assert (plain["test"], plain["test_scores"]) == (None, [])


# How the examples are called ----------------------------------------------------------------------


def test_examples_that_were_trained_on_are_never_called_validation(task: Task) -> None:
    texts = [metric_title(task, "validation"), examples_text(task)]
    columns = csv_columns({"step": 1, "validation_metric": 2}, task.curve_examples)
    texts += columns
    is_trained_on = task.curve_examples in ("memorised", "drawn")
    assert any("validation" in text for text in texts) == (not is_trained_on)
    assert list(columns.values()) == [1, 2]
    if task.memorised:
        assert "learned by heart" in texts[0]
        assert re.search("training examples? (itself|themselves)", texts[1])


def row(task: Task, result: dict[str, Any] | None, metric: float | None = 0.5) -> RunRow:
    experiment = Experiment(task, ModelSpec(hidden=3)).to_plain()
    return RunRow(
        experiment=experiment, state="finished", result=result, id="1", race="1", created=0.0,
        changed=0.0, task=task.name, cell="gru", hidden=3, parameters=1, seed=0, device="cpu",
        steps=5, seconds=1.0, loss=1.0, validation_metric=metric, tested_step=5,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        (row(Intents(), {"validation": 0.5, "test": 0.75}), "75 % (test)"),
        (row(Intents(), {"validation": 0.5, "scores": [0.5]}), "50 % (validation)"),
        (row(Intents(), {"test": "1e9"}), "50 % (validation)"),
        (row(Intents(), None), "50 % (validation)"),
        (row(Intents(), None, None), "—"),
        (row(FourWords(), {"validation": 0.5, "test": None}), "50 % (learned by heart)"),
        (row(DelayedRecall(lag=1), {"validation": 0.5}), "50 % (examples of training)"),
        (replace(row(Intents(), None), tested_step=0), "50 % at step 0 (validation)"),
        (replace(row(Intents(), None), experiment={"task": {"name": "x"}}), "0.5 (validation)"),
    ],
)
def test_a_stored_score_names_its_examples(stored: RunRow, text: str) -> None:
    """Those of earlier versions, and of runs that did not finish, are validation scores."""
    assert scores.final_text(stored) == text


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (Intents(), "on the validation examples"),
        (FourWords(), "on examples of training"),
        (DelayedRecall(lag=1), "on examples of training"),
    ],
)
def test_the_reason_of_an_end_names_the_examples(task: Task, words: str) -> None:
    """Also that of a run of an earlier version, which spoke of validation everywhere."""
    for optimiser in (
        Optimiser(steps=200, target=0.0),
        Optimiser(steps=200, patience=10, lr=1e-4),
    ):
        trainer = Trainer(Experiment(task, ModelSpec(hidden=3), optimiser))
        while not trainer.done:
            trainer.advance()
        assert words in str(trainer.stop_reason)
    for reason in (
        Message(TARGET_REACHED, {"target": 0.5}),
        Message(NO_PROGRESS, {"patience": 10}),
    ):
        stored = replace(row(task, None), reason=reason)
        assert words in str(scores.end_reason(stored))


def test_scores_on_two_splits_are_never_compared() -> None:
    new, old = row(Surnames(), {"test": 0.9}), row(Surnames(), {"validation": 0.5})
    assert scores.common_split([new, new]) == "test"
    assert scores.common_split([new, old]) == "validation"
    assert scores.score_text(new, "validation") == "50 % (validation)"
