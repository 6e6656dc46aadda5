"""Verdicts on a race, as messages: who learned, who remembered, who beats the baselines."""

from collections.abc import Mapping, Sequence
from typing import Any

from rnnviz.memory import Recall, recall_message, share_message
from rnnviz.messages import N_, Message
from rnnviz.model import ModelSpec
from rnnviz.tasks import Baseline, Task

BEATS = N_(
    "{cell} reaches {score} ({metric}). That beats the best baseline: {baseline}, {baseline_score}."
)
LOSES = N_(
    "{cell} reaches {score} ({metric}). That does not beat the best baseline: {baseline}, "
    "{baseline_score}."
)
NO_DIFFERENCE = N_(
    "{cell} reaches {score} ({metric}). That does not differ clearly from the best baseline: "
    "{baseline}, {baseline_score}."
)
REACHES = N_("That is as good as {baseline}: {baseline_score}.")
GUESSING = N_("blind guessing")
CONSTANT_ANSWER = N_("the same answer to everything")


def needs_memory(spec: ModelSpec) -> bool:
    """Whether a model has to remember what it reads first until the end.

    Not a model that sees all steps at once, nor one that reads from both ends.
    """
    return spec.family == "recurrent" and not spec.bidirectional


def learning_verdicts(
    task: Task, metrics: Mapping[str, float], specs: Mapping[str, ModelSpec]
) -> list[Message]:
    """Which models learned: a message for each group of models that did equally well.

    `metrics`: the final metric on the validation examples, by the models' names, as are `specs`.
    The value `cells` of a message is the list of their names.
    """
    without_memory = task.memoryless_verdicts or task.verdicts
    groups: dict[str, list[str]] = {}
    for name, metric in metrics.items():
        thresholds = (task.learned_threshold, task.partly_threshold)
        level = sum(task.normalised(metric) < threshold for threshold in thresholds)
        templates = task.verdicts if needs_memory(specs[name]) else without_memory
        groups.setdefault(templates[level], []).append(name)
    return [
        Message(template, {**task.verdict_values, "cells": groups[template]})
        for template in dict.fromkeys([*task.verdicts, *without_memory])
        if template in groups
    ]


def memory_verdict(
    task: Task, name: str, spec: ModelSpec, result: Mapping[str, Any]
) -> Message | None:
    """What the model called `name` remembered, or what else its task measures of it.

    From the result of its run; None where it needs no memory, or where the task does not show it.
    """
    message = task.model_message(name, result.get("measurements") or {})
    if message is not None:
        return message
    if result["recall"] is not None:
        if not needs_memory(spec):
            return None
        return recall_message(name, Recall(**result["recall"]))
    if not result["shares"] or task.kind != "many-to-one":
        return None
    return share_message(name, task.example().tokens[0], result["shares"][0])


def chance_baseline(task: Task) -> Baseline:
    """The baseline of a method that does not read the input at all."""
    title = GUESSING if task.best_metric else CONSTANT_ANSWER
    return Baseline(title, task.chance, task.chance_loss)


def baseline_comparison(
    task: Task, name: str, metric: float, scores: Sequence[float], baselines: Sequence[Baseline]
) -> Message:
    """How the `metric` of the model called `name` compares with the best of `baselines`.

    `scores`: its metric on each validation example; if the difference is not significant on them,
    the message says so. Its values `score` and `baseline_score` are metrics; `metric` and
    `baseline`, the title of the best, are messages to translate.
    """
    methods = [chance_baseline(task), *(each for each in baselines if not each.is_upper_bound)]
    best = max(methods, key=lambda each: task.normalised(each.metric))
    values = {
        "cell": name,
        "metric": task.metric_name,
        "score": metric,
        "baseline": best.title,
        "baseline_score": best.metric,
    }
    if abs(metric - best.metric) <= task.significance_margin(scores, best):
        return Message(NO_DIFFERENCE, values)
    return Message(
        BEATS if task.normalised(metric) > task.normalised(best.metric) else LOSES, values
    )


def reached_bound(
    task: Task, metric: float, scores: Sequence[float], baselines: Sequence[Baseline]
) -> Message | None:
    """The highest bound among `baselines` that a model with `metric` has reached, if any.

    `scores` and values as in `baseline_comparison`.
    """
    equal = [
        each
        for each in baselines
        if each.is_upper_bound
        and abs(metric - each.metric) <= task.significance_margin(scores, each)
    ]
    if not equal:
        return None
    bound = max(equal, key=lambda each: task.normalised(each.metric))
    return Message(REACHES, {"baseline": bound.title, "baseline_score": bound.metric})
