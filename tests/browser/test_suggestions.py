"""Suggestions: the effect is where the visitor can see it."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit, settings, wait_idle

pytestmark = pytest.mark.browser

SCROLL_TOP = "document.querySelector('[data-testid=stMain]').scrollTop"


def scroll_to_end(page: Page) -> None:
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 1e6)")
    page.wait_for_function(f"{SCROLL_TOP} > 300")


@pytest.mark.parametrize(
    "address", [pytest.param("/vanishing", marks=pytest.mark.long), "/side-by-side"]
)
def test_on_a_phone_a_suggestion_scrolls_to_its_effect(visit: Visit, address: str) -> None:
    page = visit(address, width=390, height=844)
    suggestions = page.locator("[class*=st-key-try] button")
    for number in (0, 1):  # Twice: the script has to run again for the second one.
        scroll_to_end(page)
        suggestions.nth(number).click()
        page.wait_for_function(f"{SCROLL_TOP} === 0")
        wait_idle(page)
    assert settings(page)
