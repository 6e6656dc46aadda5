"""Convolution or recurrence: clicking a cell slides the window; the page never scrolls sideways."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, settings, wait_idle

pytestmark = pytest.mark.browser

WIDTH = "document.documentElement.scrollWidth"


def test_a_click_slides_the_window(visit: Visit) -> None:
    page = visit("/convolution-or-recurrence", width=390, height=844)
    picture = page.get_by_test_id("picture")
    chosen = picture.locator("[aria-pressed=true]")
    expect(chosen).to_have_attribute("data-pick", "10")
    cell = picture.locator("[data-pick='5']")
    cell.scroll_into_view_if_needed()
    cell.click()
    expect(chosen).to_have_attribute("data-pick", "5")
    wait_idle(page)
    assert settings(page)["at"] == "5"
    cell.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(chosen).to_have_attribute("data-pick", "6")
    assert page.evaluate(WIDTH) == 390
