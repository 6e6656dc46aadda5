"""No page costs much: what is computed once is not computed again, however often it is shown.

`benchmarks/pages.py` measures the processor time of a run on the real server; this counts, on every
page that there is, the calls of which that time consists, in a second identical run and in one that
moves a control whose result is cached.
"""

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.palette import INK
from rnnviz.store import Store
from rnnviz.ui import show
from rnnviz.ui.pages import Page, all_pages
from tests.page_cost import Cost, Meter, control, controls, other_value
from tests.runs_page import run_id, train

ROOT = Path(__file__).parents[1]

LIMITS = {
    "calls": 14_000,
    "torch": 0,
    "figures": 0,
    "tables": 0,
    "statements": 3,
    "bytes": 40_000,
}
"""For every page. A thousand calls take about half a millisecond."""

OWN_LIMITS: dict[str, dict[str, int]] = {
    # It has 25 controls, of which Streamlit takes 300 calls each. Here the whole page runs; in a
    # browser a control runs only the controls and the live view.
    "side-by-side": {"calls": 16_800},
    # Whether runs were added, changed or deleted is read anew: the store has several writers.
    "runs": {"statements": 20},
}
"""By page: what differs, each with its reason."""

QUICK_CONTROLS = {
    "step": "step.weights",  # The others train models.
}
"""By page: the control that is moved here; `make test-long` moves all of them."""


LINKS = {"runs": {"compared": f"{run_id(1)},{run_id(2)}"}}
"""By page: settings with which there is more to see."""


def open_page(page: Page, **settings: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=200).run()
    at.query_params.update(settings)
    at.switch_page(page.path).run()
    assert not at.exception
    return at.run()


def measured_run(meter: Meter, at: AppTest) -> Cost:
    meter.is_on = True
    at.run()
    meter.is_on = False
    assert not at.exception
    return meter.cost


def cost_of_moving(meter: Meter, at: AppTest, key: str) -> Cost:
    """What moving a control costs when its result is cached; it moves back at the end."""
    before, other = control(at, key).value, other_value(at, key)
    for value in (other, before):
        control(at, key).set_value(value)
        at.run()
        assert not at.exception
    control(at, key).set_value(other)
    cost = measured_run(meter, at)
    assert control(at, key).value == other
    control(at, key).set_value(before)
    at.run()
    return cost


def excess(page: Page, cost: Cost, what: str) -> list[str]:
    over = cost.over(LIMITS | OWN_LIMITS.get(page.address, {}))
    lines = [f"{page.address}, {what}: {name} {n} > {limit}" for name, (n, limit) in over.items()]
    if over:
        lines += [f"    {count} {name}" for name, count in cost.by_function.most_common(12)]
    return lines


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.address)
def test_a_run_of_a_page_computes_nothing_that_is_cached(
    page: Page, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(store, 1)
    train(store, 2)
    with Meter().installed() as meter:
        at = open_page(page, **LINKS.get(page.address, {}))
        excesses = excess(page, measured_run(meter, at), "the same again")
        key = QUICK_CONTROLS.get(page.address) or next(iter(controls(at)), "")
        if key:
            excesses += excess(page, cost_of_moving(meter, at, key), f"{key} moved")
    assert not excesses, "\n".join(excesses)
    check_language_and_theme(page, monkeypatch)


def check_language_and_theme(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another visitor, who reads Korean on a dark screen, gets figures of his own."""
    monkeypatch.setattr(show, "theme", lambda: "dark")
    at = open_page(page, lang="ko", **LINKS.get(page.address, {}))
    for chart in at.get("plotly_chart"):
        assert re.search("[가-힣]", chart.proto.alt)
        assert json.loads(chart.proto.spec)["layout"]["font"]["color"] == INK["dark"]


@pytest.mark.long
@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.address)
def test_no_control_computes_what_is_cached(page: Page, store: Store) -> None:
    train(store, 1)
    train(store, 2)
    excesses = []
    with Meter().installed() as meter:
        at = open_page(page, **LINKS.get(page.address, {}))
        for key in controls(at):
            excesses += excess(page, cost_of_moving(meter, at, key), f"{key} moved")
    assert not excesses, "\n".join(excesses)
