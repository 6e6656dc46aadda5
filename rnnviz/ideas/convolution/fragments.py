"""Which pieces of surnames the filters of a trained convolution look for.

K kernel size, V characters, F filters, N names.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from rnnviz.model import ConvolutionModel, ModelSpec
from rnnviz.tasks import TASKS
from rnnviz.tasks.classify.surnames import split_surnames
from rnnviz.text import PAD
from rnnviz.training import Experiment, Optimiser, Trainer

FILTERS, STEPS, ROWS = 32, 400, 8
BEST = 5
"""Fragments of a filter."""
FIRES = 0.6
"""The share of its largest value from which on a filter counts as having found its pattern."""
START = "^"
"""Stands before the first character of a name."""


@dataclass(frozen=True)
class Filter:
    """What one filter looks for.

    Attributes:
        index: its number in the layer.
        fragments: the pieces to which it answers most strongly, the strongest first.
        strength: its largest value on a training name.
        language: that of which its names are the most, compared with all names.
        names: of how many training names it finds its pattern.
        share: of these, the share in `language`; `base` is the share among all names.
        gain: names in `language` times the logarithm of share / base, which sorts the filters.
    """

    index: int
    fragments: tuple[str, ...]
    strength: float
    language: str
    names: int
    share: float
    base: float
    gain: float


@dataclass(frozen=True, eq=False)
class Fragments:
    """A trained convolution as tables that need no torch, and what its filters look for.

    Attributes:
        tables: (K,V,F) what each character adds to each filter, per place in the window.
        bias: (F,).
        ids: the row of each character; others have that of unknown ones.
        unknown: that row.
        accuracy: on the validation names.
        filters: at most one for each language, the most telling first.
    """

    tables: NDArray[np.float64]
    bias: NDArray[np.float64]
    ids: dict[str, int]
    unknown: int
    accuracy: float
    filters: tuple[Filter, ...]

    def values(self, name: str) -> NDArray[np.float64]:
        """(T,F) what each filter answers to the windows that end at each character of `name`."""
        return self.answers(windows(self.rows(name), len(self.tables)))

    def rows(self, name: str) -> list[int]:
        """The row of each character in the tables."""
        return [self.ids.get(character, self.unknown) for character in name]

    def answers(self, pieces: NDArray[np.int64]) -> NDArray[np.float64]:
        """(N,F) what each filter answers to windows of K rows (N,K)."""
        sums = self.bias + sum(
            table[rows] for table, rows in zip(self.tables, pieces.T, strict=True)
        )
        values: NDArray[np.float64] = np.maximum(sums, 0)
        return values


def windows(rows: Sequence[int], K: int) -> NDArray[np.int64]:
    """(T,K) the rows in the windows that end at each of T rows; before the first one lies PAD."""
    padded = np.array([*[PAD] * (K - 1), *rows])
    return np.lib.stride_tricks.sliding_window_view(padded, K)


def learn_fragments(kernel: int, seed: int) -> Fragments:
    """Train a convolution of that kernel size on the surnames and read its filters; 1 to 3 s."""
    task = TASKS["surnames"]()
    spec = ModelSpec(hidden=FILTERS, family="convolution", kernel=kernel, pool=1, embedding_size=16)
    trainer = Trainer(Experiment(task, spec, Optimiser(lr=0.01, steps=STEPS, batch=64), seed=seed))
    while not trainer.done:
        trainer.advance()
    assert isinstance(trainer.model, ConvolutionModel)
    return read_filters(trainer.model, trainer.validate())


def read_filters(model: ConvolutionModel, accuracy: float) -> Fragments:
    """The tables of a model of surnames with one layer, and what its filters look for."""
    (layer,) = model.stack
    assert model.embedding.table is not None
    with torch.no_grad():
        vectors = model.embedding.table.weight.double()
        weight = layer.get_parameter("convolution.weight").double()
        tables = torch.einsum("vi,fik->kvf", vectors, weight).numpy()
        bias = layer.get_parameter("convolution.bias").double().numpy()
    vocabulary = TASKS["surnames"]().vocabulary
    ids = {token: row for row, token in enumerate(vocabulary.tokens) if len(token) == 1}
    unknown = vocabulary.encode(["\0"])[0]
    net = Fragments(tables, bias, ids, unknown, accuracy, ())
    return replace(net, filters=_telling_filters(net))


def _telling_filters(net: Fragments) -> tuple[Filter, ...]:
    """The filter of each language that points to it most, if its names are mostly of it."""
    surnames, K = split_surnames()["train"], len(net.tables)
    pieces = np.concatenate([windows(net.rows(row.name), K) for row in surnames])
    starts = np.cumsum([0, *(len(row.name) for row in surnames[:-1])])
    unique, places, counts = np.unique(pieces, axis=0, return_inverse=True, return_counts=True)
    values = net.answers(unique)
    peaks = np.maximum.reduceat(values[places.ravel()], starts)
    codes = np.array([row.language for row in surnames])
    characters = {row: character for character, row in net.ids.items()} | {PAD: START}
    filters = []
    strengths = values.max(0)
    fires = (peaks >= FIRES * strengths) & (strengths > 0)
    for language in np.unique(codes):
        is_here = codes == language
        names, hits = fires.sum(0), fires[is_here].sum(0)
        share, base = hits / np.maximum(names, 1), float(is_here.mean())
        # Many names, and of another mixture than all: a filter that fires once proves nothing.
        gain = hits * np.log(np.maximum(share, 1e-9) / base)
        index = int(gain.argmax())
        strong = np.flatnonzero(values[:, index] >= FIRES * strengths[index])
        common = strong[np.argsort(-counts[strong] * values[strong, index], kind="stable")]
        texts = ["".join(characters.get(row, "?") for row in unique[at]) for at in common]
        texts = [START * text.startswith(START) + text.lstrip(START) for text in texts]
        filters.append(
            Filter(
                index,
                tuple(dict.fromkeys(texts))[:BEST],
                float(strengths[index]),
                str(language),
                int(names[index]),
                float(share[index]),
                base,
                float(gain[index]),
            )
        )
    best: dict[int, Filter] = {}
    for each in sorted(filters, key=lambda each: -each.gain):
        if each.gain > 0:
            best.setdefault(each.index, each)
    return tuple(best.values())[:ROWS]


def strongest(net: Fragments, name: str) -> tuple[Filter, str] | None:
    """The filter that answers most strongly to `name`, for what it can, and to which piece.

    None if no filter reaches `FIRES` of its largest value.
    """
    values, K = net.values(name), len(net.tables)
    best = max(net.filters, key=lambda each: float(values[:, each.index].max()) / each.strength)
    answers = values[:, best.index]
    if answers.max() < FIRES * best.strength:
        return None
    end = int(answers.argmax())
    start = end - K + 1
    return best, START * (start < 0) + name[max(start, 0) : end + 1]
