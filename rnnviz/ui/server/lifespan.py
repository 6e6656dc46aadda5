"""What starts and ends with the server, and what each request and response passes through."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from streamlit.runtime.pages_manager import PagesManager

from rnnviz.ui.server.collector import short_collections
from rnnviz.ui.server.inputs import checked_inputs
from rnnviz.ui.server.log import bounded_log
from rnnviz.ui.server.messages import MessageCheck
from rnnviz.ui.server.protection import HostCheck, SecurityHeaders, only_our_host_check
from rnnviz.ui.server.runs import complete_runs
from rnnviz.ui.server.sessions import own_sessions
from rnnviz.ui.server.shutdown import Shutdown
from rnnviz.ui.services import component_scripts, numbers
from rnnviz.ui.services.training import service
from rnnviz.ui.vanishing import study
from rnnviz.ui.visitor import VisitorCookie

MANY_FILES = 65_536


@asynccontextmanager
async def lifespan(server: st.App) -> AsyncIterator[None]:
    """Start what all visitors share before the first one comes, and close it after the last."""
    # A folder "pages" beside the script makes Streamlit treat the very first run as an old-style
    # app, in which a deep link shows "Page not found" over the right page. There is no public
    # switch; st.navigation sets this one, too late. tests/browser/test_frame.py tests it.
    PagesManager.uses_pages_directory = False
    allow_many_files()
    shutdown = Shutdown()
    shutdown.install()
    service()  # with the store; its forkserver imports torch meanwhile
    study.prefetch()
    try:
        with (
            only_our_host_check(),
            checked_inputs(),
            own_sessions(),
            complete_runs(),
            bounded_log(),
            short_collections(),
        ):
            yield
    finally:
        await shutdown.finish()


def routes() -> list[BaseRoute]:
    """What is fetched beside the pages."""
    return [numbers.route(), component_scripts.route()]


def middleware() -> list[Middleware]:
    """What each request passes through before it reaches Streamlit."""
    return [
        Middleware(SecurityHeaders),
        Middleware(HostCheck),
        Middleware(MessageCheck),
        Middleware(VisitorCookie),
    ]


def allow_many_files() -> None:
    """Let the process open as many files and connections as the system allows it.

    Many systems begin with 1024, which two hundred pages use up; then nothing can be stored.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        limit = MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, MANY_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, limit), hard))
