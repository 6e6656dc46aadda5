"""The frame: the menu, the language, light and dark, and addresses that can be sent to others."""

import re

import pytest
from playwright.sync_api import Page, expect

from rnnviz.ui.pages import all_pages
from tests.browser.conftest import Visit, settings, wait_idle

pytestmark = pytest.mark.browser


def test_the_menu_leads_to_every_page(page: Page) -> None:
    for entry in all_pages():
        page.get_by_test_id("stSidebarNav").get_by_text(entry.card.title, exact=True).click()
        wait_idle(page)
        expect(page).to_have_title(re.compile(entry.card.title))
        expect(page.get_by_test_id("stMain").get_by_text(entry.card.sentence)).to_be_visible()


def test_the_language_stays_in_the_address_and_on_every_page(page: Page) -> None:
    page.get_by_role("radio", name="한국어").click()
    expect(page.get_by_test_id("stSidebarNav")).to_contain_text("홈")
    wait_idle(page)
    assert settings(page) == {"lang": "ko"}
    page.reload()
    wait_idle(page)
    expect(page.get_by_test_id("stSidebarNav")).to_contain_text("홈")
    page.go_back()
    expect(page.get_by_test_id("stSidebarNav")).to_contain_text("Home")


def test_a_korean_browser_is_greeted_in_korean(visit: Visit) -> None:
    page = visit(locale="ko-KR")
    expect(page.get_by_test_id("stSidebarNav")).to_contain_text("홈")
    assert settings(page) == {}
    expect(visit("/?lang=en", locale="ko-KR").get_by_test_id("stSidebarNav")).to_contain_text(
        "Home"
    )


def test_light_and_dark_can_be_chosen(page: Page) -> None:
    colour = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    assert page.evaluate(colour) == "rgb(255, 255, 255)"
    page.get_by_test_id("stMainMenu").get_by_role("button").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    page.wait_for_function(f"{colour} === 'rgb(20, 23, 28)'")
