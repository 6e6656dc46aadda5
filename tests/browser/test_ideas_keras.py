"""Keras and PyTorch: lines that match light up together, and the parts fold on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, wait_idle

pytestmark = pytest.mark.browser


def test_a_line_lights_its_matches_in_all_three_programs(visit: Visit) -> None:
    page = visit("/keras-and-pytorch", width=390, height=844)
    programs = page.locator(".code-lines")
    expect(programs).to_have_count(3)
    expect(page.get_by_text("8,320 weights in Keras, 8,448 in PyTorch")).to_be_visible()
    page.get_by_text("layers.LSTM(32)").hover()
    for program in programs.all():
        expect(program.locator(".code-line.lit").first).to_contain_text("②")
    assert all("②" in text for text in page.locator(".code-line.lit").all_text_contents())
    assert page.evaluate("document.documentElement.scrollWidth") == 390

    page.get_by_text("GRU", exact=True).click()
    wait_idle(page)
    expect(page.get_by_text("GRU: 6,336 weights in Keras and in PyTorch")).to_be_visible()
    expect(programs.nth(2)).to_contain_text("nn.GRU(")
    assert "cell=gru" in page.url
