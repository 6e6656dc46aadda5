"""A text that a model writes: each symbol is drawn from its prediction and then read.

V labels, I inputs, H hidden units.
"""

from copy import deepcopy

import torch
from torch import Tensor

from rnnviz.cells import from_layer
from rnnviz.model import Model, SequenceModel
from rnnviz.tasks import Task

LENGTH = 120
"""How many symbols are written."""


def sample(
    model: Model,
    task: Task,
    temperature: float,
    length: int = LENGTH,
    seed: int = 0,
    prompt: str = "",
) -> str | None:
    """What `model` writes after `prompt`, or after the task's example where there is none.

    None where the task is no running text, or the model none that can write: it has to answer
    every step from what came before. `temperature` divides the logits: below 1 the likely becomes
    likelier, above 1 less likely. The same `seed` draws the same, so that two moments of training
    can be compared.

    Raises:
        Problem: the prompt is blank, or a weight of the model is no longer finite.
    """
    if not task.streams or not isinstance(model, SequenceModel):
        return None
    if model.recurrent.bidirectional or model.front is not None:
        return None
    ids = task.encode(prompt)[1] if prompt else task.example().batch.inputs[0].tolist()
    chances = torch.rand(length, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    with torch.no_grad():
        labels = _written(model, task, ids, temperature, chances)
    return task.spelled([task.labels[label] for label in labels])


def _written(
    model: SequenceModel, task: Task, ids: list[int], temperature: float, chances: Tensor
) -> list[int]:
    """The labels that follow `ids`; each of `chances`, between 0 and 1, decides one draw.

    The layers are walked cell by cell: called for a single step, PyTorch's own spend several times
    as long on preparations.
    """
    model = model if model.device.type == "cpu" else deepcopy(model).cpu()  # single steps
    logits, after = model.walk(torch.tensor([ids]), torch.tensor([len(ids)]), None)
    cells = [cell for (cell,) in from_layer(model.recurrent)]
    states = list(zip(*after, strict=True))  # per layer, each (1,H)
    symbols = torch.tensor(task.vocabulary.encode(task.labels))
    says = cells[0].from_input(model.embed(symbols[:, None]))  # (V,1,G*H), of each label
    answer, written = logits[0, -1], []
    for chance in chances:
        heights = (answer.double() / temperature).softmax(-1).cumsum(-1)
        # Rounded, the last height may lie below 1, and the chance above it.
        label = min(int(torch.searchsorted(heights, chance)), len(symbols) - 1)
        written.append(label)
        a = says[label]
        for layer, cell in enumerate(cells):
            if layer:
                a = cell.from_input(states[layer - 1][0])
            states[layer], _gates = cell.step(a, cell.from_hidden(states[layer][0]), states[layer])
        answer = model.head(states[-1][0])[0]
    return written
