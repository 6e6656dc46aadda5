"""Side by side: training for some seconds, stopping at once, leaving nothing behind."""

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit, turn_to, wait_idle
from tools.browsing import Server

pytestmark = pytest.mark.browser

LINK = "/side-by-side?steps=5000"


def cards(page: Page, state: str) -> Locator:
    return page.locator(f".card[data-state={state}]")


def started(visit: Visit) -> Page:
    page = visit(LINK)
    page.get_by_role("button", name="Start").click()
    expect(cards(page, "running").first).to_be_visible(timeout=30_000)
    expect(cards(page, "running").first).to_contain_text(re.compile(r"step [1-9]"), timeout=30_000)
    return page


def test_it_trains_pauses_and_stops_at_once(visit: Visit) -> None:
    page = started(visit)
    page.get_by_role("button", name="Pause").click()
    expect(cards(page, "paused").first).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(cards(page, "running").first).to_be_visible()
    began = time.monotonic()
    page.get_by_role("button", name="Stop").click()
    expect(cards(page, "running")).to_have_count(0)
    assert time.monotonic() - began < 3, "half a second of it is ours, the rest is a busy machine"
    wait_idle(page)
    page.get_by_role("button", name="Reset").click()
    expect(cards(page, "stopped")).to_have_count(0)


@pytest.mark.parametrize("how", ["close the tab", "go to another page"])
def test_leaving_ends_the_training_and_its_processes(
    visit: Visit, server: Server, how: str
) -> None:
    page = started(visit)
    racing = server.workers()
    if how == "close the tab":
        page.close()
    else:
        turn_to(page, "Home")
    end = time.monotonic() + 20
    while len(server.workers()) > len(racing) - 3 and time.monotonic() < end:
        time.sleep(0.2)
    assert len(server.workers()) <= len(racing) - 3, "one process per cell has ended"
