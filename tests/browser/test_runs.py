"""The page of runs in a real browser: train side by side, tick, open, export, import, delete."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import CHECKED, Visit, settings, wait_idle
from tools.browsing import Server

pytestmark = pytest.mark.browser

RACE = "/side-by-side?task=delayed_recall&lag=3&steps=100&hidden=6&cells=rnn,gru"


@pytest.fixture(scope="module", autouse=True)
def two_runs(browser: Browser, server: Server) -> None:
    """Two small models that were trained to their end."""
    page = browser.new_page()
    page.goto(server.url + RACE)
    page.get_by_role("button", name="Start", exact=True).click(timeout=60_000)
    expect(page.get_by_role("heading", level=2).first).to_contain_text("3 steps", timeout=60_000)
    page.close()


def table(page: Page) -> Locator:
    return page.get_by_test_id("stDataFrame").first


def tick(page: Page, row: int) -> None:
    """Tick a row of the list: the table is drawn on a canvas, the box at its left end."""
    table(page).click(position={"x": 15, "y": 35 * (row + 1) + 17})
    wait_idle(page)


def test_runs_are_compared_opened_exported_and_imported(visit: Visit, tmp_path: Path) -> None:
    page = visit("/runs")
    tick(page, 0)
    tick(page, 1)
    assert len(settings(page)["compared"].split(",")) == 2
    expect(page.get_by_role("heading", level=2)).to_contain_text("Best of 2")
    expect(page.locator(".js-plotly-plot .legend .traces")).to_have_count(2)
    # Another order is another table; the ticks stay with their runs.
    page.get_by_text("ascending", exact=True).click()
    wait_idle(page)
    assert len(settings(page)["compared"].split(",")) == 2
    page.get_by_role("button", name="Untick all").click()
    wait_idle(page)
    assert "compared" not in settings(page)
    page.get_by_text("descending", exact=True).click()  # the list has the races of other tests too
    wait_idle(page)
    tick(page, 0)
    page.get_by_role("button", name="Open this run").click()
    wait_idle(page)
    run = settings(page)["run"]
    page.get_by_label("Name", exact=True).fill("Mine")
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=2).first).to_have_text("Mine")

    def download(label: str) -> Path:
        with page.expect_download() as event:
            page.get_by_role("button", name=label).click()
        path = tmp_path / event.value.suggested_filename
        event.value.save_as(path)
        return path

    assert download("History (CSV)").read_text().splitlines()[-1].startswith("100,")
    assert json.loads(download("Settings (JSON)").read_text())["task"]["lag"] == 3
    assert download("safetensors").stat().st_size > 500
    script = download("PyTorch script")
    process = subprocess.run(
        [sys.executable, "-I", script.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.splitlines()[-1].startswith("100,")
    archive = download("Whole run")
    assert "run.json" in zipfile.ZipFile(archive).namelist()
    # The import is a run of its own, with the same name.
    page = visit("/runs")
    page.get_by_text("Import a run").click()
    page.locator("input[type=file]").set_input_files(archive)
    expect(page.get_by_role("heading", level=2).first).to_have_text("Mine")
    wait_idle(page)  # the address is written at the end of the page
    assert settings(page)["run"] != run
    page.get_by_role("button", name="Delete …").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_test_id("stMain").get_by_text("Runs found")).to_be_visible()
    wait_idle(page)
    assert "run" not in settings(page)


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_a_run_is_accessible_and_fits_a_phone(visit: Visit, scheme: str) -> None:
    page = visit(
        "/runs?lang=ko", width=390, height=844, scheme="dark" if scheme == "dark" else "light"
    )
    box = table(page).bounding_box()
    assert box is not None
    assert box["y"] < 700, "the list begins on the first screen of a phone"
    tick(page, 0)
    page.get_by_role("button", name="이 실행 열기").click()
    wait_idle(page)
    assert "run" in settings(page)
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 1
    violations = Axe().run(page, context=CHECKED).response["violations"]
    serious = [item for item in violations if item["impact"] in ("serious", "critical")]
    assert not serious, serious
