"""What is said of a race that is over: who learned, who remembered, who beats simple methods."""

from rnnviz.memory import KEPT, RECALLED_NONE
from rnnviz.messages import fill
from rnnviz.model import ModelSpec
from rnnviz.races.verdicts import (
    BEATS,
    LOSES,
    NO_DIFFERENCE,
    REACHES,
    baseline_comparison,
    learning_verdicts,
    memory_verdict,
    reached_bound,
)
from rnnviz.tasks import TASKS, Baseline, DelayedRecall, Forecast, Hello, Intents, Tags
from rnnviz.tasks.framework.task import LEARNED, LEARNED_NOTHING
from rnnviz.tasks.memory.recall import FORGOT, NAMED, RECALLED, RECALLED_PARTLY


def scores_of(share: float, n: int = 128, start: int = 0) -> tuple[float, ...]:
    """The scores of who is right on so many of `n` examples, in a row from `start` on."""
    count = round(share * n)
    return tuple(float((place - start) % n < count) for place in range(n))


def test_the_verdict_groups_cells_by_how_far_above_chance_they_are() -> None:
    task = DelayedRecall(lag=30)
    specs = dict.fromkeys(("RNN", "LSTM", "GRU"), ModelSpec())
    found = learning_verdicts(task, {"RNN": 0.3, "LSTM": 1.0, "GRU": 0.97}, specs)
    assert [(each.template, each.values["cells"], each.values["lag"]) for each in found] == [
        (RECALLED, ["LSTM", "GRU"], 30),
        (FORGOT, ["RNN"], 30),
    ]
    assert learning_verdicts(task, {"RNN": 0.6}, specs)[0].template == RECALLED_PARTLY
    hello = learning_verdicts(Hello(), {"RNN": 1.0, "GRU": 0.25}, specs)
    assert [each.template for each in hello] == [LEARNED, LEARNED_NOTHING]


def test_who_is_better_than_the_mean_is_not_said_to_be_no_better() -> None:
    """A convolution on the weather: 2.97 degrees against 3.6 of the mean, so 17 % better."""
    task = Forecast()
    score = 0.83 * task.chance
    assert 0 < task.normalised(score) < task.partly_threshold
    [said] = learning_verdicts(
        task, {"Convolution": score}, {"Convolution": ModelSpec(family="convolution")}
    )
    assert fill(said.template, {**said.values, "cells": "It"}) == (
        "It forecast it not much better than the mean of the training part does."
    )


def test_what_a_cell_remembered_comes_from_its_result() -> None:
    recall = {"lags": (0, 5, 10), "accuracy": (1.0, 0.2, 0.2), "chance": 0.25}
    spec = ModelSpec()
    told = memory_verdict(DelayedRecall(lag=10), "RNN", spec, {"recall": recall, "shares": None})
    assert told is not None
    assert told.template == RECALLED_NONE
    shares = {"recall": None, "shares": (0.5, 0.5, 0.0, 0.0)}
    told = memory_verdict(Intents(), "GRU", spec, shares)
    assert told is not None
    first = Intents().example().tokens[0]
    assert (told.template, told.values["token"], told.values["share"]) == (KEPT, first, 0.5)
    # The last state of who answers at every step says nothing about the first of them.
    assert memory_verdict(Hello(), "GRU", spec, shares) is None
    assert memory_verdict(DelayedRecall(), "GRU", spec, {"recall": None, "shares": ()}) is None


def test_nobody_remembers_who_had_nothing_to_keep() -> None:
    """A dense network sees all steps at once; who reads from the end meets the symbol last."""
    task = DelayedRecall(lag=80)
    specs = {
        "GRU": ModelSpec("gru"),
        "Dense": ModelSpec(family="dense"),
        "Convolution": ModelSpec(family="convolution"),
        "Both": ModelSpec("lstm", bidirectional=True),
        "Convolution and GRU": ModelSpec("gru", front=True),
    }
    found = learning_verdicts(task, dict.fromkeys(specs, 1.0), specs)
    assert [(each.template, each.values["cells"]) for each in found] == [
        (RECALLED, ["GRU", "Convolution and GRU"]),
        (NAMED, ["Dense", "Convolution", "Both"]),
    ]
    result = {"recall": {"lags": (0, 5), "accuracy": (1.0, 1.0), "chance": 0.25}, "shares": ()}
    told = {name for name, spec in specs.items() if memory_verdict(task, name, spec, result)}
    assert told == {"GRU", "Convolution and GRU"}
    assert [each.template for each in learning_verdicts(Hello(), {"Both": 1.0}, specs)] == [LEARNED]


