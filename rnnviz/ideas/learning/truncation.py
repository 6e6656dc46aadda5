"""Truncated backpropagation through time: what the scissors cut off the gradient.

An RNN reads T random inputs. Its state runs on, but the gradient stops at every cut.
Dimensions: S networks, T time steps, H units, I inputs.
"""

from dataclasses import dataclass

import numpy as np

from rnnviz.ideas.learning.hello import Array, LossAt

S, H, INPUTS = 10, 16, 8
RADIUS = 1.2
"""Spectral radius of W_hh: near the edge, so that the past matters."""
MAX_LENGTH = 60
PIECES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 24, 30, 40, 50, 60)
"""The lengths of a piece at which the angle is drawn."""


@dataclass(frozen=True, eq=False)
class Rnns:
    """Weights w_xh (S,H,I), w_hh (S,H,H); inputs x (T,S,I); the loss of a step is v_t · h_t."""

    w_xh: Array
    w_hh: Array
    x: Array
    v: Array


def draw(length: int) -> Rnns:
    """The networks of seed 0 to S-1, and the last `length` of their inputs and losses."""
    drawn = []
    for seed in range(S):
        generator = np.random.default_rng(seed)
        w_hh = generator.standard_normal((H, H))
        w_hh *= RADIUS / np.abs(np.linalg.eigvals(w_hh)).max()
        w_xh = generator.standard_normal((H, INPUTS)) * (0.3 / np.sqrt(INPUTS))
        x = generator.standard_normal((MAX_LENGTH, INPUTS))[-length:]
        v = generator.standard_normal((MAX_LENGTH, H))[-length:] / np.sqrt(H)
        drawn.append((w_xh, w_hh, x, v))
    w_xh, w_hh, x, v = (np.stack(each) for each in zip(*drawn, strict=True))
    return Rnns(w_xh, w_hh, x.swapaxes(0, 1), v.swapaxes(0, 1))


def gradient(rnns: Rnns, cut: int, loss_at: LossAt) -> tuple[Array, Array]:
    """The gradient of all weights (S,n), cut after every `cut` steps, and |dL/dh_t| (S,T).

    The n numbers are those of W_xh, W_hh and the bias, which is 0.
    """
    T = len(rnns.x)
    states = [np.zeros((S, H))]
    for x in rnns.x:
        recurrent = np.einsum("sij,sj->si", rnns.w_hh, states[-1])
        states.append(np.tanh(np.einsum("sij,sj->si", rnns.w_xh, x) + recurrent))
    das, norms, dh = np.zeros((T, S, H)), np.zeros((S, T)), np.zeros((S, H))
    for t in reversed(range(T)):
        if loss_at == "every" or t == T - 1:
            dh = dh + rnns.v[t]
        norms[:, t] = np.linalg.norm(dh, axis=-1)
        das[t] = dh * (1 - states[t + 1] ** 2)
        stops = t % cut == 0
        dh = np.zeros((S, H)) if stops else np.einsum("sij,si->sj", rnns.w_hh, das[t])
    dw_xh = np.einsum("tsi,tsj->sij", das, rnns.x)
    dw_hh = np.einsum("tsi,tsj->sij", das, np.stack(states[:-1]))
    return np.concatenate([dw_xh.reshape(S, -1), dw_hh.reshape(S, -1), das.sum(0)], 1), norms


@dataclass(frozen=True, eq=False)
class Truncation:
    """The cut gradient beside the full one, in the median network.

    Attributes:
        full, cut: |dL/dh_t| (T,), without and with scissors.
        pieces: lengths of a piece, those of `PIECES` that fit, the chosen one and T.
        angles: for each of them the angle to the full gradient in degrees.
        angle: that of the chosen one.
        saved: how many numbers have to be remembered at once to walk back: all states and inputs
            of one piece.
        saved_full: the same without scissors.
    """

    full: Array
    cut: Array
    pieces: tuple[int, ...]
    angles: Array
    angle: float
    saved: int
    saved_full: int


def truncation(length: int, cut: int, loss_at: LossAt) -> Truncation:
    """Cut the same walks in several ways."""
    rnns, piece = draw(length), min(cut, length)
    pieces = tuple(sorted({k for k in PIECES if k < length} | {piece, length}))
    full, full_norms = gradient(rnns, length, loss_at)
    angles = np.array([np.median(angle(gradient(rnns, k, loss_at)[0], full)) for k in pieces])
    return Truncation(
        full=np.median(full_norms, 0),
        cut=np.median(gradient(rnns, piece, loss_at)[1], 0),
        pieces=pieces,
        angles=angles,
        angle=float(angles[pieces.index(piece)]),
        saved=piece * (H + INPUTS),
        saved_full=length * (H + INPUTS),
    )


def angle(one: Array, other: Array) -> Array:
    """The angles between vectors (S,n) in degrees (S,)."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    result: Array = np.degrees(np.arccos(np.clip((one * other).sum(1) / lengths, -1, 1)))
    return result
