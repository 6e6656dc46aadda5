"""Methods without a network, fitted on the training examples: what a network has to beat.

N examples, F features (words or n-grams), V labels.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, embedding_bag

from rnnviz.messages import N_
from rnnviz.tasks.framework.batches import Batch, valid_mask

MAJORITY = N_("always the most frequent answer")
BAG_OF_WORDS = N_("bag of words with logistic regression")
NGRAMS_BAYES = N_("character n-grams with naive Bayes")
NGRAMS_REGRESSION = N_("character n-grams with logistic regression")

MAX_ITERATIONS = 60
"""The most steps of L-BFGS: after them nothing changes any more that a visitor could see."""


@dataclass(frozen=True, eq=False)
class BaselineLogits:
    """The `logits` (N,V) of one method; `title` is a message to translate."""

    title: str
    logits: Tensor


@dataclass(frozen=True, eq=False)
class Bags:
    """N bags of features: which ones, all in a row, and where each bag begins (N,)."""

    features: Tensor
    starts: Tensor

    @classmethod
    def of(cls, bags: Iterable[Sequence[int]]) -> "Bags":
        """The bags with these feature numbers; a feature counts as often as it is there."""
        bags = list(bags)
        sizes = torch.tensor([0, *map(len, bags)])
        features = torch.tensor(list(chain.from_iterable(bags)), dtype=torch.int64)
        return cls(features, sizes.cumsum(0)[:-1])

    @classmethod
    def from_batch(cls, batch: Batch) -> "Bags":
        """The token ids of each sequence, without their order."""
        valid = valid_mask(batch.lengths, batch.inputs.shape[1])
        return cls(batch.inputs[valid], batch.lengths.cumsum(0) - batch.lengths)

    def matmul(self, weight: Tensor) -> Tensor:
        """The table of counts (N,F) times `weight` (F,V), without building the table."""
        return embedding_bag(self.features, weight, self.starts, mode="sum")


@dataclass(frozen=True, eq=False)
class LinearClassifier:
    """A linear classifier of bags: `weight` (F,V), `bias` (V,)."""

    weight: Tensor
    bias: Tensor

    def __call__(self, bags: Bags) -> Tensor:
        """Logits (N,V)."""
        return bags.matmul(self.weight) + self.bias


class FeatureIndex:
    """Indices of the features that occur in training: words, or n-grams of characters."""

    def __init__(self, training: Iterable[Sequence[str]]) -> None:
        names = dict.fromkeys(chain.from_iterable(training))
        self._numbers = {name: number for number, name in enumerate(names)}

    def __len__(self) -> int:
        return len(self._numbers)

    def bags(self, texts: Iterable[Sequence[str]]) -> Bags:
        """The bags of `texts`; features that do not occur in training are left out."""
        numbers = self._numbers
        return Bags.of([numbers[name] for name in text if name in numbers] for text in texts)


def ngrams(text: str, longest: int = 3) -> list[str]:
    """All pieces of 1 to `longest` characters of `text`, which is marked at both ends."""
    marked = f"^{text}$"
    return [
        marked[start : start + n]
        for n in range(1, longest + 1)
        for start in range(len(marked) - n + 1)
    ]


def majority_logits(targets: Tensor, V: int, n: int) -> Tensor:
    """Logits (n,V) from the frequency of each label among `targets` (N,) alone."""
    counts = torch.bincount(targets, minlength=V).double()
    return (counts / counts.sum()).log().float().expand(n, V)


def naive_bayes(bags: Bags, targets: Tensor, F: int, V: int) -> LinearClassifier:
    """Multinomial naive Bayes with Laplace's added one (Manning, Raghavan and Schütze 2008, 13.2).

    `targets` (N,).
    """
    N, starts = len(targets), bags.starts
    ends = torch.cat([starts[1:], torch.tensor([len(bags.features)])])
    label = targets.repeat_interleave(ends - starts)
    counts = torch.bincount(bags.features * V + label, minlength=F * V).reshape(F, V) + 1.0
    prior = torch.bincount(targets, minlength=V).double() / N
    return LinearClassifier((counts / counts.sum(0)).log(), prior.log().float())


def logistic_regression(
    bags: Bags, targets: Tensor, F: int, V: int, strength: float = 1.0
) -> LinearClassifier:
    """Multinomial logistic regression: the least of sum of losses + |weight|^2 / (2 `strength`).

    `targets` (N,). Convex, so L-BFGS (Liu and Nocedal 1989) finds the one best answer.
    """
    weight, bias = torch.zeros(F, V, requires_grad=True), torch.zeros(V, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [weight, bias], max_iter=MAX_ITERATIONS, tolerance_grad=1e-5, line_search_fn="strong_wolfe"
    )
    N = len(targets)

    def objective() -> Tensor:
        optimiser.zero_grad()
        loss = cross_entropy(bags.matmul(weight) + bias, targets)
        value = loss + weight.square().sum() / (2 * strength * N)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    with torch.enable_grad():
        optimiser.step(objective)  # type: ignore[no-untyped-call]
    return LinearClassifier(weight.detach(), bias.detach())
