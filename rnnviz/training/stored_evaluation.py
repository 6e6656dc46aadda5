"""What a page has computed in a process: of stored weights, and of methods without a network."""

import time
from collections.abc import Iterable

from rnnviz.data import UPLOADS
from rnnviz.messages import Message, Problem
from rnnviz.tasks import Baseline, Split
from rnnviz.tasks.framework.kinds import HELD_OUT
from rnnviz.training.checkpoint import load_model
from rnnviz.training.evaluation import (
    Confusion,
    Decoding,
    decodings,
    final_metrics,
    model_confusion,
)
from rnnviz.training.experiment import Experiment
from rnnviz.training.snapshot import gradient_norms_and_states

NORMS_SECONDS = 60.0
"""Seconds that the gradient norms of a run may take."""


def stored_confusion(
    experiment: Experiment, weights: bytes
) -> tuple[Confusion, tuple[Message, ...]]:
    """The confusions of a classification, and the task's remarks on the model.

    Raises:
        Problem: the weights belong to another model.
    """
    model, task = load_model(experiment, weights), experiment.task
    result = model_confusion(model, task)
    assert result is not None, "only a classification has confusions"
    return result, tuple(task.remarks(model))


def stored_decodings(
    experiment: Experiment, weights: bytes, width: int
) -> tuple[tuple[Decoding, ...], dict[str, float]]:
    """The answers of a decoder, greedily and with a beam of `width`, and its final metrics.

    Raises:
        Problem: the weights belong to another model.
    """
    model, task = load_model(experiment, weights), experiment.task
    return tuple(decodings(model, task, width)), final_metrics(model, task)


def stored_norms(
    experiment: str, files: Iterable[bytes], weights: Iterable[tuple[int, bytes]]
) -> tuple[tuple[int, tuple[float, ...]], ...]:
    """The gradient norms on the task's example after each step, with the weights of that step.

    Steps whose weights belong to another model, or that give no finite norm, are left out, and
    those that come after `NORMS_SECONDS`.

    Args:
        experiment: of the run, as JSON.
        files: of visitors, which the task reads.
        weights: the most important steps first.
    """
    _add_files(files)
    run, history = Experiment.from_json(experiment), []
    deadline = time.monotonic() + NORMS_SECONDS
    for step, content in weights:
        if time.monotonic() > deadline:
            break
        try:
            norms = gradient_norms_and_states(load_model(run, content), run.task)[0]
        except Problem:
            continue  # a gap in the figure
        if norms:
            history.append((step, norms))
    return tuple(sorted(history))


def task_baselines(experiment: str, files: Iterable[bytes]) -> dict[Split, tuple[Baseline, ...]]:
    """The baselines of the task of `experiment`, JSON, which reads visitors' `files`.

    Raises:
        Problem: a file is missing, or not what the task needs.
    """
    _add_files(files)
    task = Experiment.from_json(experiment).task
    return {split: task.baselines(split) for split in HELD_OUT}


def _add_files(files: Iterable[bytes]) -> None:
    for content in files:
        UPLOADS.add(content)
