"""What protects the pages from other web sites: the names that the server answers to, and headers.

A page of another site can have its own name resolve to this server's address ("DNS rebinding");
the browser then takes both for one site, and lets that page do and read everything here. It cannot
do so with an address that is a number or with a name that it does not own.
"""

import ipaddress
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache

from h11 import LocalProtocolError
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

OPTION = "server.allowedHosts"

REFUSAL = (
    "This server does not answer to that name. Whoever runs it allows a name with the option"
    f" --{OPTION}, see SERVING.md."
)

HEADERS = {
    # Nothing is fetched from other hosts, no page is shown inside one of another site, and what a
    # page's address says of its visitor is not passed on.
    "Content-Security-Policy": (
        "connect-src 'self' data: blob:; img-src 'self' data: blob:; media-src 'self' data: blob:;"
        " font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self';"
        " frame-ancestors 'self'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:/?#@\s]+)(:\d+)?", re.IGNORECASE)


class HostCheck:
    """ASGI middleware that refuses requests and websockets for names that are not the server's.

    Its names are all numeric addresses, localhost, the machine's own name, and those of the option
    `server.allowedHosts`, of which "*" allows all.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._names = frozenset(name.strip().lower() for name in config.get_option(OPTION))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is for this server."""
        host = Headers(scope=scope).get("host") if scope["type"] != "lifespan" else None
        if host is None or is_allowed(host, self._names):  # every browser sends a name
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        else:
            await PlainTextResponse(REFUSAL, status_code=421)(scope, receive, send)


@contextmanager
def only_our_host_check() -> Iterator[None]:
    """Let Streamlit accept all names: with one in the option it would refuse numeric addresses."""
    names = config.get_option(OPTION)
    config.set_option(OPTION, ["*"])
    try:
        yield
    finally:
        config.set_option(OPTION, names)


@lru_cache(maxsize=256)
def is_allowed(host: str, names: frozenset[str]) -> bool:
    """Whether the server answers to the header `host`, if the operator has named `names`."""
    match = _HOST.fullmatch(host)
    if match is None:
        return False
    name = match[1].strip("[]").lower().rstrip(".")
    own = socket.gethostname().lower()
    return (
        "*" in names
        or name in names | {"localhost", own, f"{own}.local"}
        or any(each.startswith("*.") and name.endswith(each[1:]) for each in names)
        or _is_address(name)
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class SecurityHeaders:
    """ASGI middleware that adds `HEADERS` to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; only the start of a response gets its headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            with suppress(LocalProtocolError):  # the request was malformed, and is answered already
                await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
