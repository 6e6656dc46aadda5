"""The evaluation of a trained model: counted by hand, decoded by hand, shown on the page."""

import math
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

from rnnviz.figures.confusion import confusion
from rnnviz.model import EncoderDecoder, ModelSpec, build_for
from rnnviz.tasks import TASKS, FourWords, Surnames
from rnnviz.training import Experiment, Optimiser, fit
from rnnviz.training.evaluation import decodings, model_confusion
from rnnviz.ui.language import _
from rnnviz.ui.race.evaluation import MEANINGS, OPEN
from tests.race_page import open_page, press, run_to_end, texts, values


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_confusions_are_counted_as_by_hand() -> None:
    task = Surnames()
    model = build_for(task, ModelSpec("rnn", hidden=8, dropout=0.5), generator()).eval()
    result = model_confusion(model, task)
    assert result is not None
    batch = task.held_out_batch("test")
    with torch.no_grad():
        predictions = model.predict(batch).argmax(-1).tolist()
    V = len(task.labels)
    counts = [[0] * V for _ in range(V)]
    for target, prediction in zip(batch.targets.tolist(), predictions, strict=True):
        counts[target][prediction] += 1
    assert [list(row) for row in result.counts] == counts
    correct = sum(counts[k][k] for k in range(V))
    assert result.metrics["accuracy"] == pytest.approx(correct / len(predictions))
    recalls = [counts[k][k] / sum(counts[k]) for k in range(V) if sum(counts[k])]
    assert result.metrics["macro recall"] == pytest.approx(sum(recalls) / len(recalls))
    assert all(set(each) == set(result.metrics) for each in result.baselines.values())
    fig = confusion([_(label) for label in result.labels], result.counts, "light")
    for shares, row in zip(fig["data"][0]["z"], counts, strict=True):
        assert shares == pytest.approx([each / max(1, sum(row)) for each in row])
    dropout, split = [str(remark) for remark in task.remarks(model)]
    assert "dropout left on" in dropout
    assert "101 of 1798" in split
    assert "0 of" in split


def test_only_single_labels_have_confusions_and_only_sequences_are_decoded() -> None:
    for name in ("hello", "adding", "weather", "dates"):
        task = TASKS[name]()
        assert (
            model_confusion(build_for(task, ModelSpec("gru", hidden=3), generator()), task) is None
        )
    four = FourWords()
    assert decodings(build_for(four, ModelSpec("gru", hidden=3), generator()), four, 2) == []


@pytest.mark.parametrize(
    ("name", "metrics"),
    [
        ("surnames", {"macro recall"}),
        ("four_words", {"macro recall"}),
        pytest.param("pronunciation", {"phoneme error rate"}, marks=pytest.mark.long),
        pytest.param("dates", set(), marks=pytest.mark.long),
    ],
)
def test_a_metric_that_only_the_evaluation_shows_is_explained_there(
    name: str, metrics: set[str]
) -> None:
    at = run_to_end(press(open_page(task=name, cells="gru", steps="50", hidden="4"), "start"))
    captions = " ".join(texts(open_evaluation(at).caption))
    assert {metric for metric, meaning in MEANINGS.items() if meaning in captions} == metrics
    assert all(metric in captions for metric in metrics)


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        (name, 900 if name == "captions" else 300)
        for name, task in TASKS.items()
        if task().kind == "one-to-many"
    ],
)
def test_a_trained_model_gives_its_answers_a_high_probability(name: str, steps: int) -> None:
    task = TASKS[name]()
    model = fit(
        Experiment(task, ModelSpec("gru", hidden=48), Optimiser(lr=0.01, steps=steps, clip=1.0))
    )
    assert isinstance(model, EncoderDecoder)
    for each in decodings(model, task, 3):
        assert each.greedy == each.target == each.beam[0][0]
        assert each.probability == pytest.approx(each.beam[0][1], rel=1e-4)
        assert 0.5 < each.probability <= 1, "more than all other answers together"
        probabilities = [probability for _answer, probability in each.beam]
        assert sum(probabilities) <= 1 + 1e-6
        assert probabilities == sorted(probabilities, reverse=True)


def test_the_greedy_probability_agrees_with_the_logits_of_teacher_forcing() -> None:
    task = TASKS["dates"]()
    model = build_for(task, ModelSpec("lstm", hidden=6, attention=True), generator()).eval()
    with torch.no_grad():
        logits = model.predict(task.questions())
    [first, *_rest] = decodings(model, task, 1)
    logs = logits[0].log_softmax(-1).max(-1).values.tolist()
    # An untrained model rarely ends: its answer may be longer than the right one.
    assert first.probability <= math.exp(sum(logs)) * (1 + 1e-5) or "<eos>" in first.greedy
    assert first.beam[0][0] == first.greedy


# The page -----------------------------------------------------------------------------------------


def finished_race(**address: str) -> AppTest:
    at = run_to_end(press(open_page(**address), "start"))
    assert not at.exception
    return at


def evaluation(at: AppTest) -> Any:
    [expander] = [each for each in at.expander if "closer look" in each.label]
    return expander


def open_evaluation(at: AppTest) -> Any:
    at.session_state[OPEN] = True
    return evaluation(at.run())


@pytest.mark.parametrize(
    "task", ["four_words", pytest.param("spelled_out", marks=pytest.mark.long)]
)
def test_the_page_evaluates_a_model_when_the_race_is_over(task: str) -> None:
    at = finished_race(task=task, steps="300", cells="rnn,gru", hidden="8")
    assert not evaluation(at).children, "nothing is computed while it is closed"
    panel = open_evaluation(at)
    if task == "four_words":
        assert "RNN confuses" in texts(panel.header)[0]
        at.segmented_control(key="race.evaluation").set_value("1").run()
        assert "GRU confuses" in texts(evaluation(at).header)[0]
    else:
        table = panel.dataframe[0].value
        assert len(table) == 6
        assert (table["Its probability"] >= table["Probability"] - 1e-6).mean() >= 0.5
        score = values(run_to_end(at), "latestValidationMetric")[0]
        assert score > 0
        assert texts(panel.caption) == [
            "Greedy, on the 12 training examples, learned by heart, each answer read up to the "
            f"length of the right one and its end symbol: exact match {score:.1%}."
        ]
        at.slider(key="race.beam").set_value(1).run()
        table = evaluation(at).dataframe[0].value
        assert (table["Greedy"] == table["Best of the beam search"]).all()
    assert not at.exception


@pytest.mark.parametrize(("task", "seeds"), [("four_words", 1), ("four_words", 2), ("dates", 2)])
def test_the_page_says_that_it_evaluates_the_first_of_several_seeds(task: str, seeds: int) -> None:
    at = finished_race(task=task, steps="50", cells="rnn", hidden="4", seeds=str(seeds))
    panel = open_evaluation(at)
    sentences = texts([*panel.caption, *panel.header])
    assert len(sentences) == (1 if task == "dates" else 2)
    assert all(("With the first seed: " in each) == (seeds > 1) for each in sentences)


def test_the_page_says_on_how_many_of_the_examples_it_decoded() -> None:
    at = finished_race(task="pronunciation", steps="50", cells="gru", hidden="2")
    [caption] = texts(open_evaluation(at).caption)
    assert caption.startswith("Greedy, on 128 of 1000 test examples")
