"""A look inside a model on examples that never change. T time steps, H hidden units."""

import torch
from torch import Tensor

from rnnviz.gradients import gradient_norms
from rnnviz.model import EncoderDecoder, Model, SequenceModel
from rnnviz.tasks import Task
from rnnviz.training.sampling import sample
from rnnviz.training.snapshot import Snapshot


def look(model: Model, task: Task, step: int, temperature: float) -> Snapshot:
    """What `model`, after `step` steps of training on `task`, shows of itself.

    Raises:
        Problem: the model's numbers are no longer finite.
    """
    norms, states = inside(model, task)
    questions = task.questions()
    with torch.no_grad():
        output = model.predict(questions.to(model.device)).cpu()
    return Snapshot(
        step=step,
        gradient_norms=norms,
        states=states,
        answers=tuple(task.answers(output, questions)),
        sample=sample(model, task, temperature),
        attention=attended(model, task),
    )


def inside(model: Model, task: Task) -> tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]:
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


def attended(model: Model, task: Task) -> tuple[tuple[float, ...], ...]:
    """The weights (U,T) with which each step of the example's right answer looks at the source.

    Empty for a model that does not attend.
    """
    if not (isinstance(model, EncoderDecoder) and model.spec.attention):
        return ()
    weights = model.attention(task.example().batch.to(model.device))[0]
    return tuple(map(tuple, weights.tolist()))
