"""Text into numbers in a browser: a word of the picture is picked, and its row follows."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, settings, wait_idle

pytestmark = pytest.mark.browser


def test_a_picked_word_gets_the_frame_its_row_and_the_address(visit: Visit) -> None:
    page = visit("/text-into-numbers?lang=en")
    picture = page.get_by_test_id("picture")
    expect(picture).to_contain_text("“film” is number 18")
    # Its middle is an arrow, which is part of the column, too.
    picture.get_by_role("button", name="good: number 53").click()
    expect(picture).to_contain_text("“good” is number 53")
    assert settings(page)["picked"] == "5"
    frames = picture.locator("g[data-pick] > rect.here")
    expect(frames).to_have_count(1)
    expect(page.get_by_role("heading", name="Nearest to “good”")).to_be_visible()

    column = picture.get_by_role("button", name="good: number 53")
    column.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(picture).to_contain_text("“not” is number 27")

    # The word stands in two rows of the table: both light up under the pointer.
    picture.locator('rect[data-twin="n18"]').first.hover()
    expect(picture.locator("rect.lit")).to_have_count(2)

    page.get_by_role("textbox", name="Your text").fill("a splendid film")
    page.keyboard.press("Enter")
    wait_idle(page)
    expect(picture).to_contain_text("splendid")
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0
