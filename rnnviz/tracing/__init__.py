"""One walk forward through a sequence, with everything that it computed."""

from rnnviz.tracing.layer_trace import (
    LayerTrace,
    LayerWalks,
    Trace,
    Walk,
    require_finite,
    rewalk,
    trace,
    validate,
    walk,
    walk_layers,
)

__all__ = [
    "LayerTrace",
    "LayerWalks",
    "Trace",
    "Walk",
    "require_finite",
    "rewalk",
    "trace",
    "validate",
    "walk",
    "walk_layers",
]
