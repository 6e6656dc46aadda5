"""The visitors without a browser: they see and do what a browser does."""

import os
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest

from benchmarks.page_load import Class, Control, Load
from tests import asynchronous
from tools.browsing import ROOT, Server
from tools.processes import children, cpu_seconds, proportional_mb, resident_mb
from tools.visitors import Browser, Tab

pytestmark = pytest.mark.browser


def visit(server: Server, address: str, visitor: Callable[[Tab], Awaitable[None]]) -> None:
    """Open `address` and let `visitor` use it."""

    async def use() -> None:
        async with Browser(server.url).open(address) as tab:
            assert tab.first.errors == []
            await visitor(tab)

    asynchronous.run(use())


def test_a_visitor_opens_an_address_moves_a_control_and_turns_to_another_page(
    server: Server,
) -> None:
    async def visitor(tab: Tab) -> None:
        assert tab.value("vanishing.length") == 12
        assert tab.value("vanishing.cells") == ["RNN", "GRU"]
        run = await tab.move("vanishing.length", 9)
        assert tab.value("vanishing.length") == 9
        assert tab.query == "cells=rnn%2Cgru&length=9"
        assert run.errors == []
        assert run.messages > run.drawn > 20
        first = run.bytes
        # What the browser has is referred to.
        assert (await tab.rerun()).bytes < first
        assert len([*tab.elements("plotly_chart")]) == 3
        await tab.press(next(key for key in tab.widgets if "200" in tab.widgets[key].label))
        assert tab.value("vanishing.length") == 200
        await tab.go("runs")
        assert [*tab.elements("plotly_chart")] == []
        assert "vanishing.length" not in tab.widgets
        assert "Runs" in tab.text

    visit(server, "vanishing?length=12&cells=rnn,gru", visitor)


def test_a_fragment_that_runs_at_intervals_is_followed(server: Server) -> None:
    async def visitor(tab: Tab) -> None:
        assert tab.widgets["race.stop"].is_disabled
        await tab.press("race.start")
        # Nobody asks for these runs but the interval; the race ends by itself.
        assert await tab.wait_until(lambda tab: not tab.widgets["race.stop"].is_disabled)
        [(fragment, seconds)] = tab.intervals.items()
        assert seconds < 1
        assert await tab.wait_until(lambda tab: tab.widgets["race.stop"].is_disabled)
        assert (await tab.run_fragment(fragment)).errors == []

    visit(server, "side-by-side?cells=rnn&steps=300&lag=5", visitor)


def test_a_message_that_is_none_closes_the_connection_of_its_sender_only(server: Server) -> None:
    async def visitor(tab: Tab) -> None:
        async with Browser(server.url).open("runs") as other:
            await other.send(b"\xff\xff\xff")
            assert await other.wait_until(lambda other: not other.is_open)
        assert (await tab.rerun()).errors == []

    visit(server, "runs", visitor)


def test_a_class_moves_the_first_control_of_a_page(server: Server) -> None:
    async def move() -> Load:
        async with Class(server, "vanishing") as visitors:
            assert visitors.control == Control("vanishing.length", (20, 21, 22, 23))
            await visitors.gather(3)
            return await visitors.move(2.5, at_once=True)

    load = asynchronous.run(move())
    # Each of the three moves it twice, two seconds apart, if the machine is not too slow.
    assert 3 <= len(load.runs) <= 6
    assert load.errors == []
    assert 2 < load.seconds < 60
    assert load.percentile(50) <= load.percentile(95)
    assert 0 < load.cpu_per_run < 1000 * load.seconds


def test_what_the_server_costs_is_read_from_its_process(server: Server) -> None:
    before = cpu_seconds(server.pid)

    async def visitor(tab: Tab) -> None:
        await tab.rerun()

    visit(server, "home", visitor)
    assert before < cpu_seconds(server.pid) < before + 60
    assert 30 < proportional_mb(server.pid) < resident_mb(server.pid) < 5_000
    assert os.getpid() not in children(server.pid)


def test_visitors_need_no_torch() -> None:
    check = "import sys, tools.visitors, tools.browsing; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True)
