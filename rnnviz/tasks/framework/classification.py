"""Metrics of tasks with one label beyond their accuracy.

B examples, V labels.
"""

import torch
from torch import Tensor

from rnnviz.messages import N_
from rnnviz.tasks.framework.baselines import BaselineLogits
from rnnviz.tasks.framework.batches import Baseline, Batch
from rnnviz.tasks.framework.examples import evenly_spaced
from rnnviz.tasks.framework.kinds import Split
from rnnviz.tasks.framework.task import Task

ACCURACY = N_("accuracy")
MACRO_RECALL = N_("macro recall")


def confusion_matrix(output: Tensor, batch: Batch) -> Tensor:
    """The counts (V,V) of each target (rows) and prediction (columns).

    `output`: logits (B,V).
    """
    V = output.shape[-1]
    pairs = batch.targets * V + output.argmax(-1)
    return torch.bincount(pairs, minlength=V * V).reshape(V, V)


def accuracy(counts: Tensor) -> float:
    """The share of right answers in a confusion matrix (V,V)."""
    return float(counts.diagonal().sum() / counts.sum())


def macro_recall(counts: Tensor) -> float:
    """The mean over the labels of the share that was recognised, from a confusion matrix (V,V).

    Every label that occurs weighs the same, however rare it is.
    """
    totals = counts.sum(1)
    occurs = totals > 0
    return float((counts.diagonal()[occurs] / totals[occurs]).mean())


class Classification(Task):
    """A task whose answer is one label, with baselines that need no network."""

    def confusion_matrix(self, output: Tensor, batch: Batch) -> Tensor:
        """The counts (V,V) of each target (rows) and prediction (columns), by `labels`."""
        return confusion_matrix(output, batch)

    def metrics(self, output: Tensor, batch: Batch) -> dict[str, float]:
        """Also the macro recall where every label occurs; otherwise it would leave some out."""
        counts = confusion_matrix(output, batch)
        metrics = {ACCURACY: accuracy(counts)}
        if counts.sum(1).all():
            metrics[MACRO_RECALL] = macro_recall(counts)
        return metrics

    def held_out_batch(self, split: Split = "validation") -> Batch:
        """All examples of `split`, which is not the one for training."""
        size = self.size(split)
        assert size is not None, "a task without a size overrides this"
        return self.select(range(size), split)

    def baseline_logits(self, split: Split = "validation") -> tuple[BaselineLogits, ...]:
        """Logits of methods without a network on `held_out_batch(split)`.

        Fitting them takes seconds, so that is cached.
        """
        return ()

    def evaluation_batch(self, split: Split = "validation") -> Batch:
        batch = self.held_out_batch(split)
        return batch.rows(evenly_spaced(len(batch)))

    def baselines(self, split: Split = "validation") -> tuple[Baseline, ...]:
        whole = self.held_out_batch(split)
        rows = evenly_spaced(len(whole))
        batch = whole.rows(rows)
        return tuple(
            self.measured_baseline(method.title, method.logits[rows], batch)
            for method in self.baseline_logits(split)
        )
