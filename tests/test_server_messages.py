"""What hostile browsers send through their websockets: nobody notices, no traceback is left."""

import asyncio
import logging
import math
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.media_file_storage import MediaFileStorageError

from rnnviz.ui.server import log, messages
from tests import asynchronous
from tests.server_process import ServerProcess, start_server, wait_until_served
from tools.visitors import Browser, Tab

# Each message -------------------------------------------------------------------------------------


def message(**fields: Any) -> BackMsg:
    return BackMsg(**fields)


def rerun(**fields: Any) -> BackMsg:
    return BackMsg(rerun_script=fields)


def operation(payload: str, request_id: str = "1") -> BackMsg:
    request = {"request_id": request_id, "session_id": "1", payload: {}}
    return BackMsg(backend_operation_request=request)


@pytest.mark.parametrize(
    "needed",
    [
        rerun(query_string="cell=gru", widget_states={"widgets": [WidgetState(id="a")]}),
        message(stop_script=True),
        message(app_heartbeat=True),
        message(file_urls_request={"request_id": "1", "file_names": ["a.csv"]}),
        operation("deferred_file"),
        operation("dataframe_chunk"),
    ],
)
def test_what_a_page_needs_passes_unchanged(needed: BackMsg) -> None:
    data = needed.SerializeToString()
    assert messages.check(data) == data


@pytest.mark.parametrize(
    "hostile",
    [
        message(clear_cache=True),
        message(load_git_info=True),
        message(set_run_on_save=True),
        message(debug_disconnect_websocket=True),
        message(debug_shutdown_runtime=True),
        message(file_urls_request={"file_names": ["a"] * 10_000}),
        operation("install_skills"),
        operation("dismiss_skills_nudge"),
        operation("deferred_file", "1" * 100_000),
        rerun(widget_states={"widgets": [WidgetState(id=str(n)) for n in range(20_000)]}),
        message(),
    ],
)
def test_what_no_page_needs_is_ignored(hostile: BackMsg) -> None:
    assert messages.check(hostile.SerializeToString()) is None


def test_what_no_browser_sends_closes_its_connection() -> None:
    assert messages.check(None) == messages.UNSUPPORTED
    assert messages.check(b"\xff" * 10) == messages.PROTOCOL_ERROR
    assert messages.check(bytes(5 * 2**20)) == messages.TOO_BIG
    long = messages.check(rerun(query_string="a" * 2**20, page_name="runs").SerializeToString())
    assert isinstance(long, bytes)
    assert BackMsg.FromString(long) == rerun(page_name="runs")


