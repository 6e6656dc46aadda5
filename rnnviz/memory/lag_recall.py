"""How often a model recalls the symbol that it read a lag ago."""

from dataclasses import dataclass

import torch

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
    def recalled_lags(self) -> tuple[int, ...]:
        """The lags at which the symbol is recalled."""
        pairs = zip(self.lags, self.accuracy, strict=True)
        return tuple(lag for lag, accuracy in pairs if accuracy >= self.least)

    @property
    def other_lags(self) -> tuple[int, ...]:
        """The lags at which it is not."""
        return tuple(lag for lag in self.lags if lag not in self.recalled_lags)


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
