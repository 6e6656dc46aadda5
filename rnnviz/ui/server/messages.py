"""What browsers may send through their websockets: what pages need, no faster than they need it."""

import asyncio
import time
from collections import Counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg

ENDPOINT = "/_stcore/stream"

OTHERS = frozenset({"stop_script", "app_heartbeat"})
"""The messages without content that a page needs. There are some that clear everybody's caches,
look into the server's Git repository while all wait, or watch its files."""

OPERATIONS = frozenset({"deferred_file", "dataframe_chunk"})
"""The operations that a page needs: another one installs files on the server."""

MAX_FILES = 20
"""The most files whose upload a message may announce."""
MAX_ID = 100
"""The most characters by which a page may call its request; a browser uses 36."""
MAX_QUERY = 16_384
"""The most characters of an address; longer ones count as empty."""

MAX_WIDGETS = 1000
"""The most controls whose values a message may have; the largest page has some fifty."""
MESSAGE_BYTES = 10_000
"""A message of so many bytes counts as two: an ordinary one has a few thousand."""
MAX_COUNTED = 1_000_000
"""More bytes count as so many: a visitor's own large file waits some seconds, not a minute."""

BURST = 200
"""How many messages a browser may send at once."""
PER_SECOND = 40.0
"""How many it may send for long: a page that trains asks five times a second, a slider that is
dragged some twenty times."""

MAX_CONNECTIONS = 500
"""The most pages that may be open: each costs some megabytes and four open files."""
MAX_OF_ADDRESS = 250
"""The most of them from one address, which may be that of a whole school."""

# Codes of RFC 6455, 7.4.1, and of the registry that it founds.
GOING_AWAY, PROTOCOL_ERROR, UNSUPPORTED, GONE, TOO_BIG, TRY_LATER = (
    1001,
    1002,
    1003,
    1006,
    1009,
    1013,
)


class MessageCheck:
    """ASGI middleware that passes on what a page may send, and closes on what none sends.

    Streamlit itself writes a traceback or a warning into the log for each message that it does not
    understand, and for each page that is closed while it is drawn.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; what comes through the pages' websockets is counted and checked."""
        if scope["type"] != "websocket" or not scope["path"].endswith(ENDPOINT):
            await self._app(scope, receive, send)
            return
        address = (scope.get("client") or ("",))[0]
        if self._open[address] >= MAX_OF_ADDRESS or self._open.total() >= MAX_CONNECTIONS:
            await send({"type": "websocket.close", "code": TRY_LATER, "reason": ""})
            return
        self._open[address] += 1
        connection = _Connection(receive, send)
        try:
            await self._app(scope, connection.receive, connection.send)
        finally:
            self._open -= Counter([address])


class _Connection:
    """The websocket of one page as Streamlit sees it."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._pace = Pace()
        self._closed: Message | None = None

    async def receive(self) -> Message:
        """The next message that may be read; the end of the connection once it is over."""
        while self._closed is None:
            try:
                message = await self._receive()
                if message["type"] != "websocket.receive":
                    return message
                data = message.get("bytes")
                checked = check(data)
                # The next ones wait in the browser.
                await asyncio.sleep(self._pace.delay(min(len(data or b""), MAX_COUNTED)))
            except asyncio.CancelledError:  # the server ends
                return self._end(GOING_AWAY)
            if isinstance(checked, bytes):
                return {"type": "websocket.receive", "bytes": checked}
            if checked is not None:
                await self.send({"type": "websocket.close", "code": checked, "reason": ""})
        return self._closed

    async def send(self, message: Message) -> None:
        """Send to a browser that still listens."""
        if self._closed is not None:
            return
        try:
            await self._send(message)
        except OSError:  # it has left meanwhile
            self._end(GONE)
        else:
            if message["type"] == "websocket.close":
                self._end(message.get("code", GONE))

    def _end(self, code: int) -> Message:
        self._closed = {"type": "websocket.disconnect", "code": code, "reason": ""}
        return self._closed


def check(data: bytes | None) -> bytes | int | None:
    """What Streamlit may read instead of the message `data`, which is None if it was a text.

    None if it is to be ignored, a code if the connection is to be closed.
    """
    if data is None:
        return UNSUPPORTED
    if len(data) > config.get_option("server.maxWidgetStateSize") * 2**20:
        return TOO_BIG
    message = BackMsg()
    try:
        message.ParseFromString(data)
    except Exception:  # a DecodeError of protobuf, whose types mypy does not know
        return PROTOCOL_ERROR
    kind = message.WhichOneof("type")
    if kind == "backend_operation_request":
        request = message.backend_operation_request
        is_possible = request.WhichOneof("payload") in OPERATIONS
        is_possible &= len(request.request_id) <= MAX_ID
    elif kind == "file_urls_request":
        is_possible = len(message.file_urls_request.file_names) <= MAX_FILES
    elif kind == "rerun_script":
        is_possible = len(message.rerun_script.widget_states.widgets) <= MAX_WIDGETS
        if len(message.rerun_script.query_string) > MAX_QUERY:
            message.rerun_script.query_string = ""
            data = bytes(message.SerializeToString())
    else:
        is_possible = kind in OTHERS
    return data if is_possible else None


class Pace:
    """How long a sender has to wait so that it keeps to `PER_SECOND` after a first `BURST`."""

    def __init__(self) -> None:
        self._left, self._looked_at = float(BURST), time.monotonic()

    def delay(self, size: int) -> float:
        """Count a message of `size` bytes and return the seconds to wait before it is read."""
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._looked_at) * PER_SECOND)
        self._left -= 1 + size / MESSAGE_BYTES
        self._looked_at = now
        return max(0.0, -self._left / PER_SECOND)
