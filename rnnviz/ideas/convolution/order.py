"""Two words in a field of blanks: what a pooled convolution and a recurrent state know of order.

T positions, F filters, P pooled numbers, H hidden units.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from torch import Tensor
from torch.nn.functional import max_pool1d

from rnnviz.ideas.convolution.vectors import (
    BLANK,
    FEATURES,
    SEED,
    character_vectors,
    draw_weights,
)
from rnnviz.messages import N_
from rnnviz.model import IOSpec, ModelSpec, SequenceModel, build
from rnnviz.model.parts import ConvolutionFront
from rnnviz.settings import Choice, Range, check

T = 36
"""Positions of the field."""
START = 2
"""Where the first word stands at first."""
MAX_MOVE, MAX_GAP, MAX_WORD = 12, 12, 6
UNITS = 8
"""Filters of the convolution, and hidden units of the recurrent layer."""
PIECES = 6
"""The windows of max pooling that are laid side by side instead of pooling all of time."""
STILL = 1e-9
"""A relative change below which an answer has not changed but for rounding."""

Pooling = Literal["max", "average", "pieces"]


@dataclass(frozen=True)
class OrderSettings:
    """Two words, what is done with them, and how the convolution is pooled."""

    first: str = "dog"
    second: str = "man"
    start: Annotated[int, Range(0, MAX_MOVE)] = 9
    gap: Annotated[int, Range(0, MAX_GAP)] = 6
    swap: bool = False
    kernel: Annotated[int, Range(1, 15, label=N_("Kernel size"))] = 5
    pooling: Annotated[
        Pooling,
        Choice({"max": "max", "average": "average", "pieces": "pieces"}),
    ] = "max"

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, eq=False)
class Order:
    """Both answers before and after, and how far they would change in the other places.

    Attributes:
        before, after: the two texts of T characters.
        pooled, states: the answer of the convolution (P,), the last state (H,), before and after.
        pooled_change, state_change: ‖after − before‖ / ‖before‖.
        pooled_by_start, state_by_start: the same for each position of the first word, not swapped.
        pooled_by_gap, state_by_gap: for each number of blanks, the two words swapped.
    """

    settings: OrderSettings
    before: str
    after: str
    pooled: tuple[tuple[float, ...], tuple[float, ...]]
    states: tuple[tuple[float, ...], tuple[float, ...]]
    pooled_change: float
    state_change: float
    pooled_by_start: tuple[float, ...]
    state_by_start: tuple[float, ...]
    pooled_by_gap: tuple[float, ...]
    state_by_gap: tuple[float, ...]

    @property
    def is_blind(self) -> bool:
        """Whether the pooled answer is the same, although the text is not."""
        return self.before != self.after and self.pooled_change < STILL


def place(first: str, second: str, start: int, gap: int) -> str:
    """The field of T characters with both words."""
    words = f"{first}{BLANK * gap}{second}"
    return f"{BLANK * start}{words}".ljust(T, BLANK)[:T]


def models(settings: OrderSettings) -> tuple[ConvolutionFront, SequenceModel]:
    """Both models, untrained: what is shown holds for all weights.

    The recurrent weights start orthogonal, so that the state does not forget at once.
    """
    io_spec = IOSpec(FEATURES, 1, "many-to-one", tokens=False)
    spec = ModelSpec(hidden=UNITS, family="convolution", kernel=settings.kernel, pool=1)
    with torch.device("meta"):
        convolution = ConvolutionFront(spec, FEATURES)
    draw_weights(convolution, torch.Generator().manual_seed(SEED))
    spec = ModelSpec("rnn", hidden=UNITS, initialisation="orthogonal")
    recurrent = build(spec, io_spec, torch.Generator().manual_seed(SEED))
    assert isinstance(recurrent, SequenceModel)
    return convolution, recurrent.double()


@torch.no_grad()
def compare_order(settings: OrderSettings) -> Order:
    """Move or swap the words, and compare what both models make of the text."""
    s = settings
    words = (s.second, s.first) if s.swap else (s.first, s.second)
    before, after = place(s.first, s.second, START, s.gap), place(*words, s.start, s.gap)
    by_start = [place(s.first, s.second, start, s.gap) for start in range(MAX_MOVE + 1)]
    gaps = range(MAX_GAP + 1)
    by_gap = [place(s.first, s.second, START, gap) for gap in gaps]
    by_gap_swapped = [place(s.second, s.first, START, gap) for gap in gaps]
    texts = [before, after, *by_start, *by_gap, *by_gap_swapped]
    x = torch.stack([character_vectors(text) for text in texts])
    convolution, recurrent = models(settings)
    answers = []
    for vectors in (_pool(convolution, x, s.pooling), recurrent.recurrent(x)[0][:, -1]):
        starts, plain, swapped = vectors[2:].split([MAX_MOVE + 1, len(gaps), len(gaps)])
        answers.append(
            (
                (tuple(vectors[0].tolist()), tuple(vectors[1].tolist())),
                float(_change(vectors[0], vectors[1])),
                tuple(_change(vectors[0], starts).tolist()),
                tuple(_change(plain, swapped).tolist()),
            )
        )
    (pooled, pooled_change, pooled_starts, pooled_gaps) = answers[0]
    (states, state_change, state_starts, state_gaps) = answers[1]
    return Order(
        settings,
        before,
        after,
        pooled,
        states,
        pooled_change,
        state_change,
        pooled_starts,
        state_starts,
        pooled_gaps,
        state_gaps,
    )


def _pool(convolution: ConvolutionFront, x: Tensor, pooling: Pooling) -> Tensor:
    """The answers (B,P) of the convolution, pooled over time."""
    features: Tensor = convolution(x, torch.full((len(x),), T))
    if pooling == "pieces":
        return max_pool1d(features.mT, T // PIECES).flatten(1)
    return features.amax(1) if pooling == "max" else features.mean(1)


def _change(before: Tensor, after: Tensor) -> Tensor:
    """‖after − before‖ / ‖before‖ of the vectors in the last dimension; 0 where both are 0."""
    size: Tensor = before.norm(dim=-1)
    change: Tensor = (after - before).norm(dim=-1) / size.clamp_min(1e-300)
    return change
