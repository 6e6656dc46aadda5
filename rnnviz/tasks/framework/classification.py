"""How answers of one label are judged beyond their accuracy.

B examples, V labels.
"""

import torch
from torch import Tensor

from rnnviz.messages import N_
from rnnviz.tasks.framework.baselines import Method
from rnnviz.tasks.framework.batches import Baseline, Batch
from rnnviz.tasks.framework.examples import spread
from rnnviz.tasks.framework.task import Task

ACCURACY = N_("accuracy")
MACRO_RECALL = N_("macro recall")


def confusion(output: Tensor, batch: Batch) -> Tensor:
    """How often each label was wanted (rows) and given (columns): counts (V,V).

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

    Every label that was wanted at all weighs the same, however rare it is.
    """
    wanted = counts.sum(1)
    met = wanted > 0
    return float((counts.diagonal()[met] / wanted[met]).mean())


class Classification(Task):
    """A task whose answer is one label, with rivals that need no network."""

    def confusion(self, output: Tensor, batch: Batch) -> Tensor:
        """How often each of `labels` was wanted (rows) and given (columns): counts (V,V)."""
        return confusion(output, batch)

    def judge(self, output: Tensor, batch: Batch) -> dict[str, float]:
        """Also the macro recall, where every label is wanted at all: else it leaves some out."""
        counts = confusion(output, batch)
        found = {ACCURACY: accuracy(counts)}
        if counts.sum(1).all():
            found[MACRO_RECALL] = macro_recall(counts)
        return found

    def judged(self) -> Batch:
        """The validation examples on which the baselines are judged: all there are."""
        size = self.size("validation")
        assert size is not None, "a task without a size says what is judged"
        return self.take(range(size), "validation")

    def methods(self) -> tuple[Method, ...]:
        """What methods without a network answer to `judged()`; computed once, in seconds."""
        return ()

    def tested(self) -> Batch:
        return self.judged().rows(self._chosen())

    def baselines(self) -> tuple[Baseline, ...]:
        batch, rows = self.tested(), self._chosen()
        return tuple(
            self.baseline(method.title, method.logits[rows], batch) for method in self.methods()
        )

    def _chosen(self) -> list[int]:
        """The rows of `judged()` that `tested()` takes."""
        return spread(len(self.judged()))