def test_a_score_is_compared_with_the_best_that_needs_no_network() -> None:
    task = Intents()
    marks = [Baseline("majority", 0.5), Baseline("bag", 0.7, scores=scores_of(0.7))]
    told = baseline_comparison(task, "GRU", 0.8, scores_of(0.8), marks)
    assert (told.template, told.values["baseline"], told.values["baseline_score"]) == (
        BEATS,
        "bag",
        0.7,
    )
    assert baseline_comparison(task, "GRU", 0.6, scores_of(0.6), marks).template == LOSES
    assert (
        baseline_comparison(task, "GRU", 0.3, scores_of(0.3), []).values["baseline_score"]
        == task.chance
    )
    error = TASKS["wave"]()
    assert error.best_metric == 0
    marks = [Baseline(name, mark, scores=(mark,) * 128) for name, mark in (("a", 0.3), ("b", 0.2))]
    found = baseline_comparison(error, "GRU", 0.1, (0.1,) * 128, marks)
    assert (found.template, found.values["baseline"]) == (BEATS, "b"), "less is better"
    assert baseline_comparison(error, "GRU", 0.25, (0.25,) * 128, marks).template == LOSES


def test_no_difference_is_told_that_the_examples_cannot_tell() -> None:
    task = Intents()
    for close in (0.69, 0.7, 0.72):
        marks = [Baseline("bag", 0.7, scores=scores_of(0.7))]
        assert (
            baseline_comparison(task, "GRU", close, scores_of(close), marks).template
            == NO_DIFFERENCE
        )
    # 10 points more, but of examples that have little to do with the other's.
    marks = [Baseline("bag", 0.7, scores=scores_of(0.7, start=64))]
    assert baseline_comparison(task, "GRU", 0.78, scores_of(0.78), marks).template == NO_DIFFERENCE
    # What is known exactly: 70 % of 128 answers is right, give or take 8.
    known = [Baseline("known", 0.7)]
    for close in (0.63, 0.7, 0.77):
        assert (
            baseline_comparison(task, "GRU", close, scores_of(close), known).template
            == NO_DIFFERENCE
        )
    assert baseline_comparison(task, "GRU", 0.8, scores_of(0.8), known).template == BEATS


def test_a_small_error_of_the_forecast_is_not_taken_for_a_small_difference() -> None:
    """A GRU on the weather: 2.001 degrees against 2.021 of persistence, give or take 0.12."""
    days = [2.021 + (day % 8 - 3.5) / 4 for day in range(128)]
    apart = [-0.02 + (0.67 if day % 2 else -0.67) for day in range(128)]
    own = tuple(one + other for one, other in zip(days, apart, strict=True))
    persistence = Baseline("persistence", 2.021, scores=tuple(days))
    task = Forecast()
    assert baseline_comparison(task, "GRU", 2.001, own, [persistence]).template == NO_DIFFERENCE
    surer = tuple(one - 0.02 for one in days)
    assert baseline_comparison(task, "GRU", 2.001, surer, [persistence]).template == BEATS


def test_what_is_learned_by_heart_is_counted_and_not_estimated() -> None:
    whole = Hello()
    assert (
        baseline_comparison(whole, "GRU", 1.0, (1.0,), [Baseline("majority", 0.5)]).template
        == BEATS
    )
    assert (
        baseline_comparison(whole, "GRU", 1.0, (1.0,), [Baseline("majority", 1.0)]).template
        == NO_DIFFERENCE
    )


def test_a_bound_of_what_can_be_known_is_no_method_to_be_beaten() -> None:
    left, both = Tags(context="left"), Tags(context="both")
    for task in (left, both):
        methods = [each.title for each in task.baselines() if not each.is_upper_bound]
        assert methods == ["each word's most frequent tag"]
        perfect = baseline_comparison(task, "GRU", 1.0, scores_of(1.0), task.baselines())
        assert (perfect.template, perfect.values["baseline"]) == (BEATS, *methods)
    found = reached_bound(left, 1.0, scores_of(1.0), left.baselines())
    assert found is not None
    assert found.template == REACHES
    assert found.values == {
        "baseline": "the best who knows only the words up to there",
        "baseline_score": 1.0,
    }
    assert reached_bound(left, 0.99, scores_of(0.99), left.baselines()) is None, (
        "any mistake is short of 1"
    )
    assert reached_bound(both, 1.0, scores_of(1.0), both.baselines()) is None, (
        "beyond what one side tells"
    )
    bound = max(each.metric for each in both.baselines() if each.is_upper_bound)
    assert reached_bound(both, bound, scores_of(bound), both.baselines()) is not None
