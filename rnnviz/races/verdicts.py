"""What a race came to, in sentences: who learned, who remembered, who beats the simple methods.

Imports torch by way of the tasks, so it is not part of what `rnnviz.jobs` itself offers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rnnviz.memory import Recall, recall_message, share_message
from rnnviz.messages import N_, Message
from rnnviz.model import ModelSpec
from rnnviz.settings import rules
from rnnviz.tasks import Baseline, Task

BEATS = N_(
    "{cell} reaches {score} ({metric}). That beats the best of the simple methods: {baseline}, "
    "{mark}."
)
LOSES = N_(
    "{cell} reaches {score} ({metric}). That does not beat the best of the simple methods: "
    "{baseline}, {mark}."
)
NO_DIFFERENCE = N_(
    "{cell} reaches {score} ({metric}). That is no clear difference from the best of the simple "
    "methods: {baseline}, {mark}."
)
REACHES = N_("That is as good as {baseline}: {mark}.")
GUESSING = N_("blind guessing")
CONSTANT_ANSWER = N_("the same answer to everything")


def needs_memory(spec: ModelSpec) -> bool:
    """Whether a model has to keep what it reads first until the end.

    Not who sees all steps at once, nor who begins to read at either end.
    """
    return spec.family == "recurrent" and not spec.bidirectional


def learning_verdicts(
    task: Task, scores: Mapping[str, float], specs: Mapping[str, ModelSpec]
) -> list[Message]:
    """Which models learned: a sentence for each group of models that did equally well.

    `scores`: the final metric on the validation examples, by the models' names, as are `specs`. The
    value `cells` of a sentence is the list of their names.
    """
    groups: dict[str, list[str]] = {}
    for name, score in scores.items():
        way = task.way(score)
        group = 0 if way >= task.learned else 1 if way >= task.partly else 2
        kept = task.verdicts if needs_memory(specs[name]) else task.unremembered or task.verdicts
        groups.setdefault(kept[group], []).append(name)
    knobs = {name: getattr(task, name) for name in rules(type(task))}
    order = [*task.verdicts, *(task.unremembered or ())]
    return [
        Message(template, {**knobs, "cells": groups[template]})
        for template in order
        if template in groups
    ]


def memory_verdict(
    task: Task, name: str, spec: ModelSpec, result: Mapping[str, Any]
) -> Message | None:
    """What the model called `name` kept, from the result of its run; None where it has no memory
    that could be asked."""
    if result["recall"] is not None:
        if not needs_memory(spec):
            return None
        return recall_message(name, Recall(**result["recall"]))
    if not result["shares"] or task.kind != "many-to-one":
        return None
    return share_message(name, task.example().tokens[0], result["shares"][0])


def chance_baseline(task: Task) -> Baseline:
    """What can be had without reading the question at all."""
    return Baseline(GUESSING if task.perfect else CONSTANT_ANSWER, task.chance, task.chance_loss)


def baseline_comparison(
    task: Task, name: str, score: float, scores: Sequence[float], baselines: Sequence[Baseline]
) -> Message:
    """How the model called `name` with the metric `score` stands to the best of `baselines`.

    `scores`: its metric on each of the tested examples; where they cannot tell the two apart, the
    sentence says so. Its values `score` and `mark` are metrics; `metric` and `baseline`, the title
    of the best, are messages to translate.
    """
    methods = [chance_baseline(task), *(each for each in baselines if not each.bound)]
    best = max(methods, key=lambda each: task.way(each.metric))
    values = {
        "cell": name,
        "metric": task.metric_name,
        "score": score,
        "baseline": best.title,
        "mark": best.metric,
    }
    if abs(score - best.metric) <= task.doubt(scores, best):
        return Message(NO_DIFFERENCE, values)
    return Message(BEATS if task.way(score) > task.way(best.metric) else LOSES, values)


def reached_bound(
    task: Task, score: float, scores: Sequence[float], baselines: Sequence[Baseline]
) -> Message | None:
    """Which bound a model with the metric `score` has come up to; the highest, None of none.

    `scores` and values as those of `compared`.
    """
    equal = [
        each
        for each in baselines
        if each.bound and abs(score - each.metric) <= task.doubt(scores, each)
    ]
    if not equal:
        return None
    bound = max(equal, key=lambda each: task.way(each.metric))
    return Message(REACHES, {"baseline": bound.title, "mark": bound.metric})
