"""Side by side in a real browser: it trains, stops, and leaves no process behind."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, settings, wait_idle

pytestmark = pytest.mark.browser

ENDLESS = "/side-by-side?lag=20&steps=5000&hidden=32"
PATIENCE = 60.0


def trainers() -> set[int]:
    """The process ids of all trainers on this machine."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, _, rest = status.read_text().partition(" (rnnviz-trainer) ")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if rest and not rest.startswith("Z"):
            found.add(int(pid))
    return found


def until(true: Callable[[], bool], patience: float = PATIENCE) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < patience, "waited in vain"
        time.sleep(0.02)
    return time.monotonic() - began


def start(page: Page) -> set[int]:
    """Press Start; answers with the three trainers once the view shows their first results."""
    before = trainers()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_selector("[data-testid=live][data-running=true]", timeout=60_000)
    page.wait_for_function(
        "document.querySelectorAll('[data-testid=live] [data-chart=loss] path').length === 3",
        timeout=60_000,
    )
    ours = trainers() - before
    assert len(ours) == 3
    return ours


def steps(page: Page) -> list[int]:
    texts = page.locator("[data-testid=live] .numbers span:first-child").all_inner_texts()
    return [int(text.split()[1]) for text in texts]


def test_it_trains_live_and_stops(visit: Visit) -> None:
    page = visit(ENDLESS)
    ours = start(page)
    first = steps(page)
    page.wait_for_timeout(2000)
    later = steps(page)
    assert all(new > old for old, new in zip(first, later, strict=True)), (first, later)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator("[data-testid=live] .card[data-state=paused]")).to_have_count(3)
    page.get_by_role("button", name="Resume", exact=True).click()
    expect(page.locator("[data-testid=live] .card[data-state=running]")).to_have_count(3)
    page.get_by_role("button", name="Stop", exact=True).click()
    assert until(lambda: not trainers() & ours) < 2, "the click, the page and half a second"
    expect(page.locator("[data-testid=live] .card[data-state=stopped]")).to_have_count(3)
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()


def test_another_page_ends_the_training(visit: Visit) -> None:
    page = visit(ENDLESS)
    ours = start(page)
    page.get_by_test_id("stSidebarNav").get_by_text("Home", exact=True).click()
    until(lambda: not trainers() & ours, 5)


@pytest.mark.parametrize("how", ["close", "reload"])
def test_a_closed_tab_ends_the_training(visit: Visit, how: str) -> None:
    page = visit(ENDLESS)
    ours = start(page)
    if how == "close":
        page.close()
    else:
        page.reload()
    until(lambda: not trainers() & ours, 15)


def test_a_link_restores_the_race_and_its_course_can_be_read(visit: Visit) -> None:
    page = visit("/side-by-side?lag=4&steps=100&hidden=8&cells=rnn,gru&fair=parameters", width=390)
    assert settings(page)["cells"] == "rnn,gru"
    expect(page.locator("[data-testid=live] .card")).to_have_count(2)
    expect(page.locator("[data-testid=live] .card[data-cell=gru]")).to_contain_text("8 units")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("4 steps", timeout=60_000)
    found = Axe().run(page).response["violations"]
    assert not [each["id"] for each in found if each["impact"] in ("serious", "critical")], found
    page.get_by_role("button", name="Against seconds").click()
    expect(page.locator("[data-chart=loss]")).to_contain_text("seconds of training")
    chart = page.locator("[data-chart=metric]")
    chart.focus()
    chart.press("ArrowLeft")
    readout = page.locator("section", has=chart).locator(".readout")
    expect(readout).to_contain_text("GRU")
    expect(readout).to_contain_text("%")
    assert "RNN" in (chart.get_attribute("aria-label") or "")
    heat = page.locator("[data-testid=live] canvas").first
    heat.focus()
    heat.press("ArrowRight")
    expect(page.locator(".heat .readout").first).to_contain_text("t = 2")
    # The view follows a rerun without being built anew.
    page.locator("[data-testid=live]").evaluate("root => { root.marked = true; }")
    page.get_by_role("button", name="Reset", exact=True).click()
    wait_idle(page)
    expect(page.locator("[data-testid=live] .card").first).to_contain_text("ready")
    assert page.locator("[data-testid=live]").evaluate("root => root.marked")
    expect(page.locator("[data-chart=loss]")).to_contain_text("seconds of training")
