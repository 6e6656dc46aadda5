"""The page "Kinds of problems" in the browser: a drawing opens its kind, a pixel is drawn."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit, settings, wait_idle


def test_a_drawing_opens_its_kind_and_pixels_toggle(visit: Visit) -> None:
    page = visit("/kinds-of-problems?kind=language-model", width=390)
    finding = page.get_by_role("heading", level=3)
    expect(finding).to_contain_text("ello")
    page.locator("[data-pick=one-to-one]").click()
    wait_idle(page)
    expect(finding).to_contain_text("ring")
    assert settings(page)["kind"] == "one-to-one"
    page.get_by_label("row 1, column 1", exact=True).click()
    wait_idle(page)
    expect(page.get_by_label("row 1, column 1", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    assert settings(page)["picture"].startswith("x")
    # A picture scrolls inside itself, never the page.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
