"""A look inside a model on examples that never change. T time steps, H hidden units."""

import torch
from torch import Tensor

from rnnviz.gradients import backward
from rnnviz.model import Model, SequenceModel
from rnnviz.tasks import Task
from rnnviz.training.moments import Snapshot
from rnnviz.training.sampling import sample


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
    )


def inside(model: Model, task: Task) -> tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]:
    """|dL/dh_t| (T,) and the states (T,H) of the top layer on the task's example.

    Both are empty for a network that has no hidden state.
    """
    if not isinstance(model, SequenceModel):
        return (), ()
    example = task.example().batch.to(model.device)
    with torch.no_grad():
        vectors = model.embed(example.inputs)[0]
        states: Tensor = model.recurrent(vectors[None])[0][0]
    walked = backward(
        model.recurrent, vectors, lambda outputs: task.loss(model.read(outputs), example)
    )
    return tuple(walked.layers[-1].norms.tolist()), tuple(map(tuple, states.tolist()))
