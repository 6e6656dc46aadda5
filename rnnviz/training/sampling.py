"""A text that a model writes: each symbol is drawn from its prediction and then read.

V symbols.
"""

import torch

from rnnviz.model import Model, SequenceModel
from rnnviz.tasks import Task

LENGTH = 200
"""How many symbols are written."""


def sample(
    model: Model, task: Task, temperature: float, length: int = LENGTH, seed: int = 0
) -> str | None:
    """What `model` writes after the task's prompt; None where the task is no running text.

    `temperature` divides the logits: below 1 the likely becomes likelier, above 1 less likely. The
    same `seed` draws the same, so that two moments of training can be compared.
    """
    if not task.streams or not isinstance(model, SequenceModel):
        return None
    generator = torch.Generator().manual_seed(seed)
    ids = task.vocabulary.encode(task.labels)  # the symbol of each label
    read = task.example().batch.inputs[:1]
    state, written = None, []
    with torch.no_grad():
        for _ in range(length):
            inputs = read.to(model.device)
            logits, state = model.walk(inputs, torch.tensor([read.shape[1]]), state)
            shares = (logits[0, -1].double().cpu() / temperature).softmax(-1)
            label = int(torch.multinomial(shares, 1, generator=generator))
            written.append(task.labels[label])
            read = torch.tensor([[ids[label]]])
    return task.spelled(written)
