"""One sequence walked forward and back by one model, for the stage.

T time steps, V labels, H hidden units.
"""

from copy import deepcopy
from typing import TYPE_CHECKING

from rnnviz.ui.language import _
from rnnviz.ui.stage import CellView

if TYPE_CHECKING:  # Torch stays out of the start of the web process.
    from torch import Tensor

    from rnnviz.model import EncoderDecoder, SequenceModel
    from rnnviz.tasks import Batch, Task


def cell_view(
    code: str,
    name: str,
    trained: "SequenceModel | EncoderDecoder",
    task: "Task",
    batch: "Batch",
    own: bool = False,
) -> CellView:
    """Walk a batch of one forward and back.

    In double precision, because a gradient may vanish below float32.
    `own`: nobody has said what is right, the targets of `batch` are the model's own answers.
    """
    import torch

    from rnnviz.gradients import backward
    from rnnviz.model import SequenceModel
    from rnnviz.tracing import trace

    model = deepcopy(trained).double()
    exact = batch if not task.features else _double(batch)
    with torch.no_grad():
        x = model.embed(exact.inputs)[0]
        walked = trace(model.recurrent, x)

    def loss(outputs: "Tensor") -> "Tensor":
        if isinstance(model, SequenceModel):
            return task.loss(model.read(outputs), exact)
        return task.loss(model.read(outputs, exact), exact)

    predicted = isinstance(model, SequenceModel) and bool(task.labels)
    titles = task.label_titles
    return CellView(
        code=code,
        name=name,
        trace=walked,
        backward=backward(model.recurrent, x, loss),
        labels=[_(titles.get(label, label)) for label in task.labels] if predicted else (),
        probabilities=_after_each_step(model, walked.outputs)
        if isinstance(model, SequenceModel) and predicted
        else None,
        targets=_targets(task, batch, len(x)) if predicted else (),
        own_answer=own,
    )


def _after_each_step(model: "SequenceModel", outputs: "Tensor") -> "Tensor":
    """(T,V): what the model would answer if the sequence ended after each step."""
    import torch

    with torch.no_grad():
        if model.ends.single_answer and model.spec.bidirectional:
            # The answer hangs on the backward direction's last state, which stands first in time.
            H = model.spec.hidden
            outputs = torch.cat([outputs[:, :H], outputs[:1, H:].expand(len(outputs), H)], -1)
        probabilities: Tensor = model.head(outputs).softmax(-1)
    return probabilities


def _targets(task: "Task", batch: "Batch", T: int) -> list[int | None]:
    """The right label at each of T steps, or None where nothing is asked."""
    if task.kind == "many-to-many":
        pairs = zip(batch.targets[0].tolist(), batch.mask[0].tolist(), strict=True)
        return [label if judged else None for label, judged in pairs]
    return [None] * (T - 1) + [int(batch.targets[0])]


def _double(batch: "Batch") -> "Batch":
    from dataclasses import replace

    targets = batch.targets.double() if batch.targets.is_floating_point() else batch.targets
    return replace(batch, inputs=batch.inputs.double(), targets=targets)
