"""Shapes and layers in the browser: one number in two places."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, settings, wait_idle

pytestmark = pytest.mark.browser


def test_a_number_of_h_n_lights_up_in_output_and_can_be_picked(visit: Visit) -> None:
    page = visit("/shapes-and-layers?lang=en")
    number = page.locator("[data-pick=b1]")
    number.hover()
    expect(page.locator('[data-twin="1-0-1"].lit')).to_have_count(2)
    expect(page.locator(".lit")).to_have_count(2)
    number.focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator('[data-twin="1-0-0"].lit')).to_have_count(2)
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("status").filter(has_text="h_n[1, 0, 0] = output[0, 0, 3]")
    ).to_be_visible()
    wait_idle(page)
    assert settings(page)["unit"] == "b0"

    page.get_by_role("button", name="From the articles").click()
    page.get_by_role("button", name="h → (1, 1, 2)").click()
    expect(page.get_by_test_id("picture")).to_contain_text("(1, 1, 2)")
    expect(page.get_by_role("button", name="h → (1, 1, 2)")).to_be_hidden()
    page.go_back()
    expect(page.get_by_test_id("picture")).to_contain_text("(3, 5, 6)")
