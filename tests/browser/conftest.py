"""Chromium for the browser tests: an error in its console fails the test.

Without a Chromium the tests fail, because a skipped browser test proves nothing.
"""

import re
from collections.abc import Callable, Iterator
from typing import Literal, Protocol
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tools.browsing import SWITCHES, TRAFFIC, Server, find_chromium, serve, wait_idle

PATIENCE = 30_000
"""Milliseconds within which a page answers, also on a machine that is busy with other tests."""

CHECKED = {"exclude": [["[data-testid=stSidebarNavItems]"]]}
"""For axe: Streamlit's own menu puts the names of its sections into the list of its links."""

__all__ = ["CHECKED", "Visit", "settings", "turn_to", "wait_idle"]


class Visit(Protocol):
    """Open a page of the app as a visitor with this screen, language and colour scheme."""

    def __call__(
        self,
        address: str = "/",
        *,
        width: int = 1280,
        height: int = 800,
        locale: str = "en-US",
        scheme: Literal["light", "dark"] = "light",
        motion: Literal["reduce", "no-preference"] = "reduce",
    ) -> Page: ...


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The running app, started once per test process."""
    with serve(tmp_path_factory.mktemp("server") / "log.txt") as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all tests of this process."""
    with sync_playwright() as playwright:
        path = find_chromium(playwright.chromium.executable_path)
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """Open pages as a visitor; afterwards neither browser nor server may have reported an error."""
    before = len(server.read_log())
    errors: list[str] = []
    contexts = []

    def open_page(
        address: str = "/",
        *,
        width: int = 1280,
        height: int = 800,
        locale: str = "en-US",
        scheme: Literal["light", "dark"] = "light",
        motion: Literal["reduce", "no-preference"] = "reduce",
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            color_scheme=scheme,
            reduced_motion=motion,
        )
        contexts.append(context)
        context.add_init_script(TRAFFIC)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        watch(page, errors.append)
        page.goto(server.url + address)
        wait_idle(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    log = server.read_log()[before:]
    assert not errors, "\n".join(errors)
    assert "Traceback" not in log, log


@pytest.fixture
def page(visit: Visit) -> Page:
    """The first page of the app, as most visitors see it."""
    return visit()


def watch(page: Page, report: Callable[[str], None]) -> None:
    """Report errors in the console, uncaught exceptions, and requests that leave the machine."""

    def console(message: ConsoleMessage) -> None:
        # On a deep link Streamlit looks for its own files beside the page first, then at the root.
        path = urlsplit(message.location.get("url", "")).path
        is_probe = re.fullmatch(r"/[^/]+/_stcore/(health|host-config)", path) is not None
        if message.type == "error" and not is_probe:
            report(f"console: {message.text} ({message.location})")

    def request(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname != "127.0.0.1":
            report(f"request to {request.url}")

    def dialog(dialog: Dialog) -> None:
        report(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", dialog)
    page.on("console", console)
    page.on("pageerror", lambda error: report(f"uncaught: {error}"))
    page.on("request", request)


def settings(page: Page) -> dict[str, str]:
    """The parameters of the page's address."""
    parameters: dict[str, str] = page.evaluate(
        "Object.fromEntries(new URLSearchParams(location.search))"
    )
    return parameters


def turn_to(page: Page, title: str) -> None:
    """Go to another page by the menu."""
    page.get_by_test_id("stSidebarNav").get_by_text(title, exact=True).click()
    wait_idle(page)
