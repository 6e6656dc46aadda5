"""A closer look at a trained model: what it confuses, what else it might have said.

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
"""How many symbols longer than the right answer a hypothesis may become."""


@dataclass(frozen=True)
class Confusion:
    """How often each label was wanted (rows) and given (columns), on all validation examples.

    `labels` are messages to translate; `measures` the model's, by their names, and `rivals` those
    of the methods without a network, by their titles: messages as well.
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    metrics: dict[str, float]
    baselines: dict[str, dict[str, float]]


@torch.no_grad()
def model_confusion(model: Model, task: Task) -> Confusion | None:
    """What `model` confuses; None where an answer is more than one label."""
    if not isinstance(task, Classification):
        return None
    batch = task.judged()
    output = model.predict(batch.to(model.device)).cpu()
    return Confusion(
        labels=tuple(task.label_titles.get(label, label) for label in task.labels),
        counts=tuple(tuple(row) for row in task.confusion(output, batch).tolist()),
        metrics=task.judge(output, batch),
        baselines={each.title: task.judge(each.logits, batch) for each in task.methods()},
    )


@torch.no_grad()
def validation_metrics(model: Model, task: Task) -> dict[str, float]:
    """Every measure of the model's answers to the validation examples, by its name (a message)."""
    batch = task.tested()
    return task.judge(model.predict(batch.to(model.device)).cpu(), batch)


@dataclass(frozen=True)
class Decoding:
    """One question, its right answer, the greedy one, and what a beam found, likeliest first.

    `beam`: answers with their probabilities; that of the greedy one is `certainty`.
    """

    question: str
    target: str
    greedy: str
    probability: float
    beam: tuple[tuple[str, float], ...]


def decodings(model: Model, task: Task, width: int) -> list[Decoding]:
    """What `model` answers to the task's questions, greedily and with a beam of `width`.

    Empty for a model that has nothing to decode.
    """
    if not isinstance(model, EncoderDecoder):
        return []
    batch = task.questions().to(model.device)
    longest = batch.targets.shape[1] + EXTRA_SYMBOLS
    greedy = model.greedy(batch.inputs, batch.lengths, longest)
    beams = model.beam(batch.inputs, batch.lengths, width, longest)

    def said(labels: Sequence[int]) -> str:
        return task.spelled([task.labels[label] for label in labels])

    asked = task.answers(model.predict(batch).detach(), batch)
    return [
        Decoding(
            question=answer.question,
            target=answer.wanted,
            greedy=said(one.labels),
            probability=math.exp(one.log_probability),
            beam=tuple((said(each.labels), math.exp(each.log_probability)) for each in found),
        )
        for answer, one, found in zip(asked, greedy, beams, strict=True)
    ]
