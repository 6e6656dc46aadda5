"""Two mistakes that tutorials on surnames make, and what each of them changes, in numbers."""

from typing import Protocol

import torch
from torch import Tensor

from rnnviz.data import Surname, surnames
from rnnviz.tasks.classify.surnames import Surnames, split_surnames
from rnnviz.tasks.framework.batches import Batch
from rnnviz.tasks.framework.datasets import split_distinct

ROUNDS = 5
"""How often the test is taken with dropout left on: each round drops something else."""


class SurnameModel(Protocol):
    """What `tutorial_mistakes` needs of a model."""

    training: bool

    @property
    def device(self) -> torch.device:
        """Where its weights lie."""

    def train(self, mode: bool = True) -> object:
        """Go into training mode, or leave it."""

    def predict(self, batch: Batch) -> Tensor:
        """Its output in evaluation mode."""

    def training_output(self, batch: Batch, generator: torch.Generator) -> Tensor:
        """Its output in training mode, where `generator` draws what is dropped out."""


def tutorial_mistakes(model: SurnameModel, task: Surnames) -> dict[str, float]:
    """What both mistakes do, for a trained model of `task`.

    "dropout_off", "dropout_on": the accuracy on the test names as it should be measured, and with
    dropout left on. "test_names", "test_names_also_in_training": how many test names there are if
    the rows are split at random, and the spelling of how many of these is in training too;
    "test_names_here", "test_names_also_in_training_here": the same for our split.
    """
    off, on = dropout_accuracies(model, task)
    naive, ours = random_split(), split_surnames()
    return {
        "dropout_off": off,
        "dropout_on": on,
        "test_names": len(naive["test"]),
        "test_names_also_in_training": leak_count(naive["train"], naive["test"]),
        "test_names_here": len(ours["test"]),
        "test_names_also_in_training_here": leak_count(ours["train"], ours["test"]),
    }


def dropout_accuracies(model: SurnameModel, task: Surnames) -> tuple[float, float]:
    """The accuracy on the test names with dropout off, and with dropout left on by mistake."""
    batch = task.select(range(task.size("test")), "test").to(model.device)
    generator, before = torch.Generator().manual_seed(0), model.training
    with torch.no_grad():
        model.train(False)
        off = task.metric(model.predict(batch), batch)
        model.train(True)
        rounds = [
            task.metric(model.training_output(batch, generator), batch) for _ in range(ROUNDS)
        ]
    model.train(before)
    return off, sum(rounds) / ROUNDS


def random_split() -> dict[str, tuple[Surname, ...]]:
    """The naive split: the rows of the file at random, whatever their spelling."""
    rows = surnames()
    numbers = split_distinct(range(len(rows)), [row.language for row in rows])
    return {split: tuple(rows[row] for row in indices) for split, indices in numbers.items()}


def leak_count(train: tuple[Surname, ...], test: tuple[Surname, ...]) -> int:
    """How many names of `test` are spelled like one of `train`."""
    seen = {each.name.lower() for each in train}
    return sum(each.name.lower() in seen for each in test)
