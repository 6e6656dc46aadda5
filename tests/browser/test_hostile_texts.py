"""Texts of a visitor that try to be more: on every page they stay text."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from rnnviz.messages import Message
from rnnviz.store import Store
from rnnviz.store.location import FILE
from rnnviz.store.server.deletions import UNDO_SECONDS, purge
from rnnviz.ui.pages import all_pages
from tests.browser.conftest import Visit, wait_idle
from tests.runs_page import run_id, run_ids, train
from tools.browsing import Server

pytestmark = pytest.mark.browser

ADDRESSES = "www.hostile.example https://hostile.example/x a@hostile.example"
MARKUP = [
    "[x](https://hostile.example)",
    '<a href="https://hostile.example">x</a>',
    "![x](https://hostile.example/x.png)",
    "<img src=https://hostile.example/x.png onerror=alert(1)>",
    "**hostile** :red[hostile] $hostile$ :material/skull: `hostile`",
]

MORE_THAN_TEXT = """
[...document.querySelectorAll("*")].filter(element => {
    const attributes = [...element.attributes];
    const leads = attributes.some(each => /href|src|action/.test(each.name)
        && /hostile/.test(each.value) && !each.value.startsWith("/~/")
        && new URL(each.value, location.href).host !== location.host);
    const marked = element.matches(
        "strong, b, em, i, code, .katex, .stMarkdownColoredText, [aria-label='skull icon']"
    ) && /^(hostile|skull)$/.test(element.textContent.trim());
    return leads || marked;
}).map(element => element.outerHTML.slice(0, 200))
"""


def expect_only_text(page: Page) -> None:
    wait_idle(page)
    page.wait_for_timeout(300)  # a figure is drawn after the run has ended
    assert page.evaluate(MORE_THAN_TEXT) == []


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(each, marks=[] if each == "side-by-side" else pytest.mark.long)
        for each in ("", *(page.address for page in all_pages()[1:]))
    ],
)
def test_a_link_puts_nothing_but_text_on_a_page(address: str, visit: Visit) -> None:
    names = ("text", "search", "task", "cells", "unit", "sort", "run", "compared", "lang", "hidden")
    for text in (ADDRESSES, " ".join(MARKUP)):
        settings = urlencode(dict.fromkeys(names, text))
        page = visit(f"/{address}?{settings}")
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        expect_only_text(page)


def test_names_and_notes_of_runs_stay_text(visit: Visit, server: Server) -> None:
    store = Store(server.log.parent / "runs")
    try:
        for number, text in enumerate([ADDRESSES, MARKUP[0] + MARKUP[4], MARKUP[1], MARKUP[3]]):
            train(store, 900 + number)
            store.rename(run_id(900 + number), text)
            store.annotate(run_id(900 + number), "\n\n".join([ADDRESSES, *MARKUP]))
        reason = Message("It ended: {reason}", {"reason": ADDRESSES + MARKUP[0]})
        store.set_state(run_id(900), "failed", reason=reason)
        store.flush()
        page = visit(f"/runs?compared={run_ids(900, 901, 902, 903)}")
        page.wait_for_selector(".js-plotly-plot .legend .traces")
        expect_only_text(page)
        for number in (900, 901):
            page = visit(f"/runs?run={run_id(number)}")
            expect_only_text(page)
    finally:
        store.delete([run_id(900 + number) for number in range(4)])
        store.close()
        forget_deleted_runs(server)


def forget_deleted_runs(server: Server) -> None:
    """Delete them for good now: for a minute all other pages would offer to bring them back."""
    with closing(sqlite3.connect(server.log.parent / "runs" / FILE)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        purge(connection, time.time() + UNDO_SECONDS)


@pytest.mark.long
def test_columns_and_cells_of_a_table_stay_text(visit: Visit, tmp_path: Path) -> None:
    names = ["time", "www.hostile.example", MARKUP[0], MARKUP[1].replace('"', "'"), MARKUP[4]]
    rows = [
        [f"2024-01-{day + 1:02} {hour:02}:00", *(str(hour * k % 7 + day) for k in range(1, 5))]
        for day in range(28)
        for hour in range(24)
    ]
    rows[5][2] = rows[9][3] = rows[11][4] = "www.hostile.example [x](https://hostile.example)"
    file = tmp_path / "www.hostile.example [x](https_hostile.example).csv"
    file.write_text("\n".join(",".join(row) for row in [names, *rows]))
    page = visit("/side-by-side?task=weather&source=own")
    page.locator("input[type=file]").set_input_files(file)
    wait_idle(page)
    expect(page.get_by_text("is forecast", exact=False).first).to_be_visible()
    page.wait_for_selector(".st-key-race-reading-picture .js-plotly-plot .scatterlayer path")
    expect_only_text(page)
    page.get_by_text("Correct the reading").click()
    expect_only_text(page)
