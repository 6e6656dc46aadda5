"""Which browsers have a page open: asked of the runtime, so that no message can end a presence."""

import threading
import time
from collections.abc import Callable

from streamlit import runtime

FORGET_AFTER = 600.0
"""Seconds without connection or run after which a session is forgotten: longer than any lease."""

MAX_DISCONNECTED = 10_000
"""About the most sessions without a connection that are remembered."""


def is_connected(session: str) -> bool:
    """Whether the session with Streamlit's id `session` has a connection to a page right now."""
    # "is": a page that is tested runs in an imitation of the runtime, which says yes to everything.
    return runtime.exists() and runtime.get_instance().is_active_session(session) is True


class Presence:
    """The sessions of each owner, that is of a browser, with the time when each was seen last.

    Times are in seconds of `clock`; `is_connected` says whether a session has a connection.
    """

    def __init__(
        self,
        is_connected: Callable[[str], bool] = is_connected,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._is_connected, self._clock = is_connected, clock
        self._lock = threading.Lock()
        self._sessions: dict[str, tuple[str, float]] = {}  # the owner, and when it was seen last
        self._limit = MAX_DISCONNECTED

    def note(self, owner: str, session: str) -> None:
        """Note that a page of `owner` has run in this session."""
        with self._lock:
            self._sessions[session] = owner, self._clock()
            if len(self._sessions) > self._limit:
                # Never one that is connected: whoever opens many would end the others' presence.
                for other in [each for each in self._sessions if not self._is_connected(each)]:
                    del self._sessions[other]
                self._limit = len(self._sessions) + MAX_DISCONNECTED

    def present(self) -> set[str]:
        """The owners with a connected session; sessions that have long been gone are forgotten.

        A session that comes back after a lost connection keeps its id, and may run nothing.
        """
        with self._lock:
            sessions = dict(self._sessions)
        now = self._clock()
        connected = {session for session in sessions if self._is_connected(session)}
        with self._lock:
            for session, (owner, seen) in sessions.items():
                if session in connected:
                    self._sessions[session] = owner, now
                elif now - seen > FORGET_AFTER and self._sessions.get(session) == (owner, seen):
                    del self._sessions[session]
        return {sessions[session][0] for session in connected}
