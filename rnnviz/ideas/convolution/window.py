"""A stack of causal convolutions over a text: what one of its cells sees, by formula and gradient.

T characters, L layers, F filters, I numbers of a vector.
"""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor

from rnnviz.ideas.convolution.vectors import FEATURES, SEED, character_vectors, draw_weights
from rnnviz.messages import N_
from rnnviz.model import ModelSpec
from rnnviz.model.parts import ConvolutionFront
from rnnviz.settings import Range, check

FILTERS = 16
MAX_LENGTH = 60
"""Characters of a text."""


@dataclass(frozen=True)
class WindowSettings:
    """A stack of convolutions: `doubling` dilates layer l by 2 to the power of l, from 1 on."""

    kernel: Annotated[int, Range(1, 15, label=N_("Kernel size"))] = 5
    dilation: Annotated[int, Range(1, 8, label=N_("Dilation"))] = 1
    layers: Annotated[int, Range(1, 4, label=N_("Layers"))] = 2
    doubling: bool = False

    def __post_init__(self) -> None:
        check(self)

    @property
    def dilations(self) -> tuple[int, ...]:
        """The dilation of each layer, the lowest first."""
        return tuple(2**k if self.doubling else self.dilation for k in range(self.layers))

    @property
    def field(self) -> int:
        """The receptive field: how many steps one cell of the last layer spans, in theory."""
        return 1 + (self.kernel - 1) * sum(self.dilations)

    @property
    def weights(self) -> int:
        """The parameters of the stack, biases included."""
        inputs = [FEATURES, *[FILTERS] * (self.layers - 1)]
        return sum(FILTERS * (self.kernel * size + 1) for size in inputs)


@dataclass(frozen=True, eq=False)
class Window:
    """What the stack makes of a text, and what the cell `at` of the last layer sees of it.

    Attributes:
        activations: per layer, the values (T,) of the filter that varies most.
        reads: per layer, the positions that the window of the cell reaches; negative ones lie
            before the text, where the layer reads zeros.
        influence: (T,) the norm of the gradient of the cell with respect to each character.
        measured: from the first to the last step with a gradient, on an input that is long enough.
        touched: how many of these steps have one.
    """

    settings: WindowSettings
    text: str
    at: int
    activations: tuple[tuple[float, ...], ...]
    reads: tuple[tuple[int, ...], ...]
    influence: tuple[float, ...]
    measured: int
    touched: int

    @property
    def visible(self) -> int:
        """How many characters of the text have an influence on the cell."""
        return sum(value > 0 for value in self.influence)


def make_stack(settings: WindowSettings) -> list[ConvolutionFront]:
    """The layers, with weights drawn from a fixed seed, without pooling."""
    sizes = [FEATURES, *[FILTERS] * (settings.layers - 1)]
    generator = torch.Generator().manual_seed(SEED)
    stack = []
    for size, dilation in zip(sizes, settings.dilations, strict=True):
        spec = ModelSpec(
            hidden=FILTERS,
            family="convolution",
            kernel=settings.kernel,
            dilation=dilation,
            pool=1,
        )
        with torch.device("meta"):
            layer = ConvolutionFront(spec, size)
        draw_weights(layer, generator)
        stack.append(layer)
    return stack


def look_through(settings: WindowSettings, text: str, at: int) -> Window:
    """Read `text`, of one character or more, and look back from the cell `at` of the last layer."""
    stack = make_stack(settings)
    x = character_vectors(text)
    activations = []
    with torch.no_grad():
        outputs = x[None]
        for layer in stack:
            outputs = layer(outputs, torch.tensor([len(text)]))
            varied = int(outputs[0].std(0, correction=0).argmax())
            activations.append(tuple(outputs[0, :, varied].tolist()))
    long = torch.randn(
        settings.field + 10, FEATURES, generator=torch.Generator().manual_seed(SEED)
    ).double()
    seen = influence(stack, long, len(long) - 1).nonzero()[:, 0]
    return Window(
        settings,
        text,
        at,
        tuple(activations),
        windows(settings, at),
        tuple(influence(stack, x, at).tolist()),
        len(long) - int(seen[0]) if len(seen) else 0,
        len(seen),
    )


def windows(settings: WindowSettings, at: int) -> tuple[tuple[int, ...], ...]:
    """The positions below each layer that lead to the cell `at` of the last one, lowest first."""
    positions, below = {at}, []
    for dilation in reversed(settings.dilations):
        positions = {t - j * dilation for t in positions for j in range(settings.kernel)}
        below.append(tuple(sorted(positions)))
    return tuple(reversed(below))


def influence(stack: list[ConvolutionFront], x: Tensor, at: int) -> Tensor:
    """(T,) the norm of the gradients of all filters of the cell `at` with respect to each x_t.

    The filters are rows of one batch, so that their gradients cannot cancel each other.
    """
    rows = x.expand(FILTERS, *x.shape).clone().requires_grad_()
    outputs: Tensor = rows
    lengths = torch.full((FILTERS,), len(x))
    for layer in stack:
        outputs = layer(outputs, lengths)
    filters = torch.arange(FILTERS)
    (gradient,) = torch.autograd.grad(outputs[filters, at, filters].sum(), rows)
    return gradient.square().sum((0, 2)).sqrt()
