"""The trace of one model and the backward pass through it, for the stage.

T time steps, V labels, H hidden units.
"""

from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor

from rnnviz.gradients import backward
from rnnviz.lessons.view import CellView
from rnnviz.model import EncoderDecoder, SequenceModel
from rnnviz.tasks import Batch, Task
from rnnviz.tracing import trace


def cell_view(
    code: str,
    name: str,
    model: SequenceModel | EncoderDecoder,
    task: Task,
    batch: Batch,
    own_answer: bool = False,
) -> CellView:
    """Trace a batch of one example and go back through the trace.

    In double precision, because a gradient may vanish below float32.
    `own_answer`: the targets of `batch` are the model's own answers, because none are given.
    """
    exact_model = deepcopy(model).double()
    exact = batch if not task.features else _double(batch)
    with torch.no_grad():
        x = exact_model.embed(exact.inputs)[0]
        forward = trace(exact_model.recurrent, x)

    def loss(outputs: Tensor) -> Tensor:
        if isinstance(exact_model, SequenceModel):
            return task.loss(exact_model.logits_from_outputs(outputs), exact)
        return task.loss(exact_model.logits_from_outputs(outputs, exact), exact)

    has_labels = isinstance(model, SequenceModel) and bool(task.labels)
    return CellView(
        code=code,
        name=name,
        trace=forward,
        backward=backward(exact_model.recurrent, x, loss),
        labels=tuple(task.labels) if has_labels else (),
        probabilities=_step_probabilities(exact_model, forward.outputs)
        if isinstance(exact_model, SequenceModel) and has_labels
        else None,
        targets=_targets(task, batch, len(x)) if has_labels else (),
        own_answer=own_answer,
        label_titles=dict(task.label_titles) if has_labels else {},
    )


def _step_probabilities(model: SequenceModel, outputs: Tensor) -> Tensor:
    """(T,V): what the model would answer if the sequence ended after each step."""
    with torch.no_grad():
        if model.io_spec.single_answer and model.spec.bidirectional:
            # The answer depends on the backward direction's last state, which comes first in time.
            H = model.spec.hidden
            outputs = torch.cat([outputs[:, :H], outputs[:1, H:].expand(len(outputs), H)], -1)
        probabilities: Tensor = model.head(outputs).softmax(-1)
    return probabilities


def _targets(task: Task, batch: Batch, T: int) -> list[int | None]:
    """The right label at each of T steps, or None where there is none."""
    if task.kind == "many-to-many":
        pairs = zip(batch.targets[0].tolist(), batch.mask[0].tolist(), strict=True)
        return [label if is_target else None for label, is_target in pairs]
    return [None] * (T - 1) + [int(batch.targets[0])]


def _double(batch: Batch) -> Batch:
    targets = batch.targets.double() if batch.targets.is_floating_point() else batch.targets
    return replace(batch, inputs=batch.inputs.double(), targets=targets)
