"""The server around the pages: what all visitors share, who they are, and how it ends."""

import asyncio
import json
import re
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg

from rnnviz.jobs import InlineEngine
from rnnviz.jobs.recorder import SHUT_DOWN
from rnnviz.messages import Problem
from rnnviz.store import Store
from rnnviz.ui.server import protection
from rnnviz.ui.services import singletons, store, training
from rnnviz.ui.services.training import service
from rnnviz.ui.visitor import COOKIE, VisitorCookie
from tests import asynchronous
from tests.conftest import reset_server
from tests.races import MANY_STEPS, small_work, view_of, wait_until
from tests.server_process import ServerProcess, start_server, wait_for, wait_until_served
from tools.processes import children
from tools.visitors import Browser


@pytest.fixture
def fresh_server() -> Iterator[None]:
    reset_server()
    yield
    reset_server()


# What all visitors share -------------------------------------------------------------------------


@pytest.mark.usefixtures("fresh_server")
def test_clearing_the_caches_of_streamlit_ends_nothing() -> None:
    jobs, runs = service(), store.open_store()
    st.cache_resource.clear()
    st.cache_data.clear()
    assert service() is jobs
    assert store.open_store() is runs is not None


@pytest.mark.usefixtures("fresh_server")
def test_many_who_come_at_once_share_one_store(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, open_it = [], Store

    def open_slowly(*arguments: Any, **options: Any) -> Any:
        time.sleep(0.05)
        opened.append(open_it(*arguments, **options))
        return opened[-1]

    monkeypatch.setattr(store, "Store", open_slowly)
    threads = [threading.Thread(target=store.open_store) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [store.open_store()]


@pytest.mark.usefixtures("fresh_server")
def test_a_store_that_cannot_be_opened_is_tried_once_in_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, tries = [100.0], []

    def fail(*_: Any, **__: Any) -> Any:
        tries.append(now[0])
        raise Problem("The disk is not there.")

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(store, "Store", fail)
    for _ in range(50):
        assert store.open_store() is None
        assert str(store.store_problem()) == "The disk is not there."
    assert len(tries) == 1
    now[0] += singletons.RETRY_SECONDS
    assert store.store_problem() is not None
    assert len(tries) == 2
    monkeypatch.setattr(store, "Store", Store)
    now[0] += singletons.RETRY_SECONDS
    assert store.store_problem() is None
    assert store.open_store() is not None


class WarmInlineEngine(InlineEngine):
    """Trains in the process of the test, without the seconds in which a worker starts."""

    def warm_up(self) -> None:
        """There is nothing to warm up."""


@pytest.mark.usefixtures("fresh_server")
def test_a_service_without_a_store_has_one_as_soon_as_it_can_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "disk"
    disk.touch()
    monkeypatch.setattr(training, "ProcessEngine", WarmInlineEngine)
    monkeypatch.setenv("RNNVIZ_DATA", str(disk / "runs"))
    jobs = service()
    assert store.open_store() is None
    race = jobs.submit("ann", [small_work("rnn", MANY_STEPS)])
    wait_until(lambda: bool(view_of(jobs, race).runs[0].saved_steps))
    (run,) = view_of(jobs, race).runs
    assert jobs.weights(run.run_id, 0) is not None
    disk.unlink()
    wait_until(lambda: store.open_store() is not None)
    jobs.send_command(race, {"command": "stop"})
    wait_until(lambda: store.run_store().states([run.run_id]) == {run.run_id: "stopped"})
    assert store.run_store().history(run.run_id)["step"][0] == 0
    race = jobs.resume("ann", [run.run_id])
    wait_until(lambda: view_of(jobs, race).state == "running")


@pytest.mark.usefixtures("fresh_server")
def test_nothing_is_created_while_the_server_shuts_down() -> None:
    jobs = service()
    singletons.close_all()
    assert service() is jobs, "a page that is still running gets what it had"
    reset_server()
    singletons.close_all()
    assert store.open_store() is None
    with pytest.raises(Problem, match="shutting down"):
        service()


# Who a visitor is ---------------------------------------------------------------------------------

PAGE = {"type": "http", "method": "GET", "scheme": "http", "path": "/step", "headers": []}


def cookies_of(content_type: str = "text/html; charset=utf-8", **scope: Any) -> list[str]:
    """The cookies that a response with this content type sets."""
    chunks = [b"<html>", b"</html>"]

    status = scope.pop("status", 200)

    async def page(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"content-type", content_type.encode()), (b"set-cookie", b"other=1")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for number, chunk in enumerate(chunks):
            await send({"type": "http.response.body", "body": chunk, "more_body": number == 0})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("no request here has a body")

    asynchronous.run(VisitorCookie(page)(PAGE | scope, receive, send))
    assert [message["body"] for message in sent[1:]] == chunks, "each piece is sent as it comes"
    return [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"][1:]


VALID = f"{COOKIE}={'0a' * 16}".encode()


def with_cookie(text: str) -> dict[str, Any]:
    return {"headers": [(b"cookie", text.encode("latin-1"))]}


def test_a_page_sets_a_random_cookie_that_no_script_reads_and_no_other_site_sends() -> None:
    cookie = rf"{COOKIE}=[0-9a-f]{{32}}; Path=/; HttpOnly; SameSite=Lax"
    [first], [second] = cookies_of(), cookies_of()
    assert re.fullmatch(cookie, first)
    assert first != second
    [secure] = cookies_of(scheme="https")
    assert re.fullmatch(cookie + "; Secure", secure)
    assert not cookies_of("application/javascript")
    assert not cookies_of(method="POST")


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        (f"{COOKIE}={'0a' * 16}", True),
        (f"theme=dark; {COOKIE}={'0a' * 16}; x=y", True),
        (f"{COOKIE}=", False),
        (f"{COOKIE}={'0a' * 15}", False),
        (f"{COOKIE}={'0A' * 16}", False),
        (f"{COOKIE}={'0a' * 16}\x00", False),
        (f"{COOKIE}={'٣' * 32}".encode().decode("latin-1"), False),
        (f"{COOKIE}={'0a' * 500_000}", False),
        (f"other={COOKIE}", False),
        (f'a[0]={{}}; b="1; {COOKIE}={"0a" * 16}', True),
        (';;;=;"', False),
    ],
)
def test_a_malformed_cookie_is_replaced(text: str, is_valid: bool) -> None:
    assert bool(cookies_of(**with_cookie(text))) is not is_valid


def test_a_browser_that_has_the_page_but_no_cookie_gets_one() -> None:
    page, picture = ({"headers": [(b"accept", kind)]} for kind in (b"text/html,*/*", b"image/png"))
    assert cookies_of("", status=304, **page)
    assert not cookies_of("", status=304, **picture)
    assert not cookies_of("", status=304, headers=[*page["headers"], (b"cookie", VALID)])


# Other sites --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "is_allowed"),
    [
        ("localhost:8501", True),
        ("LOCALHOST.", True),
        ("127.0.0.1:8501", True),
        ("[::1]:8501", True),
        ("192.168.1.20", True),
        (f"{socket.gethostname()}:8501", True),
        ("class.example.org", True),
        ("a.school.example:80", True),
        ("school.example", False),
        ("evil.example", False),
        ("evil.example:8501", False),
        ("localhost.evil.example", False),
        ("class.example.org.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("user@localhost", False),
        ("localhost/evil.example", False),
        ("localhost:8501:80", False),
        ("", False),
        ("[localhost]", False),
        ("x" * 100_000, False),
    ],
)
def test_the_server_answers_to_its_own_names_only(host: str, is_allowed: bool) -> None:
    names = frozenset({"class.example.org", "*.school.example"})
    assert protection.is_allowed(host, names) is is_allowed


def test_an_operator_can_allow_every_name() -> None:
    assert protection.is_allowed("evil.example:8501", frozenset({"*"}))
    assert not protection.is_allowed("user@localhost", frozenset({"*"}))


def test_a_refusal_repeats_an_excerpt_of_what_it_refuses() -> None:
    for text in ("x" * 10_000, "[x](https://example.org)\n" * 1000):
        assert len(str(Problem("It is {value}, not {options}.", value=text, options=text))) < 1000
    assert str(Problem("It is {value}.", value=3)) == "It is 3."


# How it ends --------------------------------------------------------------------------------------

END = {
    "kill": (signal.SIGTERM,),
    "Ctrl-C twice": (signal.SIGINT, signal.SIGINT),
    "closed terminal": (signal.SIGHUP,),
}
LONG_RACE = "side-by-side?cells=rnn&steps=20000&lag=5"


@pytest.mark.parametrize(
    "way", ["kill", *(pytest.param(way, marks=pytest.mark.long) for way in list(END)[1:])]
)
def test_a_server_ends_in_order_after_others_could_not_end_its_training(
    way: str, tmp_path: Path
) -> None:
    with start_server(tmp_path) as server:
        wait_until_served(server)
        code, orphans = asynchronous.run(_train_under_attack(server, END[way]))
    assert (code, orphans) == (0, [])
    [(state, reason)] = stored_runs(tmp_path)
    assert (state, json.loads(reason)["template"]) == ("interrupted", SHUT_DOWN)


async def _train_under_attack(server: ServerProcess, signals: tuple[int, ...]) -> Any:
    """Train while another visitor clears all caches, then end the server; pages are still open."""
    ann, eve = Browser(server.url), Browser(server.url)
    async with ann.open(LONG_RACE) as training, eve.open() as attacking:
        assert ann.cookies[COOKIE] != eve.cookies[COOKIE]
        await training.press("race.start")
        assert await training.wait_until(lambda tab: not tab.widgets["race.stop"].is_disabled)
        wait_for(lambda: bool(trainers(server)))
        started = trainers(server)
        message = BackMsg()
        message.clear_cache = True
        log = len(server.log)
        for _ in range(100):
            await attacking.send(message)
        for _ in range(2):
            await training.rerun()
        assert not training.widgets["race.stop"].is_disabled
        assert trainers(server) == started, "the same worker still trains"
        with ask_for_websocket(server, "evil.example") as refused:
            assert b" 403 " in refused.recv(100)
        assert ask_for_page(server, "evil.example") == 421
        assert ask_for_page(server, "localhost") == 200
        with ask_for_websocket(server) as mute, unfinished_request(server):
            assert b" 101 " in mute.recv(100)
            ended = await asyncio.to_thread(server.end, *signals)
    assert "Traceback" not in server.log[log:]
    return ended


def trainers(server: ServerProcess) -> list[int]:
    """The processes that train."""
    names = {pid: Path(f"/proc/{pid}/comm") for pid in children(server.process.pid)}
    return [pid for pid, name in names.items() if name.read_text().startswith("rnnviz-trainer")]


def ask_for_websocket(server: ServerProcess, host: str = "127.0.0.1") -> socket.socket:
    """A connection whose client asks for a websocket and says nothing more."""
    lines = [
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    return connect(server, "\r\n".join([*lines, "", ""]))


def ask_for_page(server: ServerProcess, host: str) -> int:
    """The status of a page that is asked for by that name."""
    with connect(server, f"GET /runs HTTP/1.1\r\nHost: {host}\r\n\r\n") as connection:
        return int(connection.recv(100).split()[1])


def unfinished_request(server: ServerProcess) -> socket.socket:
    """A connection of a client that stops in the middle of its request."""
    return connect(server, "POST /_stcore/upload_file/x/y HTTP/1.1\r\nHost: localhost\r\n")


def connect(server: ServerProcess, text: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.sendall(text.encode())
    return connection


def stored_runs(folder: Path) -> list[tuple[str, str]]:
    """State and reason of the runs, read without a store, which would change them."""
    with closing(sqlite3.connect(folder / "runs" / "runs.sqlite3")) as connection:
        return connection.execute("SELECT state, reason FROM runs NATURAL JOIN details").fetchall()


COMPUTING = """
import threading
import streamlit as st
from rnnviz.ui import server
from rnnviz.ui.services.training import service

def compute():
    import torch
    print("computing", flush=True)
    while True:
        torch.rand(300, 300) @ torch.rand(300, 300)

if __name__ == "__main__":
    st.title("A page")
else:
    service()
    threading.Thread(target=compute).start()
    app = st.App(__file__, lifespan=server.lifespan, middleware=server.middleware())
"""


def test_neither_computing_nor_starting_keeps_a_server_from_ending(tmp_path: Path) -> None:
    script = tmp_path / "computing.py"
    script.write_text(COMPUTING)
    with start_server(tmp_path, str(script)) as server:
        wait_until_served(server)
        wait_for(lambda: "computing" in server.log)
        assert server.end(signal.SIGINT, signal.SIGTERM, signal.SIGINT) == (0, [])
        assert "Traceback" not in server.log
    with start_server(tmp_path, str(script)) as server:
        wait_for(lambda: server.handles(signal.SIGTERM))
        assert server.end(signal.SIGTERM) == (0, [])
        assert "Traceback" not in server.log
