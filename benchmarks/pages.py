"""The pages before a class: real server, visitors by websocket, what they wait and what they cost.

    python -m benchmarks.pages                    # every part, about eight minutes
    python -m benchmarks.pages --quick            # 60 visitors, each page for some seconds
    python -m benchmarks.pages --pages step,vanishing --visitors 60 --seconds 10 --parts pages

Parts: `pages` (every page of the menu; each visitor moves its first control every two seconds, in
turns and all at once), `trainings` (the same beside two trainings), `race` (a page with a finished
race), `long` (30 visitors open Step through at 64 units and 200 tokens at the same moment) and
`visits` (200 visits opened and closed). The control's results are computed before. Processor time
per run is the server's process only, without its workers; it holds on a busy machine as well, the
times do not. Needs Linux.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.page_load import Class, Load
from rnnviz.ui.pages import all_pages
from tools.browsing import Server, serve
from tools.processes import resident_mb
from tools.visitors import Browser, Tab

PARTS = ("pages", "trainings", "race", "long", "visits")
HEAD = "| page | visitors | p50, ms | p95, ms | at once: p95, ms | CPU per run, ms | kB per run |"
RACE = {"task": "delayed_recall", "cells": "rnn,lstm,gru", "lag": 10, "steps": 300}
LONG_RACE = {"task": "delayed_recall", "cells": "lstm,gru", "hidden": 64, "lag": 50, "steps": 20000}
WORDS = ["what", "time", "is", "it", "now"]
LONG_TEXT = {"example": "own", "hidden": 64, "text": " ".join(WORDS[i % 5] for i in range(200))}
SETTLING = 140
"""Seconds after which Streamlit has forgotten the sessions whose connections are closed (120)."""


def address(page: str, parameters: dict[str, object]) -> str:
    """An address below the app's."""
    return f"{page}?{urlencode(parameters)}"


async def start_race(tab: Tab) -> None:
    """Press Start and wait until the page shows that the race is on."""
    await tab.press("race.start")
    if not await tab.wait_until(lambda tab: not tab.widgets["race.stop"].is_disabled, 30):
        raise RuntimeError(f"The race did not start: {tab.text[:500]}")


async def wait_for_end(tab: Tab) -> None:
    """Wait until the race is over and the page has settled."""
    await tab.wait_until(lambda tab: tab.widgets["race.stop"].is_disabled)
    await tab.wait_until(lambda tab: not tab.intervals, 20)
    await asyncio.sleep(1)


async def measure_pages(server: Server, options: argparse.Namespace) -> None:
    """The table of all pages."""
    print(f"\n{HEAD} MB per visitor | moved |\n|" + "---|" * 9, flush=True)
    for page in options.pages:
        async with Class(server, page) as visitors:
            for count in options.visitors:
                await visitors.gather(count)
                load = await visitors.move(options.seconds, at_once=False)
                together = await visitors.move(options.seconds, at_once=True)
                mb = f"{visitors.mb_per_visitor:.2f}"
                print_row(page, count, load, together, mb, visitors.control.key or "(run again)")


async def measure_beside_trainings(server: Server, options: argparse.Namespace) -> None:
    """The same with the largest class of up to 60, while somebody's race trains two models."""
    count = max((count for count in options.visitors if count <= 60), default=60)
    print(f"\nBeside two trainings\n\n{HEAD}\n|" + "---|" * 7, flush=True)
    async with Browser(server.url).open(address("side-by-side", LONG_RACE)) as trainer:
        for page in options.pages:
            async with Class(server, page) as visitors:
                await visitors.gather(count)
                if trainer.widgets["race.stop"].is_disabled:
                    await start_race(trainer)
                load = await visitors.move(options.seconds, at_once=False)
                together = await visitors.move(options.seconds, at_once=True)
                is_over = trainer.widgets["race.stop"].is_disabled
                print_row(page, count, load, together, *(["(ended early)"] if is_over else []))
        await trainer.press("race.stop")
        await wait_for_end(trainer)


async def measure_finished_race(server: Server, options: argparse.Namespace) -> None:
    """One visitor with a finished race: five moves a second, beside which idling is little."""
    print(f"\nOne visitor with a race\n\n{HEAD}\n|" + "---|" * 7, flush=True)
    visitors = Class(server, address("side-by-side", RACE))
    async with visitors, finished_race(server) as tab:
        visitors.tabs = [tab]
        print_row("finished race", 1, await visitors.move(10, at_once=False, period=0.2), None)
        for key in [key for key in tab.widgets if tab.widgets[key].kind == "expandable"]:
            await tab.move(key, True)
        print_row("all opened", 1, await visitors.move(10, at_once=False, period=0.2), None)


