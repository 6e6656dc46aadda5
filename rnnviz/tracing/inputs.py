"""What a layer and its sequence must be. Dimensions: T time steps, I inputs."""

from itertools import chain

from torch import Tensor

from rnnviz.cells import Layer
from rnnviz.messages import N_, Problem

NOT_A_SEQUENCE = N_(
    "x has the shape {shape}; allowed is (time steps, features) = (T, {size}) with T at least 1."
)
NOT_A_TENSOR = N_("x is a {actual}; allowed is a torch.Tensor of shape (T, {size}).")
NOT_ALIKE = N_(
    "x is {actual}, the layer {allowed}; allowed is the same for both, as after x.to({allowed})."
)
NO_VALUES = N_("x is on the device meta, where it has a shape but no values; allowed are values.")
BAD_INPUT = N_("x[{step}, {feature}] is {value}; allowed are finite numbers.")
DROPS_OUT = N_(
    "The layer drops out {share} of its units at random while it is in training mode; "
    "call layer.eval() first."
)


def validate(layer: Layer, x: Tensor) -> Tensor:
    """Return a copy of x, detached, or raise a `Problem` that says what is wrong with it."""
    size = layer.input_size
    if not isinstance(x, Tensor):
        raise Problem(NOT_A_TENSOR, actual=type(x).__name__, size=size)
    if x.dim() != 2 or x.shape[0] < 1 or x.shape[1] != size:
        raise Problem(NOT_A_SEQUENCE, shape=tuple(x.shape), size=size)
    if x.is_meta:
        raise Problem(NO_VALUES)
    weight = _weight(layer)
    for actual, allowed in ((x.dtype, weight.dtype), (x.device, weight.device)):
        if actual != allowed:
            raise Problem(NOT_ALIKE, actual=actual, allowed=allowed)
    bad = (~x.isfinite()).nonzero()
    if len(bad):
        step, feature = bad[0].tolist()
        raise Problem(BAD_INPUT, step=step, feature=feature, value=x[step, feature].item())
    if layer.training and layer.dropout and layer.num_layers > 1:
        raise Problem(DROPS_OUT, share=layer.dropout)
    return x.detach().clone()


def _weight(layer: Layer) -> Tensor:
    """A weight with the type and the device of `layer`.

    A parameter, because a computed weight stays as it was until the next call.
    """
    for tensor in chain(layer.parameters(), layer.buffers()):
        if tensor.is_floating_point():
            return tensor
    weight = layer.weight_ih_l0
    assert isinstance(weight, Tensor)
    return weight
