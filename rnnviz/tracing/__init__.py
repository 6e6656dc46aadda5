"""One walk forward through a sequence, with everything that it computed."""

from torch.serialization import add_safe_globals

from rnnviz.cells import CELLS
from rnnviz.tracing.inputs import validate
from rnnviz.tracing.layer_check import relative_difference
from rnnviz.tracing.layer_run import LayerRun, layer_run, with_leaves
from rnnviz.tracing.layer_trace import LayerTrace, Trace, trace
from rnnviz.tracing.results import FrozenDict, Result, saturation
from rnnviz.tracing.walks import LayerWalks, Walk, require_finite, rewalk, walk, walk_layers

__all__ = [
    "FrozenDict",
    "LayerRun",
    "LayerTrace",
    "LayerWalks",
    "Result",
    "Trace",
    "Walk",
    "layer_run",
    "relative_difference",
    "require_finite",
    "rewalk",
    "saturation",
    "trace",
    "validate",
    "walk",
    "walk_layers",
    "with_leaves",
]

# What `torch.load` may make without being told to trust the file: values without behaviour.
add_safe_globals([Trace, LayerTrace, Walk, FrozenDict, *CELLS.values()])
