"""The batches of a run in their order: the same for every model that trains with the same seed.

N examples of the training split.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from rnnviz.tasks import Batch, Task


def steps_per_epoch(task: Task, n: int) -> int | None:
    """The steps in which batches of `n` show every example once, or read a text once.

    None where the examples are drawn anew each time. A last batch that is not full is a step too.
    """
    if task.stateful:
        return task.batches_per_epoch(n)
    size = task.size()
    return None if size is None else math.ceil(size / n)


class Batches:
    """Draws one batch after the other.

    Examples of a finite set come in a new order in every epoch, a running text continues where the
    previous batch ended, all other examples are drawn at random.
    """

    def __init__(self, task: Task, n: int, seed: int) -> None:
        self._task, self._n = task, n
        self._generator = torch.Generator().manual_seed(seed)
        self._size = None if task.stateful else task.size()
        self._order = torch.empty(0, dtype=torch.int64)
        self._count = 0

    def next(self) -> tuple[Batch, bool]:
        """The next batch, and whether its sequences start anew (else they continue)."""
        index, self._count = self._count, self._count + 1
        if self._task.stateful:
            return self._task.consecutive_batch(self._n, index)
        if self._size is None:
            return self._task.batch(self._n, self._generator), True
        if not len(self._order):
            self._order = torch.randperm(self._size, generator=self._generator)
        indices, self._order = self._order[: self._n], self._order[self._n :]
        return self._task.select(indices.tolist()), True

    def state_dict(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What decides all further batches: tensors, and numbers as JSON has them."""
        tensors = {
            "batches.generator": self._generator.get_state(),
            "batches.order": self._order,
        }
        return tensors, {"batches": self._count}

    def load_state_dict(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
        """Continue after the batch at which `state_dict` was called."""
        self._generator.set_state(tensors["batches.generator"])
        self._order = tensors["batches.order"].cpu()
        self._count = int(numbers["batches"])
