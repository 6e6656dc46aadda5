"""Learning rates on the true loss surface of two weights; the other 24 are held."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from rnnviz.ideas.learning.hello import (
    INPUTS,
    LETTERS,
    TARGETS,
    Array,
    Optimiser,
    Weights,
    backward,
    counted,
    descend,
    forward,
    parse_parameter,
)

PAIRS: dict[str, tuple[str, str]] = {
    "memory": ("W_hh.0.0", "W_hy.2.0"),
    "input": ("W_hh.0.0", "W_xh.0.2"),
    "output": ("W_hy.2.0", "W_hy.2.1"),
}
"""Two weights by the code of the pair."""

WARM_STEPS, WARM_RATE = 25, 0.1
"""How all weights were trained before all but two are held."""

UPDATES = 40
EDGE = 6.0
"""The surface is drawn from -EDGE to EDGE in both directions."""
GRID = 41

CRAWLS_BELOW = 0.2
"""A descent that has covered less than this share of what was possible crawls."""

Fate = Literal["crawls", "learns", "diverges"]


@dataclass(frozen=True, eq=False)
class Descent:
    """A path over the loss surface of two weights.

    Attributes:
        axis: (GRID,) the values of either weight at which the surface was computed.
        surface: (GRID,GRID) the loss, the second weight down, the first across.
        path: (UPDATES+1,2) the weights after each update.
        losses: (UPDATES+1,) the loss there.
    """

    axis: Array
    surface: Array
    path: Array
    losses: Array

    @property
    def fate(self) -> Fate:
        """What became of it: more loss than at the start, hardly less, or less."""
        start, end = self.losses[0], self.losses[-1]
        if not end <= start:
            return "diverges"
        possible = start - min(self.surface.min(), self.losses.min())
        return "crawls" if start - end < CRAWLS_BELOW * possible else "learns"

    @property
    def outside(self) -> int:
        """How many points of the path lie beyond the map."""
        return int((np.abs(self.path) > EDGE).any(1).sum())


def descent(pair: str, rate: float, optimiser: Optimiser = "sgd") -> Descent:
    """Train the two weights of `pair` for `UPDATES` updates; the others stay."""
    codes = [parse_parameter(code) for code in PAIRS[pair]]
    weights = descend(WARM_RATE, WARM_STEPS)
    axis = np.linspace(-EDGE, EDGE, GRID)
    first, second = np.meshgrid(axis, axis)
    surface = surface_losses(weights, pair, first.ravel(), second.ravel()).reshape(GRID, GRID)
    count = counted("every")
    path, losses = [], []
    mean, square = np.zeros(2), np.zeros(2)
    for step in range(UPDATES + 1):
        walk = forward(weights)
        path.append([weights[name][place] for name, place in codes])
        losses.append(float(walk.losses @ count))
        gradients = backward(weights, walk, count).weights
        g = np.array([gradients[name][place] for name, place in codes])
        if optimiser == "adam":
            mean, square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g**2
            corrected = mean / (1 - 0.9 ** (step + 1))
            g = corrected / (np.sqrt(square / (1 - 0.999 ** (step + 1))) + 1e-8)
        for (name, place), change in zip(codes, g, strict=True):
            weights[name][place] -= rate * change
    return Descent(axis, surface, np.array(path), np.array(losses))


def surface_losses(weights: Weights, pair: str, first: Array, second: Array) -> Array:
    """The loss at G points: `first` and `second` (G,) are the values of the pair -> (G,)."""
    G = len(first)
    many = {name: np.repeat(value[None], G, 0) for name, value in weights.items()}
    for code, values in zip(PAIRS[pair], (first, second), strict=True):
        name, place = parse_parameter(code)
        many[name].reshape(G, -1)[:, np.ravel_multi_index(place, weights[name].shape)] = values
    h, total = np.zeros((G, 2)), np.zeros(G)
    for letter, target in zip(INPUTS, TARGETS, strict=True):
        recurrent = np.einsum("gij,gj->gi", many["W_hh"], h)
        h = np.tanh(many["W_xh"][:, :, LETTERS.index(letter)] + recurrent + many["b_h"])
        logits = np.einsum("gij,gj->gi", many["W_hy"], h) + many["b_y"]
        largest = logits.max(1)
        normaliser = largest + np.log(np.exp(logits - largest[:, None]).sum(1))
        total += normaliser - logits[:, LETTERS.index(target)]
    return total
