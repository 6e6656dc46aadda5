"""The closer look at a trained model: counted by hand, decoded by hand, shown on the page."""

import math

import pytest
import torch

from rnnviz.figures.confusion import confusion
from rnnviz.model import EncoderDecoder, ModelSpec, build_for
from rnnviz.tasks import TASKS, FourWords, Surnames
from rnnviz.training import Experiment, Optimiser, fit
from rnnviz.training.evaluation import decodings, model_confusion
from rnnviz.ui.language import _
from rnnviz.ui.race.evaluation import OPEN
from tests.test_page_side_by_side import opened, over, press, shown


def drawn() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_confusions_are_counted_as_by_hand() -> None:
    task = Surnames()
    model = build_for(task, ModelSpec("rnn", hidden=8, dropout=0.5), drawn()).eval()
    found = model_confusion(model, task)
    assert found is not None
    batch = task.judged()
    with torch.no_grad():
        given = model.predict(batch).argmax(-1).tolist()
    V = len(task.labels)
    counts = [[0] * V for _ in range(V)]
    for wanted, answer in zip(batch.targets.tolist(), given, strict=True):
        counts[wanted][answer] += 1
    assert [list(row) for row in found.counts] == counts
    right = sum(counts[k][k] for k in range(V))
    assert found.metrics["accuracy"] == pytest.approx(right / len(given))
    recalls = [counts[k][k] / sum(counts[k]) for k in range(V) if sum(counts[k])]
    assert found.metrics["macro recall"] == pytest.approx(sum(recalls) / len(recalls))
    assert all(set(each) == set(found.metrics) for each in found.baselines.values())
    fig = confusion([_(label) for label in found.labels], found.counts, "light")
    for shares, row in zip(fig["data"][0]["z"], counts, strict=True):
        assert shares == pytest.approx([each / max(1, sum(row)) for each in row])
    said = [str(each) for each in task.remarks(model)]
    assert "dropout left on" in said[0]
    assert "101 of 1798" in said[1]
    assert "0 of" in said[1]


def test_only_single_labels_are_confused_and_only_sequences_decoded() -> None:
    for name in ("hello", "adding", "weather", "dates"):
        task = TASKS[name]()
        assert model_confusion(build_for(task, ModelSpec("gru", hidden=3), drawn()), task) is None
    four = FourWords()
    assert decodings(build_for(four, ModelSpec("gru", hidden=3), drawn()), four, 2) == []


@pytest.mark.parametrize(
    "name", [name for name, task in TASKS.items() if task().kind == "one-to-many"]
)
def test_a_model_that_knows_its_answers_is_sure_of_them(name: str) -> None:
    task = TASKS[name]()
    model = fit(
        Experiment(task, ModelSpec("gru", hidden=48), Optimiser(lr=0.01, steps=300, clip=1.0))
    )
    assert isinstance(model, EncoderDecoder)
    for each in decodings(model, task, 3):
        assert each.greedy == each.target == each.beam[0][0]
        assert each.probability == pytest.approx(each.beam[0][1], rel=1e-4)
        assert 0.8 < each.probability <= 1
        assert sum(probability for _said, probability in each.beam) <= 1 + 1e-6
        assert [p for _said, p in each.beam] == sorted((p for _s, p in each.beam), reverse=True)


def test_the_greedy_probability_is_that_of_the_forced_walk() -> None:
    task = TASKS["dates"]()
    model = build_for(task, ModelSpec("lstm", hidden=6, attention=True), drawn()).eval()
    asked = task.questions()
    with torch.no_grad():
        logits = model.predict(asked)
    [first, *_rest] = decodings(model, task, 1)
    logs = logits[0].log_softmax(-1).max(-1).values.tolist()
    # An untrained model rarely ends: the walk of `decoded` may go on beyond the right answer.
    assert first.probability <= math.exp(sum(logs)) * (1 + 1e-5) or "<eos>" in first.greedy
    assert first.beam[0][0] == first.greedy


@pytest.mark.parametrize("task", ["four_words", "spelled_out"])
def test_the_page_looks_closer_when_the_race_is_over(task: str) -> None:
    at = over(press(opened(task=task, steps="300", cells="rnn,gru", hidden="8"), "start"))
    assert not at.exception
    [look] = [each for each in at.expander if "closer look" in each.label]
    assert not look.children, "nothing is worked out for who has not asked"
    at.session_state[OPEN] = True
    [look] = [each for each in at.run().expander if "closer look" in each.label]
    if task == "four_words":
        assert "RNN confuses" in look.header[0].value.replace("\\", "")
        at.segmented_control(key="race.closer").set_value("1").run()
        assert "GRU confuses" in at.expander[0].header[0].value.replace("\\", "")
    else:
        table = look.dataframe[0].value
        assert len(table) == 6
        assert (table["Probability of that"] >= table["Probability"] - 1e-6).mean() >= 0.5
        score = shown(over(at))["runs"][0]["metric"]
        [told] = [each.value.replace("\\", "") for each in look.caption]
        assert score > 0
        assert told == (
            "Greedy, on 12 validation examples, each answer read as far as the right one and its "
            f"end: exact match {score:.1%}."
        )
        at.slider(key="race.beam").set_value(1).run()
        narrow = at.expander[0].dataframe[0].value
        assert (narrow["Greedy"] == narrow["Best of the beam"]).all()
    assert not at.exception


@pytest.mark.parametrize(("task", "seeds"), [("four_words", 1), ("four_words", 2), ("dates", 2)])
def test_the_page_says_whose_weights_it_looks_at_where_there_are_several_seeds(
    task: str, seeds: int
) -> None:
    at = over(
        press(opened(task=task, steps="50", cells="rnn", hidden="4", seeds=str(seeds)), "start")
    )
    at.session_state[OPEN] = True
    [look] = [each for each in at.run().expander if "closer look" in each.label]
    [told] = [each.value for each in look.caption]
    said = [each.replace("\\", "") for each in (told, *(one.value for one in look.header))]
    assert len(said) == (1 if task == "dates" else 2)
    assert ["With the first seed: " in each for each in said] == [seeds > 1] * len(said)


def test_the_page_says_on_how_many_of_the_examples_it_decoded() -> None:
    at = over(press(opened(task="pronunciation", steps="50", cells="gru", hidden="2"), "start"))
    at.session_state[OPEN] = True
    [look] = [each for each in at.run().expander if "closer look" in each.label]
    [told] = [each.value for each in look.caption]
    assert told.startswith("Greedy, on 128 of 1000 validation examples")
