"""A request that comes while a run of its page ends waits until the page has all of that run."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

WAIT = 0.001
"""Seconds until the next look whether a run has ended."""


@contextmanager
def complete_runs() -> Iterator[None]:
    """Start no run of a page before the events of the one before have been handled.

    Streamlit starts the next run as soon as the script has ended, and from then on drops the events
    of the one before that still wait in the loop: elements that the page never gets, and the end of
    the run. A race asks for a run five times a second; with a control moved thirty times a second,
    one move in two hundred met this.
    """
    session: Any = AppSession
    request_rerun = session.request_rerun
    waiting: WeakKeyDictionary[Any, deque[Any]] = WeakKeyDictionary()

    def request_in_turn(self: Any, client_state: Any) -> None:
        requests = waiting.setdefault(self, deque())
        requests.append(client_state)
        if len(requests) == 1:
            make_first(self)

    def make_first(session: Any) -> None:
        requests = waiting[session]
        if is_ending(session):
            session._event_loop.call_later(WAIT, make_first, session)
            return
        client_state = requests.popleft()
        if requests:
            session._event_loop.call_soon(make_first, session)
        request_rerun(session, client_state)

    session.request_rerun = request_in_turn
    try:
        yield
    finally:
        session.request_rerun = request_rerun


def is_ending(session: Any) -> bool:
    """Whether the session's script takes no more requests, while its last events still come."""
    runner = session._scriptrunner
    return (
        runner is not None
        and session._state != AppSessionState.SHUTDOWN_REQUESTED
        and runner._requests._state is ScriptRequestType.STOP
    )
