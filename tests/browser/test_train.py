"""Side by side in a real browser: it trains, stops, and leaves no process behind."""

import os
import re
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from rnnviz.ui.scripts import ASSETS
from tests.browser.conftest import CHECKED, Visit, settings, turn_to, wait_idle

pytestmark = pytest.mark.browser

ENDLESS = "/side-by-side?lag=20&steps=5000&hidden=32"
PATIENCE = 60.0


def trainers() -> set[int]:
    """The process ids of the trainers of this test's server only."""
    pids = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, _, rest = status.read_text().partition(" (rnnviz-trainer) ")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if rest and not rest.startswith("Z") and os.getpid() in ancestors(int(pid)):
            pids.add(int(pid))
    return pids


def ancestors(pid: int) -> set[int]:
    """The parent of a process, and the parents of that."""
    pids: set[int] = set()
    while pid > 1:
        try:
            # "pid (name) state parent ...": a name may hold brackets and blanks.
            after = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
        except (FileNotFoundError, ProcessLookupError):
            break
        pid = int(after.split()[1])
        pids.add(pid)
    return pids


def until(condition: Callable[[], bool], timeout: float = PATIENCE) -> float:
    """Wait for `condition`; returns the seconds that it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < timeout, "waited in vain"
        time.sleep(0.02)
    return time.monotonic() - start


def start(page: Page) -> set[int]:
    """Press Start; returns the three trainers once the view shows their first results."""
    before = trainers()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_selector("[data-testid=live][data-running=true]", timeout=60_000)
    page.wait_for_function(
        "document.querySelectorAll('[data-testid=live] [data-chart=loss] .line').length === 3",
        timeout=60_000,
    )
    ours = trainers() - before
    assert len(ours) == 3
    return ours


def stop(page: Page) -> None:
    """Press Stop; while the script runs, Streamlit has a button of that name in its header."""
    main = page.get_by_test_id("stMainBlockContainer")
    main.get_by_role("button", name="Stop", exact=True).click()


def steps(page: Page) -> list[int]:
    texts = page.locator("[data-testid=live] .numbers span:first-child").all_inner_texts()
    return [int(text.split()[1]) for text in texts]


def test_before_its_script_has_loaded_the_view_shows_no_empty_buttons(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content((ASSETS / "live" / "live.html").read_text(encoding="utf-8"))
    page.add_style_tag(path=ASSETS / "live" / "live.css")
    assert page.get_by_test_id("live").is_hidden()
    assert page.locator("button:visible").count() == 0
    page.close()


def test_it_trains_live_and_stops(visit: Visit) -> None:
    page = visit(ENDLESS)
    ours = start(page)
    first = steps(page)
    page.wait_for_timeout(2000)
    later = steps(page)
    assert all(new > old for old, new in zip(first, later, strict=True)), (first, later)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator("[data-testid=live] .card[data-state=paused]")).to_have_count(3)
    page.get_by_role("button", name="Resume", exact=True).click()
    expect(page.locator("[data-testid=live] .card[data-state=running]")).to_have_count(3)
    stop(page)
    assert until(lambda: not trainers() & ours) < 2, "the click, the page and half a second"
    expect(page.locator("[data-testid=live] .card[data-state=stopped]")).to_have_count(3)
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
    expect(page.locator("[data-text=title-loss]")).to_have_text("Training loss")
    expect(page.locator("[data-text=note-loss]")).to_contain_text(
        "loss on the examples of the other curve"
    )


def test_a_training_outlives_its_page_and_its_tab_finds_it_again(visit: Visit) -> None:
    page = visit(ENDLESS)
    ours = start(page)
    before = min(steps(page))
    turn_to(page, "Home")
    sign = page.get_by_test_id("stSidebar").get_by_role("link", name=re.compile("Training: step"))
    expect(sign).to_be_visible()
    text = sign.inner_text()
    expect(sign).not_to_have_text(text)  # it goes on counting
    page.reload()
    sign.click()
    expect(page.locator("[data-testid=live][data-running=true]")).to_be_visible()
    assert min(steps(page)) > before
    page.wait_for_url("**hidden=32**")  # the controls are those of the race
    other = page.context.new_page()
    other.goto(page.url.partition("?")[0])
    expect(other.locator("[data-testid=live] .card[data-state=running]")).to_have_count(3)
    page.close()
    other.wait_for_timeout(1000)
    assert trainers() & ours == ours
    stop(other)
    until(lambda: not trainers() & ours, 5)


def test_controls_that_were_closed_during_a_rerun_keep_their_values(visit: Visit) -> None:
    page = visit("/side-by-side?lag=40")
    page.get_by_role("slider", name="Lag").press("ArrowRight")
    wait_idle(page)
    page.get_by_role("button", name="Training", exact=True).click()
    expect(page.get_by_role("slider", name="Batch size")).to_have_attribute("aria-valuetext", "32")
    expect(page.get_by_role("switch", name="Clip the gradient")).to_be_checked()
    page.get_by_role("slider", name="Seed").first.press("ArrowRight")
    wait_idle(page)
    assert settings(page) == {"lag": "41", "seed": "2"}


def saved_steps(page: Page) -> int:
    """How many saved steps the history slider has."""
    return int(page.locator("[data-testid=live] .history-slider input").get_attribute("max") or 0)


def test_paused_it_does_one_step_at_a_time(visit: Visit) -> None:
    page = visit(ENDLESS)
    start(page)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator("[data-testid=live] .card[data-state=paused]")).to_have_count(3)
    page.wait_for_timeout(1000)  # steps that were under way have arrived
    before = steps(page)
    page.get_by_role("button", name="One step", exact=True).click()
    until(lambda: steps(page) == [step + 1 for step in before], 15)
    stop(page)
    expect(page.locator("[data-testid=live] .card[data-state=stopped]")).to_have_count(3)


def test_a_zoom_survives_the_updates(visit: Visit) -> None:
    page = visit(ENDLESS)
    start(page)
    chart = page.locator("[data-chart=loss]")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    y = box["y"] + 80
    page.mouse.move(box["x"] + 120, y)
    page.mouse.down()
    page.wait_for_timeout(600)  # updates come in the middle of the drag
    page.mouse.move(box["x"] + 200, y, steps=4)
    expect(chart.locator(".brush")).to_have_count(1)
    page.mouse.up()
    everything = page.get_by_role("button", name="Show everything")
    expect(everything).to_be_visible()
    ticks = chart.locator(".tick[text-anchor=middle]")
    zoomed = ticks.all_text_contents()
    before = steps(page)
    until(lambda: steps(page) > before)
    assert ticks.all_text_contents() == zoomed
    chart.focus()
    chart.press("+")
    until(lambda: ticks.all_text_contents() != zoomed, 15)
    chart.press("0")
    expect(everything).to_be_hidden()
    stop(page)


def test_a_changed_setting_is_drawn_as_a_line_and_explained(visit: Visit) -> None:
    page = visit(ENDLESS)
    start(page)
    expect(page.locator("[data-testid=live] .change-line")).to_have_count(0)
    expect(page.get_by_text("Grey lines")).to_have_count(0)
    page.get_by_role("slider", name="Learning rate").press("ArrowRight")
    expect(page.locator("[data-chart=loss] .change-line")).to_have_count(3)
    page.get_by_role("button", name="Training", exact=True).click()
    page.get_by_role("switch", name="Clip the gradient").press("Space")
    expect(page.locator("[data-chart=loss] .change-line")).to_have_count(6)
    note = re.compile(r"Grey lines: learning rate 0\.\d+ at steps? \d.*; no clipping at steps? \d")
    for chart in ("loss", "metric"):
        expect(page.locator(f"[data-text=note-{chart}]")).to_have_text(note)
    page.keyboard.press("Escape")
    stop(page)
    expect(page.locator("[data-testid=live] .card[data-state=stopped]")).to_have_count(3)
    widths = page.locator("[data-testid=live] .fill").evaluate_all(
        "fills => fills.map((fill) => fill.clientWidth / fill.parentElement.clientWidth)"
    )
    assert max(widths) < 1, "stopped before its end"


@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.long), 390])
def test_the_baselines_are_named_without_hiding_a_curve(visit: Visit, width: int) -> None:
    page = visit("/side-by-side?task=surnames&steps=50&hidden=8&cells=gru", width=width)
    keys = page.locator("[data-chart=metric] .baseline-key")
    expect(keys).to_have_count(4, timeout=60_000)
    boxes = keys.evaluate_all("all => all.map((one) => one.getBBox()).map(({ x, y }) => [x, y])")
    size = keys.first.evaluate("key => parseFloat(getComputedStyle(key).fontSize)")
    heights = sorted(y for _x, y in boxes)
    assert all(below - above >= size - 0.5 for above, below in pairwise(heights)), boxes
    # Curves are cut off at the edge of their pane; the keys stand beyond it.
    edge = page.locator("[data-chart=metric] svg").evaluate(
        "pane => pane.x.baseVal.value + pane.width.baseVal.value"
    )
    assert min(x for x, _y in boxes) > edge
    items = page.locator("[data-baselines=metric] li")
    assert [text.split(":")[0] for text in items.all_inner_texts()] == [
        "①blind guessing",
        "②always the most frequent answer",
        "③character n-grams with naive Bayes",
        "④character n-grams with logistic regression",
    ]
    expect(items.first).to_contain_text("5.6 %")
    assert page.locator("[data-baselines=metric]").evaluate(
        "list => list.scrollWidth <= list.clientWidth"
    )


def test_every_view_shows_the_selected_saved_step(visit: Visit) -> None:
    page = visit("/side-by-side?lag=4&steps=100&hidden=8&cells=rnn,gru")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("4 steps", timeout=60_000)
    slider = page.locator("[data-testid=live] .history-slider input")
    until(lambda: saved_steps(page) > 5)
    picture = page.locator("[data-panel=states] canvas").first
    expect(picture).to_have_attribute("aria-label", re.compile("after training step 100"))
    label = picture.get_attribute("aria-label") or ""
    slider.focus()
    slider.press("Home")
    expect(page.locator(".history-slider output")).to_contain_text("after training step 0")
    expect(picture).to_have_attribute("aria-label", label.replace("step 100", "step 0"))
    link = page.get_by_test_id("stPageLink").get_by_text("GRU", exact=True)
    # The links are the server's: they follow when the slider rests.
    expect(link.locator("xpath=ancestor::a")).to_have_attribute("href", re.compile("saved_step=0"))
    page.locator(".history-slider").get_by_role("button", name="Now").click()
    expect(picture).to_have_attribute("aria-label", label)


@pytest.mark.parametrize(
    ("task", "scheme"),
    [
        pytest.param("intents", "light", marks=pytest.mark.long),
        ("wave", "dark"),
        pytest.param("intents", "dark", marks=pytest.mark.long),
        pytest.param("text", "light", marks=pytest.mark.long),
    ],
)
def test_a_phone_shows_a_race_that_everyone_can_read(
    visit: Visit, task: str, scheme: Literal["light", "dark"]
) -> None:
    address = f"/side-by-side?task={task}&steps=50&hidden=8&cells=rnn,lstm,gru,rnn_relu&seeds=2"
    page = visit(address, width=390, scheme=scheme)
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("heading", level=2).wait_for(timeout=60_000)
    wait_idle(page)
    expect(page.locator("[data-panel=answers] tbody tr").first).to_be_visible()
    expect(page.locator("[data-chart=metric] .band")).to_have_count(4)
    example = "50 time steps of numbers, first" if task == "wave" else "a row per unit: "
    expect(page.locator("[data-text=note-states]")).to_contain_text(example)
    tables = page.locator(".rnnviz-rows")
    expect(tables).to_have_count(2)
    for table in tables.all():
        assert table.evaluate("table => table.scrollWidth <= table.clientWidth")
        # A card, and not a row that has to be scrolled.
        tops = (
            table.locator("tbody tr")
            .first.locator("td")
            .evaluate_all("all => all.map((cell) => cell.offsetTop)")
        )
        assert len({*tops}) > 3, tops
    expect(tables.last.get_by_role("rowheader").first).to_have_text("RNN")
    for card in page.locator("[data-testid=live] .card").all():
        assert card.evaluate("card => card.scrollWidth <= card.clientWidth"), card.inner_text()
    assert page.evaluate(
        "(main => main.scrollWidth <= main.clientWidth)"
        "(document.querySelector('[data-testid=stMain]'))"
    )
    violations = Axe().run(page, context=CHECKED).response["violations"]
    severe = [each["id"] for each in violations if each["impact"] in ("serious", "critical")]
    assert not severe, violations


def test_a_link_restores_the_race_and_its_charts_can_be_read(visit: Visit) -> None:
    page = visit("/side-by-side?lag=4&steps=100&hidden=8&cells=rnn,gru&fair=parameters", width=390)
    assert settings(page)["cells"] == "rnn,gru"
    expect(page.locator("[data-testid=live] .card")).to_have_count(2)
    expect(page.locator("[data-testid=live] .card[data-cell=gru]")).to_contain_text("8 units")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("4 steps", timeout=60_000)
    violations = Axe().run(page, context=CHECKED).response["violations"]
    severe = [each["id"] for each in violations if each["impact"] in ("serious", "critical")]
    assert not severe, violations
    page.get_by_role("button", name="Against seconds").click()
    expect(page.locator("[data-chart=loss]")).to_contain_text("seconds of training")
    chart = page.locator("[data-chart=metric]")
    chart.focus()
    chart.press("ArrowLeft")
    readout = page.locator("section", has=chart).locator(".readout")
    expect(readout).to_contain_text("GRU")
    expect(readout).to_contain_text("%")
    assert "RNN" in (chart.get_attribute("aria-label") or "")
    heatmap = page.locator("[data-testid=live] canvas").first
    heatmap.focus()
    heatmap.press("ArrowRight")
    expect(page.locator(".heatmap .readout").first).to_contain_text("t = 2")
    # The view is updated by a rerun without being created anew.
    page.locator("[data-testid=live]").evaluate("root => { root.marked = true; }")
    page.get_by_role("button", name="Reset", exact=True).click()
    wait_idle(page)
    expect(page.locator("[data-testid=live] .card").first).to_contain_text("ready")
    assert page.locator("[data-testid=live]").evaluate("root => root.marked")
    expect(page.locator("[data-chart=loss]")).to_contain_text("seconds of training")
