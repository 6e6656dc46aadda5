"""A page goes on with its session after a lost connection; nobody else's browser can."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from rnnviz.ui.visitor import COOKIE, VISITOR_ID

KEY = "rnnviz_browser"


@contextmanager
def own_sessions() -> Iterator[None]:
    """Let a browser go on only with sessions that were opened under its own cookie.

    For Streamlit, which compares who a session's user is, the browser is part of that; with another
    one's id a new session begins, and that one's goes on. All without a cookie count as one.
    """
    manager: Any = WebsocketSessionManager
    connect = manager.connect_session

    def connect_own(
        self: Any, client: Any, script_data: Any, user_info: Any, *others: Any, **options: Any
    ) -> Any:
        user = {**user_info, KEY: browser(client.client_context.cookies)}
        return connect(self, client, script_data, user, *others, **options)

    manager.connect_session = connect_own
    try:
        yield
    finally:
        manager.connect_session = connect


def browser(cookies: Mapping[str, str]) -> str | None:
    """What tells a browser from others without being its id; None without a valid cookie."""
    visitor = cookies.get(COOKIE, "")
    is_valid = VISITOR_ID.fullmatch(visitor)
    return hashlib.sha256(visitor.encode()).hexdigest() if is_valid else None
