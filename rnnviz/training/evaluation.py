"""Evaluate a trained model: its confusion matrix, its metrics, the hypotheses of its decoder.

V labels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from rnnviz.model import EncoderDecoder, Model
from rnnviz.tasks import Task
from rnnviz.tasks.framework.classification import Classification

EXTRA_SYMBOLS = 3
"""How many symbols longer than the right answer a hypothesis may be."""


@dataclass(frozen=True)
class Confusion:
    """The confusion matrix on all examples of a split: rows are targets, columns answers.

    `labels` are messages to translate. `metrics`: the model's, by their names; `baselines`: the
    metrics of the methods without a network, by their titles; these are messages as well.
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    metrics: dict[str, float]
    baselines: dict[str, dict[str, float]]


@torch.no_grad()
def model_confusion(model: Model, task: Task) -> Confusion | None:
    """The confusion matrix of `model` on all examples of the task's `final_split`.

    None where an answer is more than one label.
    """
    if not isinstance(task, Classification):
        return None
    split = task.final_split
    batch = task.held_out_batch(split)
    output = model.predict(batch.to(model.device)).cpu()
    return Confusion(
        labels=tuple(task.label_titles.get(label, label) for label in task.labels),
        counts=tuple(tuple(row) for row in task.confusion_matrix(output, batch).tolist()),
        metrics=task.metrics(output, batch),
        baselines={
            each.title: task.metrics(each.logits, batch) for each in task.baseline_logits(split)
        },
    )


@torch.no_grad()
def final_metrics(model: Model, task: Task) -> dict[str, float]:
    """Every metric of the model on the examples of the task's `final_split`, by its name."""
    batch = task.evaluation_batch(task.final_split)
    return task.metrics(model.predict(batch.to(model.device)).cpu(), batch)


@dataclass(frozen=True)
class Decoding:
    """A question, its right answer, the greedy answer, and those of a beam, likeliest first.

    `probability` is that of the greedy answer; `beam`: answers with their probabilities.
    """

    question: str
    target: str
    greedy: str
    probability: float
    beam: tuple[tuple[str, float], ...]


def decodings(model: Model, task: Task, width: int) -> list[Decoding]:
    """The answers of `model` to the task's questions, greedily and with a beam of `width`.

    Empty for a model without a decoder.
    """
    if not isinstance(model, EncoderDecoder):
        return []
    batch = task.questions().to(model.device)
    max_length = batch.targets.shape[1] + EXTRA_SYMBOLS
    greedy = model.greedy(batch.inputs, batch.lengths, max_length)
    beams = model.beam(batch.inputs, batch.lengths, width, max_length)

    def spell(labels: Sequence[int]) -> str:
        return task.join_labels([task.labels[label] for label in labels])

    answers = task.answers(model.predict(batch).detach(), batch)
    return [
        Decoding(
            question=answer.question,
            target=answer.target,
            greedy=spell(best.labels),
            probability=math.exp(best.log_probability),
            beam=tuple((spell(each.labels), math.exp(each.log_probability)) for each in beam),
        )
        for answer, best, beam in zip(answers, greedy, beams, strict=True)
    ]
