"""Visitors without a browser: a client of the running app that speaks Streamlit's own messages.

    async with Browser(server.url).open("step?cell=gru") as tab:
        run = await tab.move("step.hidden", 16)
        print(run.seconds, run.bytes, tab.text)

It does what a browser does: it fetches the page and keeps its cookies, sends the values of all
widgets with every run, keeps large messages and has them referred to by their hashes, follows the
address that the app writes, and runs the fragments that ask to be run at intervals. It draws
nothing. Many fit into one event loop; `benchmarks/pages.py` measures with them.
"""

import asyncio
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tools.screen import Run, Screen, is_interrupted

RUN_SECONDS = 120
"""How long a run may take before it counts as lost."""


class Browser:
    """One visitor's browser: its cookies, which all of its tabs share, and what it says of itself.

    `headers` replace those that it would send with its websocket.
    """

    def __init__(
        self,
        url: str,
        *,
        locale: str = "en-US",
        timezone: str = "Europe/Berlin",
        scheme: str = "light",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.locale, self.timezone, self.scheme = locale, timezone, scheme
        self.cookies: dict[str, str] = {}
        self.headers = headers or {}

    def get(self, address: str = "") -> bytes:
        """Fetch `address` (below the app's) and keep the cookies that come with it."""
        request = urllib.request.Request(f"{self.url}/{address}", headers=self._cookie_header())
        with urllib.request.urlopen(request, timeout=RUN_SECONDS) as response:
            for line in response.headers.get_all("Set-Cookie") or []:
                jar: SimpleCookie = SimpleCookie(line)
                self.cookies |= {name: morsel.value for name, morsel in jar.items()}
            body: bytes = response.read()
            return body

    @asynccontextmanager
    async def open(
        self, address: str = "", *, session: str = "", follow: bool = True
    ) -> AsyncIterator["Tab"]:
        """A tab that shows `address`: fetched, connected, its first run finished.

        `session` is that of a tab whose connection was lost, to go on with; with `follow` the
        fragments run at their intervals. The tab is closed at the end.
        """
        await asyncio.to_thread(self.get, address)
        tab = await self.connect(address, session=session, follow=follow)
        try:
            tab.first = await tab.rerun()
            yield tab
        finally:
            await tab.close()

    async def connect(self, address: str = "", *, session: str = "", follow: bool = True) -> "Tab":
        """A tab with a websocket that has not asked for anything yet."""
        token = self.cookies.get("_streamlit_xsrf", "PLACEHOLDER_AUTH_TOKEN")
        headers = {"Origin": self.url, **self._cookie_header(), **self.headers}
        websocket = await connect(
            f"ws{self.url.removeprefix('http')}/_stcore/stream",
            subprotocols=["streamlit", token, *([session] if session else [])],  # type: ignore[list-item]
            additional_headers=headers,
            max_size=None,
            open_timeout=RUN_SECONDS,
            ping_interval=None,
            compression=None,
        )
        return Tab(self, websocket, address, follow)

    def _cookie_header(self) -> dict[str, str]:
        text = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": text} if text else {}


class Tab(Screen):
    """A tab of a browser, and ways to use it."""

    def __init__(
        self, browser: Browser, websocket: ClientConnection, address: str, follow: bool
    ) -> None:
        parts = urlsplit(address)
        super().__init__(parts.path.strip("/"), parts.query)
        self.browser = browser
        self.first = Run()
        self._websocket = websocket
        self._follow = follow
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []
        self._intervals: dict[str, tuple[float, asyncio.Task[None]]] = {}
        self._changed = asyncio.Event()
        self._interrupted: set[str] = set()
        self._receiver = asyncio.create_task(self._receive())

    @property
    def is_open(self) -> bool:
        """Whether the server still listens."""
        return not self._receiver.done()

    @property
    def intervals(self) -> dict[str, float]:
        """The fragments that run by themselves, and after how many seconds each."""
        return {fragment: seconds for fragment, (seconds, _task) in self._intervals.items()}

    async def move(self, key: str, value: Any) -> Run:
        """Set a control to `value`: a number, a displayed text, several of them, or on and off."""
        widget = self.widgets[key]
        self.states[widget.id] = widget.state(value)
        return await self._ask(self._request(widget.fragment))

    async def press(self, key: str) -> Run:
        """Press a button: its state is sent once."""
        widget = self.widgets[key]
        request = self._request(widget.fragment)
        request.rerun_script.widget_states.widgets.append(widget.state(True))
        return await self._ask(request)

    async def rerun(self) -> Run:
        """Run the page as it is."""
        return await self._ask(self._request())

    async def run_fragment(self, fragment: str) -> Run:
        """Run one fragment, as its interval would."""
        request = self._request(fragment)
        request.rerun_script.is_auto_rerun = True
        return await self._ask(request)

    async def go(self, page: str) -> Run:
        """Follow the menu to another page, by the last part of its address."""
        self._stop_intervals()
        self.turn_to(page)
        return await self._ask(self._request())

    async def wait_until(
        self, condition: Callable[["Tab"], bool], seconds: float = RUN_SECONDS
    ) -> bool:
        """Wait until what the page shows fulfils `condition`; whether it did within `seconds`."""
        deadline = time.monotonic() + seconds
        while not condition(self):
            left = deadline - time.monotonic()
            if left <= 0 or not self.is_open:
                return False
            self._changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), left)
        return True

    async def send(self, message: BackMsg | bytes) -> None:
        """Send any message, or any bytes, and wait for nothing."""
        data = message.SerializeToString() if isinstance(message, BackMsg) else message
        await self._websocket.send(data)

    async def close(self) -> None:
        """Close the tab; the server forgets it."""
        self._stop_intervals()
        await self._websocket.close()
        await asyncio.gather(self._receiver, return_exceptions=True)

    def _request(self, fragment: str = "") -> BackMsg:
        message = BackMsg()
        client = message.rerun_script
        client.query_string = self.query
        client.widget_states.widgets.extend(self.states.values())
        client.page_script_hash = self.page_hash
        client.page_name = "" if self.page_hash else self.page
        client.fragment_id = fragment
        client.cached_message_hashes.extend(self.cached_hashes)
        context = client.context_info
        context.timezone, context.timezone_offset = self.browser.timezone, -60
        context.locale, context.color_scheme = self.browser.locale, self.browser.scheme
        query = f"?{self.query}" if self.query else ""
        context.url = f"{self.browser.url}/{self.page}{query}"
        context.is_embedded = False
        return message

    async def _ask(self, request: BackMsg) -> Run:
        """Send `request` and wait for the end of its run."""
        run = self.run = Run()
        finished = asyncio.get_running_loop().create_future()
        self._waiting.append((request.rerun_script.fragment_id, finished))
        start = time.perf_counter()
        await self.send(request)
        await asyncio.wait_for(finished, RUN_SECONDS)
        run.seconds = time.perf_counter() - start
        return run

    async def _receive(self) -> None:
        try:
            async for data in self._websocket:
                assert isinstance(data, bytes)
                self.handle(ForwardMsg.FromString(data), len(data))
        except ConnectionClosed:
            pass
        finally:
            self._changed.set()
            self._stop_intervals()
            for _fragment, finished in self._waiting:
                if not finished.done():
                    finished.set_exception(ConnectionError("The server closed the connection."))

    def handle(self, message: ForwardMsg, size: int) -> None:
        """Do what a message of `size` bytes asks for; whoever waits for it goes on."""
        super().handle(message, size)
        if message.HasField("auto_rerun"):
            self._start_interval(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif message.HasField("stop_auto_rerun"):
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._stop_interval(fragment)
        elif message.HasField("script_finished"):
            fragments = set(message.metadata.run.fragment_ids)
            if is_interrupted(message):
                self._interrupted = fragments
            else:
                self._end_waiting(fragments)
        elif message.HasField("new_session"):
            # A fragment interrupts no other: the one before it was only reported too late.
            fragments = set(message.metadata.run.fragment_ids)
            if fragments and self._interrupted - fragments:
                self._end_waiting(self._interrupted - fragments)
            self._interrupted = set()
        self._changed.set()

    def _end_waiting(self, fragments: set[str]) -> None:
        """A run of these `fragments`, or of the page with all of its own, has ended."""
        waiting, self._waiting = self._waiting, []
        for fragment, finished in waiting:
            if not fragments or fragment in fragments:
                if not finished.done():
                    finished.set_result(None)
            else:
                self._waiting.append((fragment, finished))

    def _start_interval(self, fragment: str, seconds: float) -> None:
        if not self._follow or self._intervals.get(fragment, (0.0,))[0] == seconds:
            return
        self._stop_interval(fragment)
        task = asyncio.create_task(self._repeat(fragment, seconds))
        self._intervals[fragment] = (seconds, task)

    async def _repeat(self, fragment: str, seconds: float) -> None:
        with suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(seconds)
                request = self._request(fragment)
                request.rerun_script.is_auto_rerun = True
                await self.send(request)

    def _stop_interval(self, fragment: str) -> None:
        if fragment in self._intervals:
            self._intervals.pop(fragment)[1].cancel()

    def _stop_intervals(self) -> None:
        for fragment in [*self._intervals]:
            self._stop_interval(fragment)
