"""Snapshots: what a model shows of itself during training. T time steps, H hidden units."""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from rnnviz.gradients import gradient_norms
from rnnviz.memory import Recall
from rnnviz.model import EncoderDecoder, Model, SequenceModel
from rnnviz.tasks import Answer, Task
from rnnviz.training.sampling import sample


@dataclass(frozen=True)
class Snapshot:
    """A look inside after `step` steps.

    On the fixed example: `gradient_norms` (T,) dL/dh_t of the top layer, `states` (T,H); empty for
    a network without a hidden state. `answers` to the task's questions; `sample`: a text that the
    model wrote, where the task is a running text. `attention` (U,T): where each step of the
    example's right answer looks; empty for a model that does not attend.
    """

    step: int
    gradient_norms: tuple[float, ...]
    states: tuple[tuple[float, ...], ...]
    answers: tuple[Answer, ...] = ()
    sample: str | None = None
    attention: tuple[tuple[float, ...], ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """The look as plain dictionaries, lists and numbers."""
        return {
            "step": self.step,
            "norms": list(self.gradient_norms),
            "states": [list(row) for row in self.states],
            "answers": [asdict(each) for each in self.answers],
            "sample": self.sample,
            "attention": [list(row) for row in self.attention],
        }


@dataclass(frozen=True)
class Result:
    """What a run came to.

    `seconds` of training, pauses left out; the latest batch's `loss`; the metric on the
    `validation` examples, and as `scores` on each of them; what the example's tokens left in the
    state, as `shares` (T,); and accuracy against lag where the task has lags.
    """

    step: int
    seconds: float
    loss: float
    validation: float
    scores: tuple[float, ...]
    shares: tuple[float, ...]
    recall: Recall | None

    def to_plain(self) -> dict[str, Any]:
        """The result as plain dictionaries, lists and numbers."""
        return asdict(self)


def take_snapshot(model: Model, task: Task, step: int, temperature: float) -> Snapshot:
    """What `model`, after `step` steps of training on `task`, shows of itself.

    Raises:
        Problem: the model's numbers are no longer finite.
    """
    norms, states = gradient_norms_and_states(model, task)
    questions = task.questions()
    with torch.no_grad():
        output = model.predict(questions.to(model.device)).cpu()
    return Snapshot(
        step=step,
        gradient_norms=norms,
        states=states,
        answers=tuple(task.answers(output, questions)),
        sample=sample(model, task, temperature),
        attention=attention_weights(model, task),
    )


def gradient_norms_and_states(
    model: Model, task: Task
) -> tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]:
    """|dL/dh_t| (T,) and the states (T,H) of the top layer on the task's example.

    Both are empty for a network that has no hidden state; of a network that says a sequence they
    are the encoder's, and the loss is that of the right answer read back to it.
    """
    if not isinstance(model, SequenceModel | EncoderDecoder):
        return (), ()
    example = task.example().batch.to(model.device)
    with torch.no_grad():
        vectors = model.embed(example.inputs)[0]
        states: Tensor = model.recurrent(vectors[None])[0][0]

    def loss(outputs: Tensor) -> Tensor:
        if isinstance(model, EncoderDecoder):
            return task.loss(model.read(outputs, example), example)
        return task.loss(model.read(outputs), example)

    norms = gradient_norms(model.recurrent, vectors, loss)
    return tuple(norms.tolist()), tuple(map(tuple, states.tolist()))


def attention_weights(model: Model, task: Task) -> tuple[tuple[float, ...], ...]:
    """The weights (U,T) with which each step of the example's right answer looks at the source.

    Empty for a model that does not attend.
    """
    if not (isinstance(model, EncoderDecoder) and model.spec.attention):
        return ()
    weights = model.attention(task.example().batch.to(model.device))[0]
    return tuple(map(tuple, weights.tolist()))
