"""Step through: stepping by keyboard, an own text, links."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit, settings, turn_to, wait_idle

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)> <b>rain</b> **bold** 🧠 مرحبا"


def stage(page: Page) -> Locator:
    return page.get_by_test_id("stage")


def expect_position(page: Page, step: int, phase: str) -> None:
    expect(stage(page)).to_have_attribute("data-step", str(step))
    expect(stage(page)).to_have_attribute("data-phase", phase)


def test_a_link_restores_the_position_and_a_language_switch_keeps_it(visit: Visit) -> None:
    page = visit("/step?example=hello&cells=gru,lstm")
    for _step in range(5):
        stage(page).press("ArrowRight")
    expect_position(page, 2, "backward")
    # Between two key presses the visitor may seem to stop: another position is reported first.
    page.wait_for_function(
        "Object.entries({t: '2', backward: '1'}).every("
        "([name, value]) => new URLSearchParams(location.search).get(name) === value)"
    )
    shared = page.url
    page.reload()
    wait_idle(page)
    expect_position(page, 2, "backward")
    page.get_by_role("radio", name="한국어").click()
    expect(page.get_by_role("button", name="재생")).to_be_visible()
    expect_position(page, 2, "backward")
    expect(page.locator(".token-text")).to_have_text(list("hell"))
    other = visit(shared.removeprefix(shared[: shared.index("/step")]))
    expect_position(other, 2, "backward")
    expect(other.locator("section.cell")).to_have_count(2)


def test_typed_text_is_read_and_displayed_literally(visit: Visit) -> None:
    page = visit("/step")
    page.get_by_role("radio", name="Your own text").click()
    typed = page.get_by_role("textbox", name="Your own text")
    for text, tokens in (("Will it rain?", ["Will", "it", "rain", "?"]), (HOSTILE, None)):
        typed.fill(text)
        typed.press("Enter")
        wait_idle(page)
        expect(typed).to_have_value(text)
        expect(page.locator(".token-text").first).to_have_text((tokens or ["<"])[0])
        texts = page.locator(".token-text").all_text_contents()
        assert texts == tokens or "".join(texts) == HOSTILE.replace(" ", "")
    assert settings(page)["text"] == HOSTILE
    assert page.locator("img[src=x], [data-testid=stMain] b:has-text('rain')").count() == 0


def test_a_text_that_cannot_be_read_gets_a_message(visit: Visit) -> None:
    page = visit("/step?example=own")
    box = page.get_by_role("textbox", name="Your own text")
    for text, notice in (
        ("zzz qqq", "none of these words"),
        ("x" * 10_000, "longer"),
        ("", "empty"),
    ):
        box.fill(text)
        box.press("Enter")
        wait_idle(page)
        expect(page.get_by_role("alert").filter(has_text=notice).first).to_be_visible()
        assert page.locator("h1").first.is_visible()


def test_every_setting_comes_back_from_a_link(visit: Visit) -> None:
    link = "/step?example=own&cells=rnn&weights=untrained&text=abc&unit=character&hidden=8&seed=3"
    page = visit(link)
    assert settings(page) == dict(pair.split("=") for pair in link.split("?")[1].split("&"))
    expect(page.locator(".token-text")).to_have_text(["a", "b"])
    turn_to(page, "Home")
    assert settings(page) == {}
    turn_to(page, "Step through")
    assert settings(page)["seed"] == "3"
    expect(page.get_by_role("textbox", name="Your own text")).to_have_value("abc")


def test_many_numbers_are_fetched_and_come_by_message_where_they_cannot(visit: Visit) -> None:
    link = "/step?example=own&weights=untrained&hidden=32&t=60&text=" + "no+" * 100
    page = visit(link)
    fetched: list[str] = page.evaluate(
        "performance.getEntriesByType('resource').map(({name}) => name)"
        ".filter((name) => name.includes('/numbers/'))"
    )
    assert len(fetched) == 1
    expect_position(page, 60, "forward")
    expect(page.locator(".token-text")).to_have_count(100)
    other = page.context.new_page()
    other.route("**/numbers/**", lambda route: route.fulfill(status=404))
    other.goto(page.url)
    wait_idle(other)
    expect_position(other, 60, "forward")
    text = page.locator(".rnnviz-stage .main").inner_text()
    assert other.locator(".rnnviz-stage .main").inner_text() == text
