"""Sequences and memory in a browser: throws are guessed and a step of the machine is clicked."""

import re

import pytest
from playwright.sync_api import expect

from rnnviz.ideas.sequences import ball
from tests.browser.conftest import Visit, settings, wait_idle

pytestmark = pytest.mark.browser


def test_guesses_and_steps_are_in_the_address(visit: Visit) -> None:
    page = visit("/sequences-and-memory?lang=en", width=390, height=844)
    left = page.get_by_role("button", name="← to the left")
    right = page.get_by_role("button", name="to the right →")
    boxes = [button.bounding_box() for button in (left, right)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["y"] == boxes[1]["y"], "left and right stand side by side on a phone, too"
    score = int(ball.throw(1).rightwards[0])
    right.click()
    expect(page.get_by_text(f"You: {score} of 1.")).to_be_visible()
    assert settings(page)["guesses"] == "1r"

    page.get_by_text("Memory machine", exact=True).click()
    wait_idle(page)
    page.get_by_role("button", name="time step 3: 48,000").press("Enter")
    expect(page.get_by_text(re.compile("remembers 36,000 from before"))).to_be_visible()
    assert settings(page)["t"] == "3"
