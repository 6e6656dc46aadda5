"""The frame: the menu, the language, light and dark, and addresses that can be sent to others."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from rnnviz.ui.pages import all_pages
from tests.browser.conftest import Visit, settings, turn_to, wait_idle
from tools.browsing import serve

pytestmark = pytest.mark.browser


def test_the_menu_leads_to_every_page(page: Page) -> None:
    for card in [entry.card for entry in all_pages()]:
        turn_to(page, card.title)
        expect(page).to_have_title(re.compile(card.title))
        expect(page.get_by_test_id("stMain").get_by_text(card.sentence)).to_be_visible()


def test_the_language_stays_in_the_address_and_on_every_page(page: Page) -> None:
    page.get_by_role("radio", name="한국어").click()
    expect(page.get_by_test_id("stSidebarNav")).to_contain_text("홈")
    wait_idle(page)
    assert settings(page) == {"lang": "ko"}
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    page.reload()
    wait_idle(page)
    expect(page.get_by_test_id("stSidebarNav")).to_contain_text("홈")
    page.go_back()
    expect(page.get_by_test_id("stSidebarNav")).to_contain_text("Home")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_language_of_the_browser_is_the_default(visit: Visit) -> None:
    page = visit(locale="ko-KR")
    expect(page.get_by_test_id("stSidebarNav")).to_contain_text("홈")
    assert settings(page) == {}
    expect(visit("/?lang=en", locale="ko-KR").get_by_test_id("stSidebarNav")).to_contain_text(
        "Home"
    )


def test_back_and_forward_follow_the_settings(visit: Visit) -> None:
    page = visit("/vanishing")
    cell = page.get_by_role("button", name="GRU", exact=True)
    expect(cell).to_have_attribute("aria-pressed", "true")
    cell.click()
    page.wait_for_url("**/vanishing?cells=rnn%2Clstm")
    wait_idle(page)
    page.go_back()
    expect(cell).to_have_attribute("aria-pressed", "true")
    wait_idle(page)
    assert settings(page) == {}
    page.go_forward()
    expect(cell).to_have_attribute("aria-pressed", "false")
    wait_idle(page)
    assert settings(page) == {"cells": "rnn,lstm"}


def test_a_figure_has_a_text_alternative_and_a_download(visit: Visit) -> None:
    page = visit("/vanishing")
    figure = page.get_by_role("figure").first
    expect(figure).to_have_attribute("aria-label", re.compile(r".{30}", re.DOTALL))
    with page.expect_download() as event:
        page.get_by_role("button", name="Download the numbers (CSV)").first.click()
    assert event.value.suggested_filename.endswith(".csv")
    text = event.value.path().read_text(encoding="utf-8-sig")
    assert len(text.splitlines()) > 20


def test_the_stage_on_home_is_already_playing(visit: Visit) -> None:
    page = visit(motion="no-preference")
    stage = page.get_by_test_id("stage")
    expect(stage).to_have_attribute("data-step", "2")
    expect(stage).to_have_attribute("data-phase", "backward")


def test_the_cards_on_home_lead_to_the_pages(page: Page) -> None:
    page.get_by_test_id("stMain").get_by_role("link", name="Step through").click()
    expect(page.locator("h1").first).to_have_text("Step through")
    assert page.url.endswith("/step")


def test_a_link_opens_as_the_first_request_to_a_server(browser: Browser, tmp_path: Path) -> None:
    """Before the first session Streamlit has not registered any page."""
    with serve(tmp_path / "log.txt") as server:
        page = browser.new_page()
        page.goto(f"{server.url}/vanishing?lang=en")
        wait_idle(page)
        expect(page.locator("h1").first).to_have_text("Vanishing gradients")
        assert page.get_by_role("dialog").count() == 0
        assert "Traceback" not in server.read_log()
        page.close()


def test_light_and_dark_can_be_chosen(page: Page) -> None:
    colour = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    assert page.evaluate(colour) == "rgb(255, 255, 255)"
    page.get_by_test_id("stMainMenu").get_by_role("button").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    page.wait_for_function(f"{colour} === 'rgb(20, 23, 28)'")
