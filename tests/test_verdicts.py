"""The verdicts on a race: who learned, who remembered, who beats the baselines."""

from rnnviz.memory.lag_recall import RECALLED_NONE
from rnnviz.memory.sensitivity import FIRST_TOKEN_SHARE
from rnnviz.messages import Message, fill
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
from rnnviz.tasks import TASKS, Baseline, DelayedRecall, Forecast, Hello, Intents, Tags, Task
from rnnviz.tasks.framework.task import LEARNED, LEARNED_NOTHING
from rnnviz.tasks.memory.recall import FORGOT, NAMED, RECALLED, RECALLED_PARTLY


def scores_of(share: float, n: int = 128, start: int = 0) -> tuple[float, ...]:
    """The scores of a model with a `share` of `n` examples right, in a row from `start` on."""
    count = round(share * n)
    return tuple(float((index - start) % n < count) for index in range(n))


def compare(task: Task, metric: float, *baselines: Baseline, n: int = 128) -> str:
    """The template of the verdict on a model that answers a share of `metric` right."""
    return baseline_comparison(task, "GRU", metric, scores_of(metric, n), baselines).template


def test_verdicts_group_models_by_how_far_above_chance_they_are() -> None:
    task = DelayedRecall(lag=30)
    specs = dict.fromkeys(("RNN", "LSTM", "GRU"), ModelSpec())
    verdicts = learning_verdicts(task, {"RNN": 0.3, "LSTM": 1.0, "GRU": 0.97}, specs)
    assert [(each.template, each.values["cells"], each.values["lag"]) for each in verdicts] == [
        (RECALLED, ["LSTM", "GRU"], 30),
        (FORGOT, ["RNN"], 30),
    ]
    assert learning_verdicts(task, {"RNN": 0.6}, specs)[0].template == RECALLED_PARTLY
    verdicts = learning_verdicts(Intents(), {"RNN": 1.0, "GRU": 0.25}, specs)
    assert [each.template for each in verdicts] == [LEARNED, LEARNED_NOTHING]


def test_a_model_better_than_the_mean_is_not_called_no_better() -> None:
    """A convolution on the weather: 2.97 degrees against 3.6 of the mean, so 17 % better."""
    task = Forecast()
    error = 0.83 * task.chance
    assert 0 < task.normalised(error) < task.partly_threshold
    specs = {"Convolution": ModelSpec(family="convolution")}
    [verdict] = learning_verdicts(task, {"Convolution": error}, specs)
    assert fill(verdict.template, {**verdict.values, "cells": "It"}) == (
        "It forecast it not much better than the mean of the training part does."
    )


def test_what_a_model_remembered_is_read_from_its_result() -> None:
    recall = {"lags": (0, 5, 10), "accuracy": (1.0, 0.2, 0.2), "chance": 0.25}
    spec = ModelSpec()
    verdict = memory_verdict(DelayedRecall(lag=10), "RNN", spec, {"recall": recall, "shares": None})
    assert verdict.template == RECALLED_NONE
    shares = {"recall": None, "shares": (0.5, 0.5, 0.0, 0.0)}
    verdict = memory_verdict(Intents(), "GRU", spec, shares)
    first = Intents().example().tokens[0]
    assert (verdict.template, verdict.values["token"], verdict.values["share"]) == (
        FIRST_TOKEN_SHARE,
        first,
        0.5,
    )
    # In a task with an answer at every step, the last state says nothing about the first answer.
    assert memory_verdict(Hello(), "GRU", spec, shares) is None
    assert memory_verdict(DelayedRecall(), "GRU", spec, {"recall": None, "shares": ()}) is None


def test_only_models_that_need_memory_get_a_verdict_on_it() -> None:
    """A dense network sees all steps at once; a backward reader meets the symbol last."""
    task = DelayedRecall(lag=80)
    specs = {
        "GRU": ModelSpec("gru"),
        "Dense": ModelSpec(family="dense"),
        "Convolution": ModelSpec(family="convolution"),
        "Both": ModelSpec("lstm", bidirectional=True),
        "Convolution and GRU": ModelSpec("gru", front=True),
    }
    verdicts = learning_verdicts(task, dict.fromkeys(specs, 1.0), specs)
    assert [(each.template, each.values["cells"]) for each in verdicts] == [
        (RECALLED, ["GRU", "Convolution and GRU"]),
        (NAMED, ["Dense", "Convolution", "Both"]),
    ]
    result = {"recall": {"lags": (0, 5), "accuracy": (1.0, 1.0), "chance": 0.25}, "shares": ()}
    names = {name for name, spec in specs.items() if memory_verdict(task, name, spec, result)}
    assert names == {"GRU", "Convolution and GRU"}
    assert [each.template for each in learning_verdicts(Intents(), {"Both": 1.0}, specs)] == [
        LEARNED
    ]


