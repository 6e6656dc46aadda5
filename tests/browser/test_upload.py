"""A file is uploaded in a real browser: what was understood, its questions, the corrections."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, wait_idle

pytestmark = pytest.mark.browser

CASES = Path(__file__).parents[1] / "fixtures" / "series"
OWN = "/side-by-side?task=weather&source=own"


def upload(page: Page, name: str) -> None:
    """Upload a case, and wait until the page shows what was understood of it."""
    page.locator("input[type=file]").set_input_files(CASES / name)
    wait_idle(page)
    expect(page.get_by_text("is forecast", exact=False).first).to_be_visible()
    wait_idle(page)


def sliders(page: Page) -> dict[str, str]:
    """The window as the browser shows it."""
    return {
        name: page.get_by_role("slider", name=name).get_attribute("aria-valuetext") or ""
        for name in ("Look back", "Every how many rows", "Look ahead")
    }


def bottom(page: Page, selector: str) -> float:
    """Where an element ends, in pixels from the top of the screen."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def test_the_first_screen_shows_the_conclusion_the_question_and_the_series(visit: Visit) -> None:
    page = visit(OWN)
    upload(page, "airquality_uci.csv")
    expect(page.get_by_text("500 rows, hourly, 2004-03-10 18:00 to")).to_be_in_viewport()
    expect(page.get_by_text("Does -200 mean that nothing was measured?")).to_be_in_viewport()
    expect(page.get_by_text("(assumed)").first).to_be_in_viewport()
    page.wait_for_selector(".st-key-race-reading-picture .js-plotly-plot .scatterlayer path")
    assert bottom(page, ".st-key-race-reading-picture .xaxislayer-above") < 800
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_a_reading_is_corrected_and_another_file_starts_anew(visit: Visit) -> None:
    page = visit(OWN)
    upload(page, "airline_yyyy_mm.csv")
    monthly = sliders(page)
    page.get_by_text("Correct the reading").click()
    field = page.get_by_role("spinbutton", name="Line with the names")
    field.fill("900")
    field.press("Enter")
    wait_idle(page)
    back = page.get_by_role("button", name="Back to what was recognised")
    expect(back).to_be_visible()
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_disabled()
    back.click()
    wait_idle(page)
    expect(page.get_by_text("144 rows, ")).to_be_visible()
    expect(field).to_have_value("1")
    expect(start).to_be_enabled()
    upload(page, "kma_utf8sig.csv")
    expect(page.get_by_text("600 rows, hourly")).to_be_visible()
    hourly = sliders(page)
    assert hourly != monthly, "the browser shows what fits the new file"
    page.get_by_role("slider", name="Look ahead").press("ArrowRight")
    wait_idle(page)
    moved = sliders(page)
    assert {name for name in moved if moved[name] != hourly[name]} == {"Look ahead"}
    upload(page, "airline_yyyy_mm.csv")
    assert sliders(page) == monthly


def test_on_a_phone_nothing_is_wider_than_the_screen(visit: Visit) -> None:
    page = visit(OWN + "&lang=ko", width=390, height=844, scheme="dark")
    page.locator("input[type=file]").set_input_files(CASES / "beijing_pm25.csv")
    wait_idle(page)
    expect(page.get_by_text("예측할 열: TEMP")).to_be_in_viewport()
    page.get_by_text("읽은 방식 고치기").click()
    wait_idle(page)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth")
