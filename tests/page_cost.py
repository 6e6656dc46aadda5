"""What a run of a page costs: calls that matter, counted in the script's thread."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest
import streamlit.testing.v1.app_test as app_test
import streamlit.testing.v1.local_script_runner as local_script_runner
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_cache import create_reference_msg
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.testing.v1 import AppTest

from rnnviz.ui.controls import slider_stops

TORCH = f"{Path('site-packages') / 'torch'}/"


@dataclass
class Cost:
    """What one run called and sent.

    Attributes:
        calls: of Python functions.
        torch: calls of torch's functions, in Python and below.
        figures: Plotly figures that were built or checked, or written as JSON.
        tables: data frames that were built.
        statements: of SQL.
        bytes: sent; a large message that the browser has already is only referred to.
        by_function: the Python functions called most, to see where a cost comes from.
    """

    calls: int = 0
    torch: int = 0
    figures: int = 0
    tables: int = 0
    statements: int = 0
    bytes: int = 0
    by_function: Counter[str] = field(default_factory=Counter)

    def over(self, limits: Mapping[str, int]) -> dict[str, tuple[int, int]]:
        """What exceeds its limit: the count and the limit."""
        counts = {name: getattr(self, name) for name in limits}
        return {
            name: (counts[name], limit) for name, limit in limits.items() if counts[name] > limit
        }


class Meter:
    """Counts what the runs of pages cost while it is installed and `is_on`, which slows them.

    `cost` is that of the latest such run.
    """

    def __init__(self) -> None:
        self.cost = Cost()
        self.is_on = False
        self._browser: set[str] = set()

    @contextmanager
    def installed(self) -> Iterator["Meter"]:
        """Count all runs of `AppTest`, with compiled scripts cached as on the server."""
        scripts = ScriptCache()
        run_script, enqueue = ScriptRunner._run_script, ScriptRunContext.enqueue

        def run(runner: ScriptRunner, data: Any) -> None:
            self.cost = Cost()
            if self.is_on:
                sys.setprofile(self._count)
            try:
                run_script(runner, data)
            finally:
                sys.setprofile(None)

        def send(ctx: ScriptRunContext, message: ForwardMsg) -> None:
            enqueue(ctx, message)
            is_cached = message.metadata.cacheable and message.hash in self._browser
            self.cost.bytes += (create_reference_msg(message) if is_cached else message).ByteSize()
            self._browser.add(message.hash)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(app_test, "ScriptCache", lambda: scripts)
            patch.setattr(local_script_runner, "ScriptCache", lambda: scripts)
            patch.setattr(ScriptRunner, "_run_script", run)
            patch.setattr(ScriptRunContext, "enqueue", send)
            yield self

    def _count(self, frame: FrameType, event: str, function: Any) -> None:
        cost = self.cost
        if event == "call":
            code = frame.f_code
            cost.calls += 1
            name, path = code.co_qualname, code.co_filename
            cost.by_function[f"{path}:{name}"] += 1
            cost.torch += TORCH in path
            cost.figures += name in ("BaseFigure.__init__", "to_json_plotly")
            cost.tables += name == "DataFrame.__init__"
        elif event == "c_call":
            owner = getattr(function, "__self__", None)
            module = (
                owner.__name__
                if isinstance(owner, ModuleType)
                else getattr(type(owner), "__module__", "")
            )
            cost.torch += str(module).partition(".")[0] == "torch"
            cost.statements += module == "sqlite3" and function.__name__.startswith("execute")


def controls(at: AppTest) -> list[str]:
    """The keys of the page's own controls that `move` can move, in their order on the page."""
    shapes = at.session_state["_settings"].shapes
    kinds = ("slider", "select_slider", "selectbox", "button_group", "toggle")
    return [node.key for node in at.main if node.type in kinds and node.key in shapes]


def other_value(at: AppTest, key: str) -> Any:
    """A value next to that of a control."""
    widget, shape = control(at, key), at.session_state["_settings"].shapes[key]
    if shape is None:
        return not widget.value
    if widget.type == "slider":
        return widget.value + (widget.step if widget.value < widget.max else -widget.step)
    if widget.type == "select_slider":
        options = list(slider_stops(*shape))
    else:
        options = [code for code, _label in shape]
    if isinstance(widget.value, list):  # Some of them are left.
        return widget.value[:-1] if len(widget.value) > 1 else options[:2]
    number = options.index(widget.value)
    return options[number + 1 if number + 1 < len(options) else number - 1]


def control(at: AppTest, key: str) -> Any:
    """The control with this key."""
    return next(node for node in at.main if getattr(node, "key", None) == key)
