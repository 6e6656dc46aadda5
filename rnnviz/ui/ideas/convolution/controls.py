"""The controls that several parts of the page share, with one value in all of them."""

from typing import Any

from rnnviz.messages import N_
from rnnviz.settings import Range
from rnnviz.ui import controls
from rnnviz.ui.language import _

KERNEL = Range(1, 15, label=N_("Kernel size"))
DILATION = Range(1, 8, label=N_("Dilation"))
LAYERS = Range(1, 4, label=N_("Layers"))
POOL = Range(1, 8, label=N_("Pooling size"))


def kernel_slider(container: Any) -> int:
    """How many steps a window reads."""
    help_text = _("How many steps a window reads at once; the same weights at every position.")
    size: int = controls.slider(
        "convolution.kernel", "", KERNEL, 5, help=help_text, container=container
    )
    return size


def dilation_slider(container: Any) -> int:
    """How far apart these steps are."""
    help_text = _(
        "The distance between two inputs of a kernel: with 2 it reads every other step and "
        "reaches twice as far with the same weights."
    )
    distance: int = controls.slider(
        "convolution.dilation", "", DILATION, 1, help=help_text, container=container
    )
    return distance


def layers_slider(container: Any) -> int:
    """How many convolutions are stacked."""
    help_text = _("Convolutions on top of one another: each reads the answers of the one below.")
    count: int = controls.slider(
        "convolution.layers", "", LAYERS, 2, help=help_text, container=container
    )
    return count


def pool_slider(container: Any) -> int:
    """How many steps a pooling window makes into one."""
    help_text = _(
        "How many steps become one (subsampling): their maximum or their average. 1: no pooling."
    )
    size: int = controls.slider(
        "convolution.pool", "", POOL, 5, help=help_text, container=container
    )
    return size
