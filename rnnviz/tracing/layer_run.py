"""One call of a layer as it is now: with which weights, and whether it computes its cell.

Dimensions: T time steps, I inputs, H hidden units, D directions, L layers.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from rnnviz.cells import (
    Layer,
    LayerCells,
    cell_type_of,
    is_plain,
    own_cells,
    require_values,
    run_layers,
)
from rnnviz.cells.cell_layer import cells_in
from rnnviz.messages import N_, Message, Problem
from rnnviz.tracing.inputs import validate
from rnnviz.tracing.layer_check import (
    compare_outputs,
    outputs_of,
    relative_difference,
    tolerance_of,
)

CALL_FAILED = N_(
    "The layer ({layer}), called as layer(x) with x of the shape {shape}, fails: {error}"
)
NOT_ITS_GRADIENT = N_(
    "Autograd goes back through the layer ({layer}) in another way than through its cell: the "
    "gradients of {what} differ by {difference} of the largest, as where a backward hook, or a "
    "forward of its own, changes or cuts them. Allowed is a layer that computes its cell."
)
INPUTS, WEIGHTS = N_("the inputs"), N_("the weights")
INFERENCE = N_(
    "The layer ({layer}) has weights that were made in torch.inference_mode(), through which "
    "autograd cannot go. Allowed are weights made outside of it, as by copy.deepcopy(layer) there."
)


@dataclass(frozen=True, eq=False)
class LayerRun:
    """What a layer computes with, and what it computed in one call.

    cells       with copies of the weights that the call used
    x           (T, I), a copy
    outputs     (T, D*H) of the call; None where the layer was not called
    is_plain    whether nothing stands between the layer and its cell: see `rnnviz.cells.is_plain`
    """

    layer: Layer
    cells: LayerCells
    x: Tensor
    is_plain: bool
    outputs: Tensor | None
    graph: tuple[Tensor, Tensor, list[Tensor | None]] | None = None
    """Outputs, x and, by cell and weight, those weights that autograd can follow back to."""

    def gradient_difference(self, arriving: Tensor) -> float:
        """How far autograd through the layer is from autograd through its cell, both as called.

        `arriving` (T, D*H) is dL/d outputs. Relative to the largest gradient; 0 for a plain layer.

        Raises:
            Problem: the difference is more than rounding.
        """
        if self.graph is None or not arriving.any():
            return 0.0
        outputs, x, weights = self.graph
        # Both are linear in `arriving`: so they stay in the range of the layer's type.
        arriving = (arriving / arriving.abs().max()).to(outputs.dtype)
        cells, leaves = with_leaves(self.cells)
        # A weight that stands in several places has one gradient, the sum of those of the places.
        places: dict[int, list[Tensor]] = {}
        for weight, leaf in zip(weights, leaves, strict=True):
            leaf.requires_grad_(weight is not None)
            if weight is not None:
                places.setdefault(id(weight), []).append(leaf)
        used = list({id(weight): weight for weight in weights if weight is not None}.values())
        with _differentiable(self.layer):
            theirs = _gradients(outputs, [x, *used], arriving)
            own_x = self.x.clone().requires_grad_()
            reference = run_layers(cells, own_x[:, None], training=self.layer.training)[0][:, 0]
            inputs = [own_x, *(leaf for group in places.values() for leaf in group)]
            gradients = iter(_gradients(reference, inputs, arriving))
            ours = [next(gradients)]
            for group in places.values():
                ours.append(torch.stack([next(gradients) for _ in group]).sum(0))
        tolerance = tolerance_of(self.x, outputs)
        worst = 0.0
        for what, pairs in ((INPUTS, slice(0, 1)), (WEIGHTS, slice(1, None))):
            difference = relative_difference(theirs[pairs], ours[pairs])
            if not difference <= tolerance:
                raise Problem(
                    NOT_ITS_GRADIENT,
                    layer=type(self.layer).__name__,
                    what=Message(what),
                    difference=f"{difference:.2g}",
                )
            worst = max(worst, difference)
        return worst


@contextmanager
def layer_run(
    layer: Layer, x: Tensor, *, check: bool, call: bool = False, gradient: bool = False
) -> Iterator[LayerRun]:
    """Call `layer` on x (T, I), and hold its outputs against those of its cell.

    A plain layer is called only with `call`; any other one exactly once, because its hooks decide
    its weights. Parameters and buffers are afterwards what they were before.
    `gradient`: whether `gradient_difference` will be of interest.

    Raises:
        Problem: as `rnnviz.trace`; or with `check`, a layer that does not compute its cell.
    """
    cell_type = cell_type_of(layer)
    require_values(layer)
    x, plain = validate(layer, x), is_plain(layer)
    if plain:
        cells = own_cells(layer, cells_in(layer, cell_type))
        with torch.no_grad():
            outputs = layer(x)[0] if call else None
        yield LayerRun(layer, cells, x, plain, outputs)
        return
    gradient = gradient and check
    with _unchanged(layer):
        leaf = x.clone().requires_grad_(gradient)
        with _differentiable(layer) if gradient else torch.no_grad():
            with _parametrised_weights(layer) as computed:
                result = _call(layer, leaf)
            used = cells_in(layer, cell_type, computed)
            cells, outputs = own_cells(layer, used), outputs_of(layer, result, x)
            if check:
                compare_outputs(layer, cells, x, result)
        graph = None
        if gradient:
            weights = [weight for sides in used for c in sides for weight in c.weights.values()]
            graph = (outputs, leaf, [w if w.requires_grad else None for w in weights])
        yield LayerRun(layer, cells, x, plain, outputs.detach(), graph)


def with_leaves(cells: LayerCells, dtype: torch.dtype | None = None) -> tuple[LayerCells, Any]:
    """`cells` with weights of which autograd keeps the gradients, and a list of these."""
    leaves: list[Tensor] = []

    def own(weight: Tensor) -> Tensor:
        leaves.append(weight.detach().to(dtype or weight.dtype, copy=True).requires_grad_())
        return leaves[-1]

    copies = tuple(
        tuple(
            replace(cell, **{name: own(weight) for name, weight in cell.weights.items()})
            for cell in sides
        )
        for sides in cells
    )
    return copies, leaves


@contextmanager
def _unchanged(layer: nn.Module) -> Iterator[None]:
    """Give parameters and buffers back the values that they have now, as power iterations do."""
    before = [(each, each.detach().clone()) for each in (*layer.parameters(), *layer.buffers())]
    try:
        yield
    finally:
        with torch.no_grad():
            for tensor, values in before:
                if not torch.equal(tensor, values) and not tensor.is_inference():
                    tensor.copy_(values)


@contextmanager
def _parametrised_weights(layer: nn.Module) -> Iterator[dict[str, Tensor]]:
    """The weights that parametrisations compute in a call, by name: the last of each is used.

    Read once more, they might be others: a spectral norm goes on with its power iteration.
    """
    computed: dict[str, Tensor] = {}

    def hook(name: str, _module: nn.Module, _inputs: object, weight: Tensor) -> None:
        computed[name] = weight

    handles = [
        each.register_forward_hook(partial(hook, name))
        for name, each in getattr(layer, "parametrizations", {}).items()
    ]
    try:
        yield computed
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _differentiable(layer: Layer) -> Iterator[None]:
    """With autograd; cuDNN goes back only through a layer in training mode, so without it else."""
    is_cuda = any(each.is_cuda for each in layer.parameters())
    flags = torch.backends.cudnn.flags(enabled=False) if is_cuda else nullcontext()
    with torch.enable_grad(), flags if not layer.training else nullcontext():
        yield


def _call(layer: Layer, x: Tensor) -> object:
    try:
        return layer(x)
    except Exception as error:
        if any(each.is_inference() for each in (*layer.parameters(), *layer.buffers())):
            raise Problem(INFERENCE, layer=type(layer).__name__) from error
        raise Problem(
            CALL_FAILED, layer=type(layer).__name__, shape=tuple(x.shape), error=error
        ) from error


def _gradients(outputs: Tensor, inputs: list[Tensor], arriving: Tensor) -> list[Tensor]:
    """Autograd's gradients of `inputs`; zero where none flows."""
    if not outputs.requires_grad:
        return [torch.zeros_like(each) for each in inputs]
    gradients = torch.autograd.grad(
        outputs, inputs, arriving, allow_unused=True, materialize_grads=True
    )
    return list(gradients)
