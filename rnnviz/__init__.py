"""See how a recurrent network remembers and forgets.

The library behind the playground: `trace` walks a `torch.nn` layer forward, `backward` walks the
gradient back through time, `jacobians` measures how much of h_t is left in h_T. Names are resolved
on first use, so that importing the package costs nothing and never imports the screen.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnviz.gradients import Backward, Jacobians, LayerBackward, backward, jacobians
    from rnnviz.tracing import LayerTrace, Trace, trace

_HOMES = {
    "Trace": "tracing",
    "LayerTrace": "tracing",
    "trace": "tracing",
    "Backward": "gradients",
    "LayerBackward": "gradients",
    "Jacobians": "gradients",
    "backward": "gradients",
    "jacobians": "gradients",
}

__all__ = [
    "Backward",
    "Jacobians",
    "LayerBackward",
    "LayerTrace",
    "Trace",
    "backward",
    "jacobians",
    "trace",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"rnnviz.{_HOMES[name]}"), name)
