"""A class on one page: its visitors move a control every two seconds, and what that costs."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from os import cpu_count
from statistics import quantiles
from typing import Any

from tools.browsing import Server
from tools.processes import busy_seconds, children, cpu_seconds, resident_mb
from tools.screen import Run
from tools.visitors import Browser, Tab
from tools.widgets import Widget

PERIOD = 2.0
"""Seconds between two moves of one visitor."""

VALUES = 4
"""How many values the control takes in turn: a browser keeps the figures of the last two runs."""

OPENING_AT_ONCE = 4
"""How many visitors open the page at the same time while the class gathers."""

BUSY = 0.25
"""The share of the machine that others may use before the times are called indicative."""


@dataclass(frozen=True)
class Control:
    """What is moved on a page: a control and its values; without one the page is run again."""

    key: str = ""
    values: tuple[Any, ...] = ()

    async def move(self, tab: Tab, number: int) -> Run:
        """Set it to the value of that number, counted round and round."""
        if self.key not in tab.widgets:
            return await tab.rerun()
        return await tab.move(self.key, self.values[number % len(self.values)])


@dataclass
class Load:
    """What a number of visitors met, and what they cost.

    `cpu`: seconds of the server's process; `client`: of this process; `others`: the share of the
    machine that neither of them, nor the server's workers, used meanwhile.
    """

    runs: list[Run] = field(default_factory=list)
    cpu: float = 0.0
    client: float = 0.0
    others: float = 0.0
    seconds: float = 0.0

    def percentile(self, percent: int) -> float:
        """The time in ms within which so many percent of the runs were done."""
        times = sorted(1000 * run.seconds for run in self.runs)
        return (
            times[0] if len(times) < 2 else quantiles(times, n=100, method="inclusive")[percent - 1]
        )

    @property
    def cpu_per_run(self) -> float:
        """Milliseconds of the server's process for each run."""
        return 1000 * self.cpu / max(1, len(self.runs))

    @property
    def kilobytes(self) -> float:
        """What a run sends, on average."""
        return sum(run.bytes for run in self.runs) / max(1, len(self.runs)) / 1000

    @property
    def errors(self) -> list[str]:
        """The exceptions that the page showed."""
        return [error for run in self.runs for error in run.errors]

    @property
    def warnings(self) -> list[str]:
        """What has to be known about these numbers."""
        notes = []
        if self.client > 0.5 * self.seconds:
            notes.append(f"the client used {self.client / self.seconds:.0%} of a core")
        if self.others > BUSY:
            notes.append(f"others used {self.others:.0%} of the machine: times are indicative")
        if self.errors:
            notes.append(f"{len(self.errors)} errors, first: {self.errors[0]}")
        return notes


async def open_popovers(tab: Tab) -> None:
    """Open those of the page, one after the other: what is inside is drawn only then."""
    for key in [key for key, widget in tab.widgets.items() if widget.kind == "popover"]:
        await tab.move(key, True)


def find_control(tab: Tab) -> Control:
    """The first slider of the page, else its first choice, with the values next to its own."""
    usable = [
        widget
        for widget in tab.widgets.values()
        if not widget.key.startswith("frame.") and not widget.is_disabled and widget.is_single
    ]
    for kinds in (("slider",), ("button_group", "selectbox", "radio")):
        for widget in usable:
            if widget.kind in kinds and len(widget.choices) > 1:
                return Control(widget.key, tuple(_values(widget, tab.value(widget.key))))
    return Control()


def _values(widget: Widget, current: Any) -> Sequence[Any]:
    choices = list(widget.choices)
    # The numbers of a slider are sums of its step.
    index = min(
        range(len(choices)),
        key=lambda i: (
            abs(choices[i] - current) if isinstance(current, float) else choices[i] != current
        ),
    )
    first = max(0, min(index, len(choices) - VALUES))
    return choices[first : first + VALUES]


class Class:
    """Visitors of one page of a server, each with a browser; they gather, move and leave."""

    def __init__(self, server: Server, address: str) -> None:
        self.server, self.address = server, address
        self.control = Control()
        self.opens_popovers = False
        self.tabs: list[Tab] = []
        self.mb_per_visitor = 0.0
        self._stack = AsyncExitStack()
        self._empty_mb = 0.0

    async def __aenter__(self) -> "Class":
        """Find the control, and have its results computed and cached."""
        async with Browser(self.server.url).open(self.address) as tab:
            self.control = find_control(tab)
            if "slider" not in {widget.kind for widget in tab.widgets.values()}:
                await open_popovers(tab)
                inside = find_control(tab)
                self.opens_popovers = inside != self.control
                self.control = inside
            for number in range(2 * max(1, len(self.control.values))):
                await self.control.move(tab, number)
        self._empty_mb = resident_mb(self.server.pid)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._stack.aclose()

    async def gather(self, count: int) -> None:
        """Let visitors come until there are so many."""
        gate = asyncio.Semaphore(OPENING_AT_ONCE)

        async def come() -> Tab:
            async with gate:
                browser = Browser(self.server.url)
                tab = await self._stack.enter_async_context(browser.open(self.address))
                if self.opens_popovers:
                    await open_popovers(tab)
                return tab

        self.tabs += await asyncio.gather(*(come() for _ in range(count - len(self.tabs))))
        grown = resident_mb(self.server.pid) - self._empty_mb
        self.mb_per_visitor = grown / len(self.tabs)

    async def move(self, seconds: float, *, at_once: bool, period: float = PERIOD) -> Load:
        """Everybody moves the control every `period`, in turns or all at the same moment."""
        load = Load()
        shuffled = random.Random(0).sample(range(len(self.tabs)), len(self.tabs))
        with _Meter(self.server, load):
            start = time.perf_counter() + 0.1
            await asyncio.gather(
                *(
                    self._visitor(
                        tab,
                        start + (0.0 if at_once else period * place / len(self.tabs)),
                        start + seconds,
                        number,
                        period,
                        load,
                    )
                    for number, (tab, place) in enumerate(zip(self.tabs, shuffled, strict=True))
                )
            )
        return load

    async def _visitor(
        self, tab: Tab, due: float, end: float, number: int, period: float, load: Load
    ) -> None:
        """One visitor: the next move after a `period`, or when the answer is there."""
        while due < end:
            await asyncio.sleep(due - time.perf_counter())
            load.runs.append(await self.control.move(tab, number))
            number += 1
            while due < time.perf_counter():
                due += period


class _Meter:
    """Adds to a load what the processors did while it was open."""

    def __init__(self, server: Server, load: Load) -> None:
        self.server, self.load = server, load

    def __enter__(self) -> None:
        self._before = self._read()

    def __exit__(self, *_exception: object) -> None:
        seconds, cpu, client, workers, busy = (
            after - before for after, before in zip(self._read(), self._before, strict=True)
        )
        self.load.seconds, self.load.cpu, self.load.client = seconds, cpu, client
        others = busy - cpu - client - max(0.0, workers)
        self.load.others = max(0.0, others) / seconds / (cpu_count() or 1)

    def _read(self) -> tuple[float, ...]:
        pid = self.server.pid
        workers = sum(map(cpu_seconds, children(pid)))
        return (time.perf_counter(), cpu_seconds(pid), time.process_time(), workers, busy_seconds())
