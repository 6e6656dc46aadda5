"""Verdicts on a race, as messages: who learned, who remembered, who beats the baselines.

All of them are worded from a `Decision`, so that no two can contradict each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnviz.memory import Recall, share_message
from rnnviz.messages import N_, Message
from rnnviz.model import ModelSpec
from rnnviz.races.decisions import (
    Decision,
    Level,
    Standing,
    is_chance,
    lag_recall,
)
from rnnviz.races.reasons import reason
from rnnviz.tasks import Baseline, Task

STANDINGS: dict[Standing, str] = {
    "better": N_(
        "{cell} reaches {score} ({metric}). That beats the best baseline: {baseline}, "
        "{baseline_score}."
    ),
    "slightly better": N_(
        "{cell} reaches {score} ({metric}). That is only a little better than the best baseline: "
        "{baseline}, {baseline_score}."
    ),
    "even": N_(
        "{cell} reaches {score} ({metric}). That does not differ clearly from the best baseline: "
        "{baseline}, {baseline_score}."
    ),
    "worse": N_(
        "{cell} reaches {score} ({metric}). That does not beat the best baseline: {baseline}, "
        "{baseline_score}."
    ),
}
EQUALS = N_(
    "{cell} reaches {score} ({metric}). That is exactly as much as the best baseline: {baseline}, "
    "{baseline_score}."
)
REACHES = N_("That is as good as {baseline}: {baseline_score}.")
NEARLY_REACHES = N_("That is not clearly below {baseline}: {baseline_score}.")

NONE_BEATS = N_("No model beats the best baseline: {baseline}, {baseline_score}.")
DOES_NOT_BEAT = N_("{cells} does not beat the best baseline: {baseline}, {baseline_score}.")
NONE_DIFFERS = N_(
    "No model is clearly better than the best baseline: {baseline}, {baseline_score}."
)
DOES_NOT_DIFFER = N_(
    "{cells} is not clearly better than the best baseline: {baseline}, {baseline_score}."
)
AS_GOOD = N_("A method without a network does as well: {baseline}, {baseline_score}.")
BETTER_STILL = N_("Better still is a method without a network: {baseline}, {baseline_score}.")

RECALLED_ALL = N_(
    "{cell} recalls the symbol at every lag up to {lag} at least {least} of the time, halfway from "
    "guessing to always."
)
RECALLED_SHORT = N_(
    "{cell} recalls the symbol up to a lag of {reach} at least {least} of the time, halfway from "
    "guessing to always; at longer lags it does not: at the whole lag of {lag}, {accuracy} of the "
    "time."
)
RECALLED_SOME = N_(
    "{cell} recalls the symbol at {count} of the {tried} lags that were tried ({recalled}) at "
    "least {least} of the time, halfway from guessing to always, at the others ({others}) less "
    "often; at the whole lag of {lag}, {accuracy} of the time."
)
RECALLED_NONE = N_(
    "{cell} recalls the symbol at none of the {tried} lags that were tried {least} of the time, "
    "halfway from guessing to always; at the whole lag of {lag}, {accuracy} of the time."
)


@dataclass(frozen=True)
class Headline:
    """What came of a race: what is concluded, in one sentence for each group of models, and why.

    The value `cells` of a message is the list of the models' names; `baseline` is a title to
    translate, `baseline_score` and the values of the mapping `scores` are metrics.
    """

    conclusions: tuple[Message, ...]
    reason: Message | None = None


def headline(
    task: Task,
    decisions: Sequence[Decision],
    *,
    improving: Sequence[str] = (),
    epochs: float | None = None,
) -> Headline:
    """What came of a race.

    `improving`: the models whose curves were still getting better when they ended. `epochs`: how
    often training has read every training example; None where they never repeat.
    """
    why = reason(task, decisions, improving, epochs)
    if decisions[0].reference is not None:
        return Headline(
            _reference_verdicts(task, decisions), _better_method(task, decisions) or why
        )
    best = decisions[0].baseline
    beaten = any(each.standing in ("better", "slightly better") for each in decisions)
    if beaten or is_chance(best):
        return Headline(_level_verdicts(task, decisions), why)
    names = [each.name for each in decisions]
    values = {"cells": names, **_baseline_values(best)}
    if any(each.standing == "even" for each in decisions):
        if any(each.level == "learned" for each in decisions):
            levels = _level_verdicts(task, decisions)
            return Headline(levels, Message(AS_GOOD, _baseline_values(best)))
        template = DOES_NOT_DIFFER if len(names) == 1 else NONE_DIFFERS
    else:
        template = DOES_NOT_BEAT if len(names) == 1 else NONE_BEATS
    return Headline((Message(template, values),), why)


def _level_verdicts(task: Task, decisions: Sequence[Decision]) -> tuple[Message, ...]:
    """A message for each group of models that learned equally much."""
    levels: tuple[Level, ...] = ("learned", "partly", "nothing")
    without_memory = task.memoryless_verdicts or task.verdicts
    groups: dict[str, list[str]] = {}
    for each in decisions:
        templates = task.verdicts if each.needs_memory else without_memory
        groups.setdefault(templates[levels.index(each.level)], []).append(each.name)
    return tuple(
        Message(template, {**task.verdict_values, "cells": groups[template]})
        for template in dict.fromkeys([*task.verdicts, *without_memory])
        if template in groups
    )


def _reference_verdicts(task: Task, decisions: Sequence[Decision]) -> tuple[Message, ...]:
    """A message for each group that stands alike to the baseline that the task is about."""
    groups: dict[str, dict[str, float]] = {}
    for each in decisions:
        template = task.reference_verdicts[
            ("better", "even", "worse").index(each.reference_standing)
        ]
        groups.setdefault(template, {})[each.name] = each.metric
    reference = decisions[0].reference
    assert reference is not None, "only a task with a reference has these verdicts"
    return tuple(
        Message(
            template,
            {
                "cells": [*groups[template]],
                "scores": groups[template],
                "count": len(groups[template]),
                **_baseline_values(reference),
            },
        )
        for template in task.reference_verdicts
        if template in groups
    )


def _better_method(task: Task, decisions: Sequence[Decision]) -> Message | None:
    """Another method that no model beats, where it is better than the reference."""
    best, reference = decisions[0].baseline, decisions[0].reference
    if best == reference or any(each.standing != "worse" for each in decisions):
        return None
    return Message(BETTER_STILL, _baseline_values(best))


def _baseline_values(baseline: Baseline) -> dict[str, object]:
    return {"baseline": baseline.title, "baseline_score": baseline.metric}


def model_verdicts(task: Task, decision: Decision) -> list[Message]:
    """How one model compares with the best baseline, and with the most that is possible.

    Their values `score` and `baseline_score` are metrics; `metric` and `baseline`, the title of the
    best, are messages to translate.
    """
    values = {
        "cell": decision.name,
        "metric": task.metric_name,
        "score": decision.metric,
        **_baseline_values(decision.baseline),
    }
    is_equal = decision.metric == decision.baseline.metric
    messages = [Message(EQUALS if is_equal else STANDINGS[decision.standing], values)]
    if decision.bound is not None:
        scores = (decision.metric, decision.bound.metric)
        metric, bound = (task.normalised(score, decision.split) for score in scores)
        template = REACHES if metric >= bound else NEARLY_REACHES
        messages.append(Message(template, _baseline_values(decision.bound)))
    return messages


def memory_verdict(
    task: Task, name: str, spec: ModelSpec, result: Mapping[str, Any]
) -> Message | None:
    """What the model called `name` remembered, or what else its task measures of it.

    From the result of its run; None where it needs no memory, or where the task does not show it.
    """
    message = task.model_message(name, result.get("measurements") or {})
    if message is not None:
        return message
    recall = lag_recall(task, spec, result)
    if recall is not None:
        return recall_verdict(name, recall)
    if result["recall"] is not None or not result["shares"] or task.kind != "many-to-one":
        return None
    return share_message(name, task.example().tokens[0], result["shares"][0])


def recall_verdict(name: str, recall: Recall) -> Message:
    """One sentence on the lags at which a model recalls and those at which it does not.

    Its values `least` and `accuracy` are metrics.
    """
    recalled, others = recall.recalled_lags, recall.other_lags
    values: dict[str, object] = {"cell": name, "least": recall.least, "lag": recall.lags[-1]}
    if not others:
        return Message(RECALLED_ALL, values)
    values |= {"accuracy": recall.accuracy[-1], "tried": len(recall.lags)}
    if not recalled:
        return Message(RECALLED_NONE, values)
    if max(recalled) < min(others):
        return Message(RECALLED_SHORT, {**values, "reach": max(recalled)})
    lists = {"recalled": _ranges(recall.lags, recalled), "others": _ranges(recall.lags, others)}
    return Message(RECALLED_SOME, {**values, "count": len(recalled), **lists})


def _ranges(lags: Sequence[int], some: Sequence[int]) -> str:
    """`some` of the `lags` as a list, with neighbours taken together: "0–3, 5"."""
    runs: list[list[int]] = []
    for index, lag in enumerate(lags):
        if lag not in some:
            continue
        if runs and index and lags[index - 1] == runs[-1][-1]:
            runs[-1].append(lag)
        else:
            runs.append([lag])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
