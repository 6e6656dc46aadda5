"""Generate text with a model: each symbol is drawn from its prediction and becomes its next input.

V labels, I inputs, H hidden units.
"""

from copy import deepcopy

import torch
from torch import Tensor

from rnnviz.cells import from_layer
from rnnviz.model import Model, SequenceModel
from rnnviz.tasks import Task

SAMPLE_LENGTH = 120
"""How many symbols are generated."""


def sample(
    model: Model,
    task: Task,
    temperature: float,
    length: int = SAMPLE_LENGTH,
    seed: int = 0,
    prompt: str = "",
) -> str | None:
    """Continue `prompt`, or the task's example where there is none, with `length` symbols.

    None where the task is no running text, or where the model cannot generate one: it has to answer
    every step from what came before. `temperature` divides the logits: below 1 likely symbols
    become likelier, above 1 less likely. The same `seed` draws the same numbers, so that
    two snapshots can be compared.

    Raises:
        Problem: the prompt is blank, or a weight of the model is no longer finite.
    """
    if not task.stateful or not isinstance(model, SequenceModel):
        return None
    if model.recurrent.bidirectional or model.front is not None:
        return None
    ids = task.encode(prompt)[1] if prompt else task.example().batch.inputs[0].tolist()
    draws = torch.rand(length, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    with torch.no_grad():
        labels = _sample_labels(model, task, ids, temperature, draws)
    return task.join_labels([task.labels[label] for label in labels])


def _sample_labels(
    model: SequenceModel, task: Task, ids: list[int], temperature: float, draws: Tensor
) -> list[int]:
    """The labels that follow `ids`; each of `draws`, between 0 and 1, decides one of them.

    The layers are walked cell by cell: called for a single step, PyTorch's own layers spend several
    times as long on preparations.
    """
    model = model if model.device.type == "cpu" else deepcopy(model).cpu()  # single steps
    logits, after = model.walk(torch.tensor([ids]), torch.tensor([len(ids)]), None)
    cells = [cell for (cell,) in from_layer(model.recurrent)]
    states = list(zip(*after, strict=True))  # per layer, each (1,H)
    symbols = torch.tensor(task.vocabulary.encode(task.labels))
    inputs = cells[0].from_input(model.embed(symbols[:, None]))  # (V,1,G*H), of each label
    last, labels = logits[0, -1], []
    for draw in draws:
        cumulated = (last.double() / temperature).softmax(-1).cumsum(-1)
        # Rounded, the last sum may lie below 1, and the draw above it.
        label = min(int(torch.searchsorted(cumulated, draw)), len(symbols) - 1)
        labels.append(label)
        x_proj = inputs[label]
        for layer, cell in enumerate(cells):
            if layer:
                x_proj = cell.from_input(states[layer - 1][0])
            states[layer] = cell.step(x_proj, states[layer]).states
        last = model.head(states[-1][0])[0]
    return labels
