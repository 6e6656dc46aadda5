"""Suggestions: what they promise happens where the visitor can see it."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit, settings, wait_idle

pytestmark = pytest.mark.browser

ABOVE = "document.querySelector('[data-testid=stMain]').scrollTop"


def at_the_end(page: Page) -> None:
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 1e6)")
    page.wait_for_function(f"{ABOVE} > 300")


@pytest.mark.parametrize("address", ["/vanishing", "/side-by-side"])
def test_on_a_phone_a_suggestion_leads_back_to_what_it_shows(visit: Visit, address: str) -> None:
    page = visit(address, width=390, height=844)
    suggestions = page.locator("[class*=st-key-try] button")
    for number in (0, 1):  # Twice: the second one is another message from the same place.
        at_the_end(page)
        suggestions.nth(number).click()
        page.wait_for_function(f"{ABOVE} === 0")
        wait_idle(page)
    assert settings(page)
