"""Values forward and gradients backward, through layers or through time.

A feed-forward network has a matrix per layer and one input; an RNN has one matrix and an input at
each step. Dimensions: S networks, T layers or time steps, H units.
"""

from dataclasses import dataclass
from math import comb
from typing import Literal

import numpy as np

from rnnviz.ideas.learning.hello import Array

Kind = Literal["layers", "time"]
Activation = Literal["identity", "sigmoid", "tanh", "relu"]

ACTIVATIONS: dict[str, str] = {
    "identity": "linear",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "ReLU",
}
S, H, INPUTS = 10, 32, 16
MAX_DEPTH = 50
DEFAULT_RADIUS = 3**-0.5
"""The spectral radius that PyTorch's start, uniform within 1/sqrt(H), has for many units: 0.58."""

COIN_SHARE = 0.5 + comb(H, H // 2) / 2 ** (H + 1)
"""The share of the more frequent side that H tossed coins have on average: 0.57."""


@dataclass(frozen=True, eq=False)
class Flow:
    """What S random networks do.

    states     (S,T,H) the values of each layer or step
    values     (S,T)   their length |h_t|
    gradients  (S,T)   |dL/dh_t| of a loss on the last one, where a gradient of length 1 enters
    agreement  how many of a unit's recurrent weights are pushed the same way by one step's
               gradient: the share of the more frequent sign, averaged; coins have `COIN_SHARE`
    """

    states: Array
    values: Array
    gradients: Array
    agreement: float

    @property
    def remaining(self) -> float:
        """How much of the gradient reaches the first layer or step, in the median network."""
        return float(np.median(self.gradients[:, 0]))

    @property
    def final_value(self) -> float:
        """|h_T| in the median network."""
        return float(np.median(self.values[:, -1]))


def activate(activation: Activation, x: Array) -> tuple[Array, Array]:
    """The values of the activation, and its slopes."""
    if activation == "identity":
        return x, np.ones_like(x)
    if activation == "sigmoid":
        value = 1 / (1 + np.exp(-x))
        return value, value * (1 - value)
    if activation == "tanh":
        value = np.tanh(x)
        return value, 1 - value**2
    return np.maximum(x, 0), (x > 0).astype(float)


@dataclass(frozen=True, eq=False)
class Networks:
    """S random networks: matrices (T,S,H,H), all the same through time, and inputs (T,S,H)."""

    matrices: Array
    inputs: Array
    directions: Array


def draw(kind: Kind, depth: int, radius: float | None) -> Networks:
    """The networks of seed 0 to S-1; a network keeps its draw while the depth changes.

    Each matrix is uniform within 1/sqrt(H), multiplied so that its spectral radius is `radius`:
    that of the RNN exactly, that of the layers on average. None: as PyTorch starts.
    """
    matrices, inputs, directions = [], [], []
    for seed in range(S):
        generator = np.random.default_rng(seed)
        count = MAX_DEPTH if kind == "layers" else 1
        w_x = generator.uniform(-1, 1, (H, INPUTS)) / np.sqrt(H)
        x = generator.standard_normal((MAX_DEPTH, INPUTS)) @ w_x.T
        v = generator.standard_normal(H)
        w = generator.uniform(-1, 1, (count, H, H)) / np.sqrt(H)
        if radius is not None:
            own = DEFAULT_RADIUS if kind == "layers" else np.abs(np.linalg.eigvals(w[0])).max()
            w = w * (radius / own)
        if kind == "layers":
            x[1:] = 0
        matrices.append(np.broadcast_to(w if kind == "time" else w[:depth], (depth, H, H)))
        inputs.append(x[:depth])
        directions.append(v / np.linalg.norm(v))
    return Networks(np.stack(matrices, 1), np.stack(inputs, 1), np.stack(directions))


def flow(kind: Kind, activation: Activation, depth: int, radius: float | None = None) -> Flow:
    """Walk the networks forward, and the gradient of v · h_T back."""
    networks = draw(kind, depth, radius)
    h = np.zeros((S, H))
    states, slopes, before = [], [], []
    for w, x in zip(networks.matrices, networks.inputs, strict=True):
        before.append(h)
        h, slope = activate(activation, np.einsum("sij,sj->si", w, h) + x)
        states.append(h)
        slopes.append(slope)
    dh, norms, agreements = networks.directions, [], []
    for w, slope, previous in zip(networks.matrices[::-1], slopes[::-1], before[::-1], strict=True):
        norms.append(np.linalg.norm(dh, axis=-1))
        da = dh * slope
        agreements.append(_sign_agreement(da[:, :, None] * previous[:, None, :]))
        dh = np.einsum("sij,si->sj", w, da)
    all_states = np.stack(states, 1)
    return Flow(
        states=all_states,
        values=np.linalg.norm(all_states, axis=-1),
        gradients=np.stack(norms[::-1], 1),
        agreement=float(np.nanmean(agreements[:-1])) if depth > 1 else float("nan"),
    )


def _sign_agreement(gradients: Array) -> float:
    """The share of the more frequent sign in each row of (S,H,H), on average over the rows."""
    positive, negative = (gradients > 0).sum(-1), (gradients < 0).sum(-1)
    total = positive + negative
    rows = total > 0
    if not rows.any():
        return float("nan")
    return float((np.maximum(positive, negative)[rows] / total[rows]).mean())