@asynccontextmanager
async def finished_race(server: Server) -> AsyncIterator[Tab]:
    """A tab whose race is over."""
    async with Browser(server.url).open(address("side-by-side", RACE)) as tab:
        await start_race(tab)
        await wait_for_end(tab)
        yield tab


def numbers_address(tab: Tab) -> str:
    """From where a browser fetches the numbers of the stage."""
    [stage] = tab.elements("bidi_component")
    return str(json.loads(stage.json)["address"])


async def measure_long_texts(server: Server, _options: argparse.Namespace) -> None:
    """30 visitors open the heaviest lesson at the same moment."""
    page = address("step", LONG_TEXT)
    async with Browser(server.url).open(page) as tab:
        print(f"\nStep through, 64 units, 200 tokens: the first visitor {tab.first.seconds:.1f} s")
    before = resident_mb(server.pid)
    async with AsyncExitStack() as stack:

        async def open_lesson() -> tuple[float, int]:
            """Seconds and bytes until the browser has all that it draws."""
            start, browser = time.monotonic(), Browser(server.url)
            tab = await stack.enter_async_context(browser.open(page))
            numbers = await asyncio.to_thread(browser.get, numbers_address(tab))
            return time.monotonic() - start, tab.first.bytes + len(numbers)

        lessons = await asyncio.gather(*(open_lesson() for _ in range(30)))
        seconds = sorted(duration for duration, _bytes in lessons)
        each = (resident_mb(server.pid) - before) / len(lessons)
        kilobytes = sum(size for _seconds, size in lessons) / len(lessons) / 1000
        print(
            f"30 at once: median {seconds[15]:.2f} s, last {seconds[-1]:.2f} s, "
            f"{each:.1f} MB and {kilobytes:.0f} kB each",
            flush=True,
        )


async def measure_visits(server: Server, options: argparse.Namespace) -> None:
    """Memory of visits that are opened and closed, one after the other over all pages."""
    sizes = [resident_mb(server.pid)]
    for number in range(200):
        page = options.pages[number % len(options.pages)]
        async with Browser(server.url).open(page) as tab:
            await tab.rerun()
        sizes.append(resident_mb(server.pid))
    middle, end = sizes[100], sizes[-1]
    await asyncio.sleep(SETTLING)
    print(
        f"\n200 visits: {sizes[0]:.0f} MB before, {end:.0f} MB after, "
        f"{resident_mb(server.pid):.0f} MB {SETTLING} s later; "
        f"the second hundred added {(end - middle) / 100:.2f} MB each",
        flush=True,
    )


def print_row(page: str, count: int, load: Load, together: Load | None, *more: str) -> None:
    """A row of the table, and what has to be known about it."""
    cells = [
        page,
        str(count),
        f"{load.percentile(50):.0f}",
        f"{load.percentile(95):.0f}",
        "" if together is None else f"{together.percentile(95):.0f}",
        f"{load.cpu_per_run:.1f}",
        f"{load.kilobytes:.0f}",
        *more,
    ]
    print("| " + " | ".join(cells) + " |", flush=True)
    for warning in load.warnings:
        print(f"<!-- {page}, {count}: {warning} -->", flush=True)


MEASURES = {
    "pages": measure_pages,
    "trainings": measure_beside_trainings,
    "race": measure_finished_race,
    "long": measure_long_texts,
    "visits": measure_visits,
}


async def measure(server: Server, options: argparse.Namespace) -> None:
    """Do the chosen parts, after one race, so that the page of runs has some to show."""
    async with finished_race(server):
        pass
    for part in options.parts:
        start = time.perf_counter()
        await MEASURES[part](server, options)
        print(f"<!-- {part}: {time.perf_counter() - start:.0f} s -->", flush=True)


def main() -> None:
    """Print the tables as Markdown."""

    def names(text: str) -> list[str]:
        return text.split(",")

    def numbers(text: str) -> list[int]:
        return sorted(map(int, text.split(",")))

    parser = argparse.ArgumentParser()
    parser.add_argument("--parts", type=names, default=list(PARTS))
    parser.add_argument("--pages", type=names, default=[page.address for page in all_pages()])
    parser.add_argument("--visitors", type=numbers, default=[10, 30, 60, 100])
    parser.add_argument("--seconds", type=float, default=6.0, help="for each row of the table")
    parser.add_argument("--quick", action="store_true", help="60 visitors on each page, no more")
    options = parser.parse_args()
    if options.quick:
        options.parts, options.visitors, options.seconds = ["pages"], [60], 4.0
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder) / "log.txt") as server:
        asyncio.run(measure(server, options))


if __name__ == "__main__":
    main()
