"""XOR: the smallest problem that no straight line solves, with a hidden layer of four units.

Dimensions: S starts, Q = 4 questions, U hidden units.
"""

from dataclasses import dataclass

import numpy as np

from rnnviz.ideas.learning.flow import Activation, activate
from rnnviz.ideas.learning.hello import Array

QUESTIONS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
ANSWERS = np.array([0.0, 1.0, 1.0, 0.0])
S, U, STEPS, RATE = 10, 4, 500, 0.1
GRID = 31
SURE = 0.9
"""An answer counts as right if it has at least this probability."""


@dataclass(frozen=True, eq=False)
class Xor:
    """S trained networks.

    axis (GRID,); plane (GRID,GRID), the second input down: the probability of 1 that the best
    network gives; answers (S,Q): those of all networks to the four questions; best: which it is.
    """

    axis: Array
    plane: Array
    answers: Array
    best: int

    @property
    def right(self) -> Array:
        """(S,): how many of the four questions each network answers right, and surely."""
        count: Array = (np.abs(self.answers - ANSWERS) <= 1 - SURE).sum(1)
        return count

    @property
    def solved(self) -> int:
        """How many networks answer all four."""
        return int((self.right == len(ANSWERS)).sum())


def train_xor(activation: Activation) -> Xor:
    """Train from S starts with Adam, on all four questions at once."""
    drawn = []
    for seed in range(S):
        generator = np.random.default_rng(seed)
        drawn.append(
            (
                generator.standard_normal((U, 2)),
                generator.standard_normal((1, U)),
                generator.standard_normal((U, 1)),
            )
        )
    w1, b1, w2 = (np.stack(each) for each in zip(*drawn, strict=True))
    weights = [w1, b1, w2, b2 := np.zeros((S, 1, 1))]
    means, squares = ([np.zeros_like(w) for w in weights] for _each in range(2))
    for step in range(1, STEPS + 1):
        h, slope = activate(activation, QUESTIONS @ w1.swapaxes(1, 2) + b1)
        dlogit = (_sigmoid(h @ w2 + b2) - ANSWERS[:, None]) / len(ANSWERS)  # (S,Q,1)
        da = dlogit * w2.swapaxes(1, 2) * slope
        gradients = [
            da.swapaxes(1, 2) @ QUESTIONS,
            da.sum(1, keepdims=True),
            h.swapaxes(1, 2) @ dlogit,
            dlogit.sum(1, keepdims=True),
        ]
        for weight, mean, square, g in zip(weights, means, squares, gradients, strict=True):
            mean += 0.1 * (g - mean)
            square += 0.001 * (g**2 - square)
            scale = np.sqrt(square / (1 - 0.999**step)) + 1e-8
            weight -= RATE * mean / (1 - 0.9**step) / scale

    def answer(x: Array) -> Array:
        h = activate(activation, x @ w1.swapaxes(1, 2) + b1)[0]
        return _sigmoid(h @ w2 + b2)[..., 0]

    answers = answer(QUESTIONS)
    best = int(np.abs(answers - ANSWERS).sum(1).argmin())
    axis = np.linspace(-0.5, 1.5, GRID)
    points = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    return Xor(axis, answer(points)[best].reshape(GRID, GRID), answers, best)


def _sigmoid(x: Array) -> Array:
    result: Array = 1 / (1 + np.exp(-x))
    return result
