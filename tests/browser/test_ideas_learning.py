"""Learning: a weight and a cut are picked in the pictures; nothing is wider than a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, settings, wait_idle

pytestmark = pytest.mark.browser


def test_weights_and_cuts_are_picked_in_the_picture(visit: Visit) -> None:
    page = visit("/learning")
    finding = page.locator("h3")
    expect(finding).to_contain_text("The update moves W_hh[0, 0]")
    page.get_by_role("button", name="W_hy[2, 1] =").click()
    expect(finding).to_contain_text("The update moves W_hy[2, 1]")
    wait_idle(page)
    assert settings(page)["weight"] == "W_hy.2.1"

    page.get_by_role("radio", name="Truncation").click()
    expect(finding).to_contain_text("Cut every 10 steps")
    page.get_by_role("button", name="Cut every 4 steps", exact=True).press("Enter")
    expect(finding).to_contain_text("Cut every 4 steps")

    phone = visit("/learning", width=390, height=844, scheme="dark", locale="ko-KR")
    excess = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert phone.evaluate(excess) <= 0
    table = phone.get_by_test_id("picture").locator("table")
    expect(table).to_contain_text("∂L/∂h_t")
