"""What is promised for every page of the menu, also for those of next year."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright import sync_api as playwright

from rnnviz.ui.language import catalogue
from rnnviz.ui.pages import IDEAS, Page, all_pages
from tests.browser.conftest import CHECKED, Visit, wait_idle

pytestmark = pytest.mark.browser

PAGES = all_pages()
every_page = pytest.mark.parametrize("entry", PAGES, ids=[entry.address for entry in PAGES])
# The quick tests look at the pages of The ideas once; each has tests of its own in both languages.
every_older_page = pytest.mark.parametrize(
    "entry",
    [
        pytest.param(entry, id=entry.address, marks=[pytest.mark.long] * (entry.section == IDEAS))
        for entry in PAGES
    ],
)

# In the page itself: on a phone the sidebar is folded away.
CHOICES = "[data-testid=stMain] [data-testid=stButtonGroup] > :has([data-variant])"


def address(entry: Page) -> str:
    return "/" if entry is PAGES[0] else f"/{entry.address}"


def assert_all_choices_in_sight(page: playwright.Page) -> None:
    """Choices that do not fit into one line wrap: a mouse cannot scroll them sideways."""
    hidden = page.locator(CHOICES).evaluate_all(
        "boxes => boxes.filter((box) => box.scrollWidth > box.clientWidth + 1)"
        ".map((box) => box.innerText)"
    )
    assert hidden == []


def assert_readable(page: playwright.Page) -> None:
    """A phone shows the page without scrolling sideways, and axe finds nothing serious."""
    assert_all_choices_in_sight(page)
    overflow = page.evaluate(
        """() => {
          const main = document.querySelector("[data-testid=stMain]");
          return [document.documentElement, main].map((box) => box.scrollWidth - box.clientWidth);
        }"""
    )
    assert max(overflow) <= 1
    assert page.locator("h1").first.is_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    wait_idle(page)
    assert_all_choices_in_sight(page)
    serious = [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html'][:300]}"
        for rule in Axe().run(page, context=CHECKED).response["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
    assert not serious, "\n".join(serious)


def assert_finding_in_first_screen(page: playwright.Page) -> None:
    """What a page of The ideas concludes is seen without scrolling, and its picture begins."""
    height = page.evaluate("innerHeight")
    finding = page.locator("[data-testid=stMain]").locator("h2, h3").first.bounding_box()
    assert finding is not None
    assert finding["y"] + finding["height"] < height - 100, "the picture begins too far down"


@every_page
def test_a_phone_and_a_desk_show_a_page_that_everyone_can_read(visit: Visit, entry: Page) -> None:
    page = visit(f"{address(entry)}?lang=en", width=390, height=844, scheme="dark")
    if entry.section == IDEAS:
        assert_finding_in_first_screen(page)
    assert_readable(page)


@every_older_page
def test_in_korean_no_english_sentence_is_left(visit: Visit, entry: Page) -> None:
    page = visit(f"{address(entry)}?lang=ko", width=390, height=844, scheme="light")
    body = page.locator("body").inner_text()
    korean = catalogue("ko")
    # Some headings of the articles are English in Korean, too.
    english = [text for text in korean if text.count(" ") >= 2 and korean[text] != text]
    assert len(english) > 50
    assert [text for text in english if text in body] == []
    assert re.search("[가-힣]", body)
    assert_readable(page)


@every_older_page
def test_a_hostile_address_is_answered_with_a_working_page(visit: Visit, entry: Page) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    page = visit(f"{address(entry)}?lang={hostile}&cell={hostile}&units={hostile}&x={'y' * 2000}")
    assert "en, ko" in page.get_by_role("alert").first.inner_text()
    assert "<img src=x" in page.get_by_role("alert").first.inner_text()
    assert page.locator("img[src=x]").count() == 0
    assert "onerror" not in page.url
    page.reload()
    wait_idle(page)
    assert page.locator("h1").first.is_visible()
