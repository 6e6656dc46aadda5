"""What has to be computed on a real server: the page says so, and follows its visitor's changes."""

import asyncio
import time

import pytest

from tests import asynchronous
from tools.browsing import Server
from tools.processes import children
from tools.visitors import Browser, Tab

pytestmark = pytest.mark.browser

SLOW = "vanishing?cells=rnn,lstm,gru&hidden=64&length=200&seeds={seeds}"
"""Some seconds of computing; each test has a number of networks of its own, as results are kept."""


def signs(tab: Tab) -> list[str]:
    return [sign.text for sign in tab.elements("progress")]


def test_a_slow_study_says_so_keeps_the_old_picture_and_gives_way_to_a_change(
    server: Server,
) -> None:
    async def use() -> None:
        async with Browser(server.url).open(SLOW.format(seeds=2)) as tab:
            figures = [*tab.elements("plotly_chart")]
            assert len(figures) == 3
            slow = asyncio.create_task(tab.move("vanishing.seeds", 30))
            assert await tab.wait_until(lambda tab: signs(tab) == ["Computing …"])
            start = time.monotonic()
            quick = await tab.move("vanishing.seeds", 2)
            assert time.monotonic() - start < 10, "it did not wait for the slow study"
            assert quick.errors == (await slow).errors == []
            assert signs(tab) == []
            assert [*tab.elements("plotly_chart")] == figures
            assert "seeds=2" in tab.query

    asynchronous.run(use())


def test_while_one_visitor_waits_another_is_served_and_both_share_the_result(
    server: Server,
) -> None:
    async def use() -> None:
        async with (
            Browser(server.url).open("vanishing?length=9") as tab,
            Browser(server.url).open("vanishing?length=9") as other,
        ):
            before = len(children(server.pid))
            slow = asyncio.create_task(tab.move("vanishing.length", 200))
            assert (await other.move("vanishing.length", 10)).errors == []
            await slow
            assert (await other.move("vanishing.length", 200)).errors == []
            assert [*tab.elements("plotly_chart")] == [*other.elements("plotly_chart")]
            assert len(children(server.pid)) <= before

    asynchronous.run(use())


def test_a_part_of_a_page_that_runs_alone_writes_the_address_and_clears_the_notice(
    server: Server,
) -> None:
    async def use() -> None:
        async with Browser(server.url).open("vanishing?set_clip=1&clip=2&length=wrong") as tab:
            assert "This link has settings" in tab.text
            assert tab.query == "set_clip=1&clip=2"
            await tab.move(
                "vanishing.length", 19
            )  # A run of the whole page follows that of its part.
            assert "This link has settings" not in tab.text
            assert tab.query == "length=19&set_clip=1&clip=2"
            run = await tab.move("vanishing.set_clip", False)
            assert tab.query == "length=19"
            assert "vanishing.clip" not in tab.widgets
            again = await tab.rerun()
            assert run.messages < again.messages, "the frame was not drawn"
            assert tab.query == "length=19"

    asynchronous.run(use())
