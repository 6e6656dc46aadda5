"""Forecasting: a click moves the window, a click makes a guess; the page never scrolls sideways."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, settings, wait_idle

pytestmark = pytest.mark.browser

WIDTH = "document.documentElement.scrollWidth"


def test_a_click_moves_the_window_and_makes_a_guess(visit: Visit) -> None:
    page = visit("/forecasting?days=4&every=24", width=390, height=844)
    place = page.get_by_test_id("picture").locator("[data-pick='63']")
    place.scroll_into_view_if_needed()
    place.click()
    expect(page.get_by_role("slider", name="Day of the series")).to_have_value("63")
    wait_idle(page)
    assert settings(page)["at"] == "63"
    assert page.evaluate(WIDTH) == 390
    page.get_by_text("Your guesses", exact=True).click()
    page.get_by_text("Window 1 of 10").wait_for()
    warmer = page.get_by_test_id("picture").first.locator("[data-pick]").nth(3)
    warmer.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Window 2 of 10")).to_be_visible()
    expect(page.get_by_text("Error on your 1 window")).to_be_visible()
    wait_idle(page)
    assert settings(page)["guesses"].startswith("4.24.24~")
    assert page.evaluate(WIDTH) == 390
