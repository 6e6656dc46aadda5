"""A race before its start and after its end: who runs, how it is fair, what it came to.

Imports torch by way of the models, so it is not part of what `rnnviz.jobs` itself offers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from rnnviz.memory import Recall, Sentence, kept_sentence, recall_sentence
from rnnviz.model import Ends, ModelSpec, count_parameters, same_parameters
from rnnviz.settings import Choice, rules
from rnnviz.tasks import Task
from rnnviz.training import Experiment, Trainer

Fairness = Literal["units", "parameters"]

LEARNED = 0.9
"""The share of the way from chance to perfect from which on a cell counts as having learned."""
PARTLY = 0.25


def parameters(task: Task, spec: ModelSpec) -> int:
    """How many numbers a model of `spec` trains on `task`."""
    return count_parameters(spec, Ends.of(task))


def line_up(base: Experiment, cells: Sequence[str], fair: Fairness) -> list[Experiment]:
    """One experiment per cell, alike in all but the cell.

    With `fair` "units" all have the hidden units of `base`; with "parameters" the largest of them
    has, and the others as many units as bring them nearest to its number of parameters.
    """
    specs = [replace(base.model, cell=cell) for cell in cells]
    if fair == "parameters":
        ends = Ends.of(base.task)
        target = max(count_parameters(spec, ends) for spec in specs)
        specs = [same_parameters(spec, target, ends) for spec in specs]
    return [replace(base, model=spec) for spec in specs]


def verdict(task: Task, scores: Mapping[str, float]) -> list[Sentence]:
    """Which cells remembered: a sentence for each group of cells that did equally well.

    `scores`: the final metric on the validation examples, by the cells' names. The value `cells`
    of a sentence is the list of their names.
    """
    groups: dict[int, list[str]] = {0: [], 1: [], 2: []}
    for name, score in scores.items():
        way = task.way(score)
        groups[0 if way >= LEARNED else 1 if way >= PARTLY else 2].append(name)
    knobs = {name: getattr(task, name) for name in rules(type(task))}
    return [
        Sentence(task.verdicts[group], {**knobs, "cells": names})
        for group, names in groups.items()
        if names
    ]


def remembered(task: Task, name: str, result: Mapping[str, Any]) -> Sentence:
    """What the cell called `name` kept, in one sentence, from the result of its run."""
    if result["recall"] is not None:
        return recall_sentence(name, Recall(**result["recall"]))
    return kept_sentence(name, task.example().tokens[0], result["shares"][0])


def cell_name(spec: ModelSpec) -> str:
    """What a visitor reads for the cell of `spec`."""
    cell = rules(ModelSpec)["cell"]
    assert isinstance(cell, Choice)
    return cell.options[spec.cell]


def first_look(experiment: str) -> dict[str, Any]:
    """The probe of an untrained model; `experiment` is JSON. Looked at on the CPU in any case."""
    trainer = Trainer(replace(Experiment.from_json(experiment), device="cpu"))
    snapshot = trainer.snapshot()
    return {"step": 0, "norms": snapshot.gradient_norms, "states": snapshot.states}