def test_a_metric_is_compared_with_the_best_baseline() -> None:
    task = Intents()
    baselines = [Baseline("majority", 0.5), Baseline("bag", 0.7, scores=scores_of(0.7))]
    verdict = baseline_comparison(task, "GRU", 0.8, scores_of(0.8), baselines)
    assert verdict.template == BEATS
    assert (verdict.values["baseline"], verdict.values["baseline_score"]) == ("bag", 0.7)
    assert compare(task, 0.6, *baselines) == LOSES
    verdict = baseline_comparison(task, "GRU", 0.3, scores_of(0.3), [])
    assert verdict.values["baseline_score"] == task.chance
    wave = TASKS["wave"]()
    assert wave.best_metric == 0
    baselines = [
        Baseline(name, error, scores=(error,) * 128) for name, error in [("a", 0.3), ("b", 0.2)]
    ]
    verdict = baseline_comparison(wave, "GRU", 0.1, (0.1,) * 128, baselines)
    assert (verdict.template, verdict.values["baseline"]) == (BEATS, "b"), "less is better"
    assert baseline_comparison(wave, "GRU", 0.25, (0.25,) * 128, baselines).template == LOSES


def test_a_difference_that_is_not_significant_is_no_difference() -> None:
    task, bag = Intents(), Baseline("bag", 0.7, scores=scores_of(0.7))
    assert {compare(task, metric, bag) for metric in (0.69, 0.7, 0.72)} == {NO_DIFFERENCE}
    # 10 points more, but on examples that have little to do with the baseline's.
    other = Baseline("bag", 0.7, scores=scores_of(0.7, start=64))
    assert compare(task, 0.78, other) == NO_DIFFERENCE
    # Known exactly: 70 % of 128 answers is right, give or take 8.
    exact = Baseline("known", 0.7)
    assert {compare(task, metric, exact) for metric in (0.63, 0.7, 0.77)} == {NO_DIFFERENCE}
    assert compare(task, 0.8, exact) == BEATS


def test_a_small_difference_of_large_errors_is_not_significant() -> None:
    """A GRU on the weather: 2.001 degrees against 2.021 of persistence, give or take 0.12."""
    errors = [2.021 + (day % 8 - 3.5) / 4 for day in range(128)]
    persistence = Baseline("persistence", 2.021, scores=tuple(errors))
    varying = tuple(error - 0.02 + (0.67 if day % 2 else -0.67) for day, error in enumerate(errors))
    constant = tuple(error - 0.02 for error in errors)
    for scores, template in ((varying, NO_DIFFERENCE), (constant, BEATS)):
        verdict = baseline_comparison(Forecast(), "GRU", 2.001, scores, [persistence])
        assert verdict.template == template


def test_a_memorised_text_is_counted_and_not_estimated() -> None:
    assert compare(Hello(), 1.0, Baseline("majority", 0.5), n=1) == BEATS
    assert compare(Hello(), 1.0, Baseline("majority", 1.0), n=1) == NO_DIFFERENCE


def test_an_upper_bound_is_no_method_to_be_beaten() -> None:
    left, both = Tags(context="left"), Tags(context="both")
    for task in (left, both):
        methods = [each.title for each in task.baselines() if not each.is_upper_bound]
        assert methods == ["each word's most frequent tag"]
        verdict = baseline_comparison(task, "GRU", 1.0, scores_of(1.0), task.baselines())
        assert (verdict.template, verdict.values["baseline"]) == (BEATS, *methods)

    def bound(task: Task, metric: float) -> Message | None:
        return reached_bound(task, metric, scores_of(metric), task.baselines())

    assert bound(left, 1.0) == Message(
        REACHES,
        {
            "baseline": "the best possible with only the words up to there",
            "baseline_score": 1.0,
        },
    )
    assert bound(left, 0.99) is None, "any mistake is short of 1"
    assert bound(both, 1.0) is None, "beyond what one side tells"
    assert bound(both, max(each.metric for each in both.baselines() if each.is_upper_bound))
