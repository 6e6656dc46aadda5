"""Finite sets of labelled sequences: how they are split, and how batches are taken from them.

N examples, B of them in a batch, T time steps.
"""

import random
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.tasks.framework.batches import Batch, last_step_mask, pad_sequences, valid_mask
from rnnviz.tasks.framework.kinds import Split

HELD_OUT_SHARES: dict[Split, float] = {"validation": 0.1, "test": 0.1}
"""The share of the distinct examples that is kept from training."""


def split_distinct(
    keys: Sequence[Hashable], strata: Sequence[Hashable] | None = None
) -> dict[Split, list[int]]:
    """The row numbers of each split, such that rows with equal keys lie in one split.

    `strata` (N,): each of them, of three keys at least, is shared out alike; a key that has several
    counts to its rarest.
    The order is drawn by a seed of its own: a split is a constant of the data set.
    """
    if strata is None:
        strata = [None] * len(keys)
    sizes = Counter(strata)
    stratum_of: dict[Hashable, Hashable] = {}
    rows_of: dict[Hashable, list[int]] = {}
    for row, (key, stratum) in enumerate(zip(keys, strata, strict=True)):
        rows_of.setdefault(key, []).append(row)
        if key not in stratum_of or sizes[stratum] < sizes[stratum_of[key]]:
            stratum_of[key] = stratum
    groups: dict[Hashable, list[Hashable]] = {}
    for key, stratum in stratum_of.items():
        groups.setdefault(stratum, []).append(key)
    order = random.Random(0)
    by_split: dict[Split, list[int]] = {"train": [], "validation": [], "test": []}
    for group in groups.values():
        order.shuffle(group)
        size = len(group)
        for split, share in HELD_OUT_SHARES.items():
            count = max(1, round(share * size))
            held_out, group = group[:count], group[count:]
            by_split[split] += [row for key in held_out for row in rows_of[key]]
        by_split["train"] += [row for key in group for row in rows_of[key]]
    for rows in by_split.values():
        order.shuffle(rows)
    return by_split


@dataclass(frozen=True, eq=False)
class LabelledSequences:
    """N sequences, encoded once: `inputs` (N,T), padded at the end; `lengths`, `targets` (N,)."""

    inputs: Tensor
    lengths: Tensor
    targets: Tensor

    @classmethod
    def of(cls, sequences: Sequence[Sequence[int]], targets: Sequence[int]) -> "LabelledSequences":
        """The examples with these token ids and labels."""
        return cls(*pad_sequences(sequences), torch.tensor(targets))

    def __len__(self) -> int:
        return len(self.targets)

    def select(self, indices: Sequence[int] | Tensor, T: int | None = None) -> Batch:
        """The many-to-one batch of these examples, cut to the longest or padded to `T`."""
        rows = torch.as_tensor(indices)
        lengths = self.lengths[rows]
        width = int(lengths.max()) if T is None else T
        inputs = self.inputs[rows, : min(width, self.inputs.shape[1])]
        inputs = torch.nn.functional.pad(inputs, (0, width - inputs.shape[1]))
        return Batch(inputs, lengths, self.targets[rows], last_step_mask(lengths, width))

    def full_batch(self) -> Batch:
        """All of them as one batch."""
        return self.select(torch.arange(len(self)))


@dataclass(frozen=True, eq=False)
class SequencePairs:
    """N sequences, each with labels of its own, encoded once.

    `inputs` (N,T) and `targets` (N,U) are padded at the end; `lengths` and `sizes` (N,) are how
    long each of them is.
    """

    inputs: Tensor
    lengths: Tensor
    targets: Tensor
    sizes: Tensor

    @classmethod
    def of(cls, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> "SequencePairs":
        """The examples with these token ids and labels."""
        sequences, targets = zip(*pairs, strict=True)
        return cls(*pad_sequences(sequences), *pad_sequences(targets))

    def select(self, indices: Sequence[int] | Tensor) -> Batch:
        """The batch of these examples, cut to the longest; every label counts."""
        rows = torch.as_tensor(indices)
        lengths, sizes = self.lengths[rows], self.sizes[rows]
        T, U = int(lengths.max()), int(sizes.max())
        inputs, targets = self.inputs[rows, :T], self.targets[rows, :U]
        return Batch(inputs, lengths, targets, valid_mask(sizes, U))
