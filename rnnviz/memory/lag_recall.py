"""How often a model recalls the symbol that it read a lag ago."""

from dataclasses import dataclass

import torch

from rnnviz.messages import N_, Message
from rnnviz.model import Model
from rnnviz.tasks import Task


@dataclass(frozen=True)
class Recall:
    """Accuracy at each of `lags`, beside what blind guessing reaches."""

    lags: tuple[int, ...]
    accuracy: tuple[float, ...]
    chance: float

    @property
    def least(self) -> float:
        """The lowest accuracy at which a symbol counts as recalled: halfway from chance to 1."""
        return (1 + self.chance) / 2

    @property
    def reach(self) -> int:
        """The longest lag up to which every accuracy is at least `least`."""
        reached = -1
        for lag, accuracy in zip(self.lags, self.accuracy, strict=True):
            if accuracy < self.least:
                break
            reached = lag
        return max(reached, 0)


def recall(model: Model, task: Task, generator: torch.Generator) -> Recall:
    """How often `model` recalls the symbol at each of `task.lags`, 100 trials each.

    All sequences have the length that the model was trained on.
    """
    trials = 100
    batch = task.batch_with_lags(torch.tensor(task.lags).repeat_interleave(trials), generator)
    on_device = batch.to(model.device)
    with torch.no_grad():
        logits = model(on_device.inputs, on_device.lengths)
    correct = (logits.argmax(-1) == on_device.targets).float().cpu().reshape(len(task.lags), trials)
    return Recall(task.lags, tuple(correct.mean(1).tolist()), task.chance)


RECALLED_ALL = N_(
    "{cell} recalls the symbol at least {least:.1%} of the time, halfway from guessing to always, "
    "over the whole lag of {lag} {lag:step|steps}."
)
RECALLED_PART = N_(
    "{cell} recalls the symbol at least {least:.1%} of the time, halfway from guessing to always, "
    "over {reach} of {lag} steps."
)
RECALLED_NONE = N_(
    "{cell} does not recall the symbol {least:.1%} of the time, halfway from guessing to always, "
    "even at the shortest lag, {first}."
)


def recall_message(cell: str, result: Recall) -> Message:
    """One plain sentence on what the cell called `cell` remembered."""
    lag = result.lags[-1]
    values = {"cell": cell, "least": result.least}
    if result.reach == lag:
        return Message(RECALLED_ALL, {**values, "lag": lag})
    if result.reach == 0:
        return Message(RECALLED_NONE, {**values, "first": result.lags[1]})
    return Message(RECALLED_PART, {**values, "reach": result.reach, "lag": lag})
