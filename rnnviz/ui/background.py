"""Results that take longer than 50 ms, computed outside the page's thread while it says so."""

from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

from rnnviz.jobs.apart import Call
from rnnviz.ui import permalink, session
from rnnviz.ui.language import _
from rnnviz.ui.services.computation import Result
from rnnviz.ui.services.computations import computations
from rnnviz.ui.visitor import visitor_id

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
