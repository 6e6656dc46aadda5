"""Tables of vectors: at random, from GloVe; look-up, nearest words, analogies, a map.

V rows, D numbers in each.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnviz.data import glove
from rnnviz.ideas.text.dictionary import MASK, Dictionary

Vectors = NDArray[np.float32]

RANDOM_SIZE = 8
"""How many numbers a vector of a table has that is not GloVe's."""


def random_table(dictionary: Dictionary, seed: int = 0) -> Vectors:
    """(V, 8), normally distributed as nn.Embedding starts; the row of MASK is 0."""
    table = np.random.default_rng(seed).standard_normal((len(dictionary), RANDOM_SIZE))
    return _without_mask(table.astype(np.float32), dictionary)


def table_from(
    dictionary: Dictionary, words: Sequence[str], vectors: Vectors, otherwise: Vectors
) -> Vectors:
    """(V, D): the row of `vectors` (N, D) for each of its `words`; `otherwise` (V, D) elsewhere."""
    table = np.array(otherwise, dtype=np.float32)
    places = {word: place for place, word in enumerate(words)}
    for number in range(len(dictionary)):
        place = places.get(dictionary.name(number))
        if place is not None:
            table[number] = vectors[place]
    return _without_mask(table, dictionary)


def glove_table(dictionary: Dictionary) -> tuple[Vectors, int]:
    """(V, 50), a row of zeros where GloVe has no vector; and how many tokens have one."""
    words, vectors = glove().words, glove().vectors
    rows = [words.get(token) for token in dictionary.known]
    table = np.zeros((len(dictionary), vectors.shape[1]), dtype=np.float32)
    for place, row in enumerate(rows, len(dictionary.specials)):
        if row is not None:
            table[place] = vectors[row]
    return table, sum(row is not None for row in rows)


def _without_mask(table: Vectors, dictionary: Dictionary) -> Vectors:
    number = dictionary.special(MASK)
    if number is not None:
        table[number] = 0  # as padding_idx=0
    return table


def one_hot(number: int, V: int) -> Vectors:
    """(V,): 1 at the place `number`, 0 elsewhere."""
    vector = np.zeros(V, dtype=np.float32)
    vector[number] = 1
    return vector


def nearest(
    vector: Vectors, excluded: Iterable[str] = (), count: int = 8
) -> list[tuple[str, float]]:
    """The `count` words of GloVe with the largest cosine to `vector` (50,), and these cosines."""
    words, vectors = list(glove().words), glove().vectors
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(vector)
    cosines = vectors @ vector / np.maximum(lengths, 1e-12)
    left_out = set(excluded)
    order = np.argsort(-cosines, kind="stable")
    rows = [int(row) for row in order[: count + len(left_out)] if words[row] not in left_out]
    return [(words[row], float(cosines[row])) for row in rows[:count]]


def analogy(a: str, b: str, c: str) -> Vectors | None:
    """The vector of a - b + c (50,); None if GloVe lacks one of them."""
    words, vectors = glove().words, glove().vectors
    if not {a, b, c} <= words.keys():
        return None
    return np.asarray(vectors[words[a]] - vectors[words[b]] + vectors[words[c]])


def principal_axes(vectors: Vectors) -> tuple[Vectors, Vectors]:
    """The mean (D,) of `vectors` (N, D) and the two directions (2, D) in which they differ most.

    The sign of a direction makes its largest number positive, so that a map never flips.
    """
    mean = vectors.mean(0)
    _left, _values, rows = np.linalg.svd(vectors - mean, full_matrices=False)
    axes = rows[:2]
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(1)])
    return mean, axes * signs[:, None]