def test_a_flood_waits_and_an_ordinary_visitor_never_does(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    visitor, flood, large = messages.Pace(), messages.Pace(), messages.Pace()
    for _ in range(3000):  # a slider that is dragged for two minutes
        now += 0.04
        assert visitor.delay(4000) == 0
    for _ in range(3000):
        now += flood.delay(10)
    assert (3000 - messages.BURST) / messages.PER_SECOND <= now - 120 < 3000 / messages.PER_SECOND
    large.delay(4 * 2**20)
    large.delay(4 * 2**20)
    assert large.delay(10) > 5


class Client:
    """A browser that leaves after `patience` messages of the server."""

    def __init__(self, *sent: Any, patience: int = 10) -> None:
        self.waiting, self.received, self.patience = list(sent), list[Any](), patience

    async def receive(self) -> Any:
        return self.waiting.pop(0) if self.waiting else await asyncio.Future()

    async def send(self, message: Any) -> None:
        if len(self.received) >= self.patience:
            raise OSError
        self.received.append(message)


def received(data: Any) -> dict[str, Any]:
    return {"type": "websocket.receive", "bytes": data}


SCOPE = {"type": "websocket", "path": "/_stcore/stream", "client": ("10.0.0.1", 1)}


def test_a_page_that_is_closed_while_it_is_drawn_ends_without_an_error() -> None:
    heart = message(app_heartbeat=True).SerializeToString()
    seen = []

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        while (got := await receive())["type"] == "websocket.receive":
            for _ in range(3):
                await send(got)
        seen.append(got)

    leaving = Client(*[received(heart)] * 5, patience=2)
    garbled = Client(received(heart), received(b"\xff"), received(heart))
    for client in leaving, garbled:
        asynchronous.run(messages.MessageCheck(app)(SCOPE, client.receive, client.send))
    assert [end["type"] for end in seen] == ["websocket.disconnect"] * 2
    assert len(leaving.received) == 2
    assert leaving.waiting, "what such a browser has sent besides is not read any more"
    assert garbled.received[-1]["code"] == messages.PROTOCOL_ERROR


def test_connections_have_limits_for_one_address_and_for_all() -> None:
    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        await receive()

    async def open_many() -> list[int]:
        check = messages.MessageCheck(app)
        counts, opened = [], []
        for address in ("a", "b", "c"):
            scope = SCOPE | {"client": (address, 1)}
            clients = [Client() for _ in range(messages.MAX_OF_ADDRESS + 10)]
            tasks = [asyncio.create_task(check(scope, c.receive, c.send)) for c in clients]
            opened += tasks
            await asyncio.sleep(0.01)
            counts.append(sum(not client.received for client in clients))
            if address == "a":
                for task in tasks[:5]:
                    task.cancel()
                await asyncio.sleep(0.01)
        return counts

    assert asynchronous.run(open_many()) == [250, 250, 5]


# The log ------------------------------------------------------------------------------------------


def test_nobody_fills_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    now, limit, lines = 60.0, log.LogLimit(), list[str]()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(logging.Formatter().format(record))  # type: ignore[method-assign]
    logger = logging.Logger("streamlit")
    logger.addFilter(limit)
    logger.addHandler(handler)
    for _ in range(1000):
        logger.warning("no such request: %s", "x" * 2**20)
    logger.warning("another %s", "line")
    assert len(lines) == log.PER_MINUTE + 1
    assert sum(map(len, lines)) < 15_000
    assert "left out" in lines[-2]
    assert lines[-1] == "another line"
    now += 60
    try:
        raise MediaFileStorageError("Deferred file ../x not found")
    except MediaFileStorageError:
        logger.exception("not there")
    assert lines[-1] == "not there"


# A server under attack ----------------------------------------------------------------------------

VALUES: list[dict[str, Any]] = [
    {},
    {"trigger_value": True},
    {"bool_value": True},
    {"double_value": math.nan},
    {"int_value": 2**62},
    {"string_value": "[" * 2000},
    {"double_array_value": {"data": [math.nan, 1e308, -math.inf]}},
    {"double_array_value": {"data": [0.5] * 200}},
    {"double_array_value": {}},
    {"int_array_value": {"data": [999, -5]}},
    {"string_array_value": {"data": ["x"] * 100}},
    {"string_array_value": {}},
    {"json_value": "[" * 2000},
    {"json_value": '{"value": NaN}'},
    {"json_value": "[1]"},
    {"json_value": '{"selected": {"a": [null]}, "cell": [1e400], "page": -1}'},
    {"json_trigger_value": "{"},
    {"json_trigger_value": '[{"event": 5, "value": {}}]'},
    {"bytes_value": b"\xff"},
    {"arrow_value": {"data": b"x"}},
    {"chat_input_value": {"data": "x"}},
    {"string_trigger_value": {"data": "x"}},
    {"file_uploader_state_value": {"uploaded_file_info": [{"file_id": "../x", "name": "x"}]}},
]


async def send_values(tab: Tab, first: int) -> None:
    """Run the page with another of `VALUES` for each of its controls."""
    identifiers = [element.id for element in tab.elements() if getattr(element, "id", "")]
    identifiers += [widget.id for widget in tab.widgets.values()]
    values = [VALUES[(first + number) % len(VALUES)] for number in range(len(identifiers))]
    tab.states = {
        name: WidgetState(id=name, **value) for name, value in zip(identifiers, values, strict=True)
    }
    assert not (await tab.rerun()).errors, [*zip(identifiers, values, strict=True)]


async def attack(server: ServerProcess) -> None:
    ann, hostile = Browser(server.url), Browser(server.url)
    async with ann.open("runs") as page:
        for address in ("", "side-by-side", "runs"):
            async with hostile.open(address) as tab:
                honest = dict(tab.states)
                for first in range(0, len(VALUES), 4):
                    await send_values(tab, first)
                tab.states = honest
                assert not (await tab.rerun()).errors, "the session goes on"
        garbage = [b"", b"\xff" * 1000, bytes(5 * 2**20), "text"]
        for data in garbage:
            connection = await hostile.connect()
            await connection._websocket.send(data)
            await connection._websocket.send(b"\xff")
            assert await connection.wait_until(lambda tab: not tab.is_open, 10)
        for _ in range(10):  # they leave while they are drawn
            connection = await hostile.connect("vanishing")
            for _ in range(5):
                await connection.send(connection._request())
            await connection.close()
        assert not (await page.rerun()).errors
    malformed = "PUT /_stcore/upload_file/a/b HTTP/1.1\r\nHost: localhost\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as request:
        request.sendall(f"{malformed}Transfer-Encoding: chunked\r\n\r\nno number".encode())
        request.settimeout(10)
        assert b" 40" in request.recv(100)


def test_no_message_of_a_hostile_browser_leaves_a_traceback(tmp_path: Path) -> None:
    with start_server(tmp_path) as server:
        wait_until_served(server)
        asynchronous.run(attack(server))
        assert "Traceback" not in server.log
