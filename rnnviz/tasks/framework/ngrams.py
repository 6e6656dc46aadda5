"""Predicting the next symbol from the one or two before it: what a network has to beat.

V symbols, T steps.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence


class NGrams:
    """Shares of the next symbol after up to `order` - 1 others, counted in `text`.

    Interpolated by Witten and Bell: after a context that was followed c times, by d different
    symbols, the shorter context has the weight d / (d + c); the shortest is the uniform 1 / V.
    There is nothing to tune. Source: Chen and Goodman 1998, "An Empirical Study of Smoothing
    Techniques for Language Modeling", section 2.6. Order 1 is a unigram, order 3 a trigram.
    """

    def __init__(self, text: Sequence[int], V: int, order: int) -> None:
        self.order, self.V = order, V
        # By length of the context: how often a symbol, any symbol, and how many symbols follow.
        self._counts: list[Counter[tuple[int, ...]]] = []
        self._totals: list[Counter[tuple[int, ...]]] = []
        self._kinds: list[Counter[tuple[int, ...]]] = []
        for size in range(order):
            runs = Counter(zip(*(text[start:] for start in range(size + 1)), strict=False))
            totals: Counter[tuple[int, ...]] = Counter()
            kinds: Counter[tuple[int, ...]] = Counter()
            for run, count in runs.items():
                totals[run[:-1]] += count
                kinds[run[:-1]] += 1
            self._counts.append(runs)
            self._totals.append(totals)
            self._kinds.append(kinds)

    def probability(self, symbol: int, context: tuple[int, ...]) -> float:
        """The probability of `symbol` after `context`, of which the last `order` - 1 count."""
        share = 1 / self.V
        for size in range(min(len(context), self.order - 1) + 1):
            suffix = context[len(context) - size :]
            total = self._totals[size][suffix]
            if not total:
                break
            kinds = self._kinds[size][suffix]
            share = (self._counts[size][(*suffix, symbol)] + kinds * share) / (total + kinds)
        return share

    def loss(self, sequences: Iterable[Sequence[int]]) -> float:
        """The mean cross entropy, in nats, of every symbol but the first of each sequence.

        Like a network that starts with an empty state, it knows of a sequence only what it has
        read there.
        """
        lost, steps = 0.0, 0
        for symbols in sequences:
            for t in range(1, len(symbols)):
                context = tuple(symbols[max(0, t - self.order + 1) : t])
                lost -= math.log(self.probability(symbols[t], context))
            steps += len(symbols) - 1
        return lost / steps
