"""Inside the gates in a browser: a gate is held by hand, and a step is picked in the picture."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, settings, wait_idle

pytestmark = pytest.mark.browser


def test_a_gate_is_held_and_a_step_is_picked(visit: Visit) -> None:
    page = visit("/inside-the-gates?lang=en", width=390, height=844)
    expect(page.get_by_role("heading", name="Forgotten")).to_be_visible()
    page.get_by_text("afterwards", exact=True).click()
    wait_idle(page)
    for gate in ("Hold input i", "Hold forget f"):
        page.get_by_text(gate, exact=True).click()
        wait_idle(page)
    page.get_by_role("slider").first.press("Home")
    wait_idle(page)
    expect(page.get_by_role("heading", name="Kept: ")).to_be_visible()
    assert settings(page)["input_later"] == "0"

    page.get_by_role("button", name="Step 5: ").press("Enter")
    expect(page.get_by_text("Step 5", exact=True)).to_be_visible()
    assert settings(page)["t"] == "5"

    # On a phone the settings of second rank are folded, and stay open where one is changed.
    grus = page.get_by_role("radio", name="GRU")
    expect(grus).to_be_hidden()
    page.get_by_text("Settings", exact=True).click()
    grus.click()
    expect(page.get_by_text("Hold update z", exact=True)).to_be_visible()
    expect(grus).to_be_visible()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth"), "only the picture scrolls sideways"
