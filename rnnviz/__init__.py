"""See how a recurrent network remembers and forgets.

The library behind the playground: `trace` walks a `torch.nn` layer forward, `backward` walks the
gradient back through time, `jacobians` measures how much of h_t is left in h_T. Names are resolved
on first use, so that importing the package costs nothing and never imports the screen.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnviz import data
    from rnnviz.gradients import Backward, Jacobians, LayerBackward, backward, jacobians
    from rnnviz.tracing import LayerTrace, Trace, trace

    __version__: str

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
    "data",
    "jacobians",
    "trace",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name == "data":
        return import_module("rnnviz.data")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"rnnviz.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    private = {"Any", "TYPE_CHECKING", "import_module", "_HOMES", "_version"}
    return sorted({*globals(), *__all__, "__version__"} - private)


def _version() -> str:
    """The version of the checkout around this package, else that of the installed package."""
    from importlib.metadata import PackageNotFoundError, version
    from pathlib import Path
    from tomllib import loads

    project = Path(__file__).resolve().parents[1] / "pyproject.toml"
    if project.is_file():
        settings = loads(project.read_text(encoding="utf-8")).get("project", {})
        if settings.get("name") == "rnnviz":
            return str(settings["version"])
    try:
        return version("rnnviz")
    except PackageNotFoundError:
        return "0+unknown"
