"""A network of two units that learns "hell" -> "ello", small enough to show every number.

h_t = tanh(W_xh x_t + W_hh h_{t-1} + b_h),  p_t = softmax(W_hy h_t + b_y),  x_t one-hot.

Dimensions: T = 4 time steps, H = 2 units, V = 4 letters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Weights = Mapping[str, Array]
LossAt = Literal["every", "last"]
Optimiser = Literal["sgd", "adam"]

LETTERS = "helo"
INPUTS, TARGETS = "hell", "ello"
H, V, T = 2, len(LETTERS), len(INPUTS)
SHAPES: dict[str, tuple[int, ...]] = {
    "W_xh": (H, V),
    "W_hh": (H, H),
    "b_h": (H,),
    "W_hy": (V, H),
    "b_y": (V,),
}
SEED = 5
"""The start with which the rates of `rnnviz.ideas.learning.rates` crawl, learn and diverge."""

_X = [LETTERS.index(letter) for letter in INPUTS]
_Y = [LETTERS.index(letter) for letter in TARGETS]


def initial_weights(seed: int = SEED) -> dict[str, Array]:
    """Weights from PyTorch's default distribution, uniform within 1/sqrt(H)."""
    generator = np.random.default_rng(seed)
    return {
        name: generator.uniform(-1, 1, shape) / np.sqrt(H)
        for name, shape in ((name, SHAPES[name]) for name in ("W_xh", "W_hh", "b_h", "W_hy", "b_y"))
    }


@dataclass(frozen=True, eq=False)
class Forward:
    """What one walk over the text computed.

    states (T+1,H) with h_0 = 0 first; probabilities (T,V); losses (T,) -ln p of the right letter.
    """

    states: Array
    probabilities: Array
    losses: Array

    @property
    def answer(self) -> str:
        """The letter that the network holds most likely, at each step."""
        return "".join(LETTERS[k] for k in self.probabilities.argmax(1))


@dataclass(frozen=True, eq=False)
class Backward:
    """Gradients of the loss: of every weight, and of h_1 ... h_T (T,H)."""

    weights: dict[str, Array]
    states: Array


def counted(loss_at: LossAt) -> Array:
    """(T,): how often the loss of each step counts in the loss of the whole text."""
    return np.ones(T) if loss_at == "every" else np.eye(T)[-1]


def forward(weights: Weights) -> Forward:
    """Read the text once."""
    h = np.zeros(H)
    states, probabilities = [h], []
    for x in _X:
        h = np.tanh(weights["W_xh"][:, x] + weights["W_hh"] @ h + weights["b_h"])
        logits = weights["W_hy"] @ h + weights["b_y"]
        shifted = np.exp(logits - logits.max())
        states.append(h)
        probabilities.append(shifted / shifted.sum())
    p = np.stack(probabilities)
    # A probability may be too small for a float64, and its loss is large all the same.
    losses = -np.log(np.maximum(p[np.arange(T), _Y], 1e-300))
    return Forward(np.stack(states), p, losses)


def backward(weights: Weights, walk: Forward, count: Array) -> Backward:
    """Walk back through time: local derivatives, multiplied from the loss to the first step."""
    gradients = {name: np.zeros(shape) for name, shape in SHAPES.items()}
    dstates, dh = np.zeros((T, H)), np.zeros(H)
    for t in reversed(range(T)):
        dlogits = count[t] * (walk.probabilities[t] - np.eye(V)[_Y[t]])
        gradients["W_hy"] += np.outer(dlogits, walk.states[t + 1])
        gradients["b_y"] += dlogits
        dstates[t] = dh + weights["W_hy"].T @ dlogits
        da = dstates[t] * (1 - walk.states[t + 1] ** 2)
        gradients["W_xh"][:, _X[t]] += da
        gradients["W_hh"] += np.outer(da, walk.states[t])
        gradients["b_h"] += da
        dh = weights["W_hh"].T @ da
    return Backward(gradients, dstates)


@dataclass(frozen=True, eq=False)
class TrainingStep:
    """One step of gradient descent: everything between two states of the weights.

    Attributes:
        before, after: the weights.
        walk: the forward walk with `before`.
        loss, new_loss: of the text, with `before` and with `after`.
        gradient: of that loss.
        shares: by step whose answer y_t is compared, the gradient of its loss alone; their sum is
            `gradient`. A loss that does not count has zeros.
    """

    before: dict[str, Array]
    after: dict[str, Array]
    walk: Forward
    loss: float
    new_loss: float
    gradient: Backward
    shares: tuple[Backward, ...]


def descend(rate: float, steps: int, loss_at: LossAt = "every") -> dict[str, Array]:
    """The weights after `steps` steps of plain gradient descent from the start."""
    weights, count = initial_weights(), counted(loss_at)
    for _step in range(steps):
        gradient = backward(weights, forward(weights), count).weights
        weights = {name: value - rate * gradient[name] for name, value in weights.items()}
    return weights


def training_step(rate: float, steps: int, loss_at: LossAt = "every") -> TrainingStep:
    """The training step that follows `steps` others."""
    before, count = descend(rate, steps, loss_at), counted(loss_at)
    walk = forward(before)
    gradient = backward(before, walk, count)
    after = {name: value - rate * gradient.weights[name] for name, value in before.items()}
    return TrainingStep(
        before=before,
        after=after,
        walk=walk,
        loss=float(count @ walk.losses),
        new_loss=float(count @ forward(after).losses),
        gradient=gradient,
        shares=tuple(backward(before, walk, count[t] * np.eye(T)[t]) for t in range(T)),
    )


def nudged_slope(
    weights: Weights, name: str, place: tuple[int, ...], count: Array, nudge: float = 1e-5
) -> float:
    """What a nudge of one weight to either side says about its gradient: a finite difference."""
    losses = []
    for sign in (1, -1):
        moved = {key: value.copy() for key, value in weights.items()}
        moved[name][place] += sign * nudge
        losses.append(float(count @ forward(moved).losses))
    return (losses[0] - losses[1]) / (2 * nudge)


def parameters() -> tuple[str, ...]:
    """The codes of all 26 numbers: "W_hh.0.1" is row 0, column 1 of W_hh."""
    return tuple(
        ".".join([name, *map(str, place)])
        for name, shape in SHAPES.items()
        for place in np.ndindex(*shape)
    )


def parse_parameter(code: str) -> tuple[str, tuple[int, ...]]:
    """The weight and the place in it that a code of `parameters` names."""
    name, *place = code.split(".")
    return name, tuple(map(int, place))


def parameter_title(code: str) -> str:
    """How a reader sees a code: W_hh[0, 1]."""
    name, place = parse_parameter(code)
    return f"{name}[{', '.join(map(str, place))}]"
