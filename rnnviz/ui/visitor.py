"""Who a visitor is: a browser, known by a random id in a cookie that the server sets."""

import re
import secrets

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "rnnviz_visitor"
VISITOR_ID = re.compile(r"[0-9a-f]{32}")


def visitor_id() -> str | None:
    """The id of the visitor's browser, the same in all its tabs; None without a valid cookie.

    Whoever knows it can act as that visitor: it belongs in no page, link or log.
    """
    return _valid(st.context.cookies.get(COOKIE))


class VisitorCookie:
    """ASGI middleware that sets the cookie with a page, where it is missing or malformed.

    Scripts cannot read it, and other sites' forms and frames do not send it. It ends with the
    browser: nobody is recognised on another day.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; only the start of a page's response gets one header more."""
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or _valid(HTTPConnection(scope).cookies.get(COOKIE))
        ):
            await self._app(scope, receive, send)
            return

        accepts_page = "text/html" in Headers(scope=scope).get("accept", "")

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # "Not modified" is the answer to a browser that has the page but not the cookie,
                # which ended with its last window.
                is_page = message["status"] == 304 and accepts_page
                if is_page or headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", _new_cookie(scope))
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _valid(value: object) -> str | None:
    return value if isinstance(value, str) and VISITOR_ID.fullmatch(value) else None


def _new_cookie(scope: Scope) -> str:
    secure = "; Secure" if scope["scheme"] == "https" else ""
    return f"{COOKIE}={secrets.token_hex(16)}; Path=/; HttpOnly; SameSite=Lax{secure}"
