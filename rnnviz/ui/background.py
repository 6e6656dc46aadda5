"""Results that take longer than 50 ms, computed outside the page's thread while it says so."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

from rnnviz.jobs.apart import Call
from rnnviz.ui import permalink, session
from rnnviz.ui.language import _
from rnnviz.ui.services.computations import Result, computations
from rnnviz.ui.visitor import visitor_id

T = TypeVar("T")

SLICE = 0.05
"""Seconds between two looks at a computation; what is there before the first has no sign."""


def computed(function: str, *args: Any) -> Any:
    """The result of `function`, "package.module:name", for `args`, shared by all visitors.

    The first time it is computed in another process. Meanwhile the page says so where this is
    called, and what it drew before stays visible; a change of the visitor interrupts the wait, and
    the computation ends unless somebody else waits for it. Outside a session, as in a download, it
    just waits.

    Raises:
        Problem: the computation failed.
    """
    call = Call(function, args)
    if not permalink.in_session():
        with computations().request(call, "download") as computation:
            return computation.future.result().value()
    sign = st.empty()
    return (computations().cached(call) or _wait(call, sign)).value()


def _wait(call: Call, sign: Any) -> Result:
    visitor = visitor_id() or session.session_id()
    with computations().request(call, visitor) as computation:
        latest: tuple[float, str] | None = None
        while True:
            try:
                result = computation.future.result(SLICE)
                break
            except TimeoutError:
                _yield_to_next_run()
            started = computation.has_started
            text = _("Computing …") if started else _("Waiting for other computations …")
            if (computation.share, text) != latest:
                latest = (computation.share, text)
                sign.progress(*latest)
    if latest is not None:
        sign.empty()
    return result


def _yield_to_next_run() -> None:
    """End this run if the visitor has changed something meanwhile."""
    context = get_script_run_ctx()
    if context is None:
        return
    context.yield_check()
    # A change inside a fragment waits for the end of a run, so it is turned into a run that does
    # not. The ticks of a fragment change nothing.
    requests = context.script_requests
    if (
        requests is not None
        and requests._state is ScriptRequestType.RERUN
        and not requests._rerun_data.is_auto_rerun
    ):
        st.rerun(scope="fragment" if context.fragment_ids_this_run else "app")


MAX_PENDING = 16
"""The most results that wait to be computed; of more, the oldest requests are dropped."""


def is_shutting_down() -> bool:
    """Whether the server is shutting down: it waits for every thread that is not a daemon."""
    return not threading.main_thread().is_alive()


class BackgroundCache(Generic[T]):
    """Computes one result after the other on a thread of its own, the latest request first.

    The latest `size` results are cached, without what was needed to compute them. `name` is the
    thread's. A server that shuts down waits for the result that is being computed, and no other.
    """

    def __init__(self, name: str, size: int) -> None:
        self._name, self._size = name, size
        self._lock = threading.Lock()
        self._pending: OrderedDict[str, Callable[[], T]] = OrderedDict()
        self._results: OrderedDict[str, Future[T]] = OrderedDict()
        self._busy, self._current_key = False, ""

    def get(self, key: str, compute: Callable[[], T]) -> Future[T] | None:
        """The result for `key`, or the error in its place; None until `compute` has returned.

        A caller that still needs a dropped result simply asks again.
        """
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
            if self._busy and key == self._current_key:
                return None
            self._pending[key] = compute
            self._pending.move_to_end(key)
            if len(self._pending) > MAX_PENDING:
                self._pending.popitem(last=False)
            if not self._busy:
                self._busy = True
                # Not a daemon: to be killed in the middle of PyTorch aborts the whole process.
                threading.Thread(target=self._run, name=self._name, daemon=False).start()
        return None

    def _run(self) -> None:
        while not is_shutting_down() and self._compute_next():
            pass

    def _compute_next(self) -> bool:
        """Compute one result; whether there was any. What it needed is released on return."""
        with self._lock:
            self._busy = bool(self._pending)
            if not self._busy:
                return False
            self._current_key, compute = self._pending.popitem()
        result: Future[T] = Future()
        try:
            result.set_result(compute())
        except Exception as error:
            result.set_exception(error)
        with self._lock:
            self._results[self._current_key] = result
            while len(self._results) > self._size:
                self._results.popitem(last=False)
        return True
