"""Whatever the tabs of two browsers do: each has its own race, which only Stop or absence ends."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rnnviz.jobs import Event, InlineEngine, Service
from rnnviz.jobs.engine import ReadCommands, Work
from rnnviz.messages import Problem
from rnnviz.tasks import DelayedRecall
from rnnviz.training import Experiment, Optimiser
from rnnviz.ui import session, visitor
from rnnviz.ui.services import training
from rnnviz.ui.services.browser_races import browser_races
from rnnviz.ui.services.presence import Presence
from rnnviz.ui.services.race_session import RaceSession
from rnnviz.ui.services.training import RaceSetup
from tests.conftest import reset_server

LEASE = 20
BROWSERS = ("ann", "bob")
SETUP = RaceSetup((Experiment(DelayedRecall(lag=3), optimiser=Optimiser(lr=0.01)),), 1)


def endless_job(work: Work, read_commands: ReadCommands) -> Iterator[Event | None]:
    while not any(command["command"] == "stop" for command in read_commands()):
        yield None
    yield {"event": "end", "state": "stopped", "reason": None}


@dataclass
class Tab:
    """A tab, and the id of the race that its page shows, which may be an older one."""

    browser: str
    session: str
    race: RaceSession = field(default_factory=RaceSession)
    race_id: str = ""


class Browsers(RuleBasedStateMachine):
    """Two browsers with up to four tabs, and what should come of what they do."""

    def __init__(self) -> None:
        super().__init__()
        reset_server()
        self.now, self.count = 0.0, 0
        self.tabs: list[Tab] = []
        self.running = dict.fromkeys(BROWSERS, False)
        self.rate = dict.fromkeys(BROWSERS, 0.01)
        self.present_until = dict.fromkeys(BROWSERS, 0.0)
        self.jobs = Service(InlineEngine(job=endless_job), lease=LEASE, clock=lambda: self.now)
        self.patches = ExitStack()
        self.patches.enter_context(mock.patch.object(training.service, "_create", self._service))
        self.patches.enter_context(mock.patch.object(visitor, "visitor_id", return_value=None))
        training.service.forget()
        browser_races().presence = Presence(self._is_connected, lambda: self.now)

    def teardown(self) -> None:
        self.patches.close()
        reset_server()

    def _service(self) -> Service:
        return self.jobs

    def _is_connected(self, session_id: str) -> bool:
        return any(tab.session == session_id for tab in self.tabs)

    def _visit(self, tab: Tab) -> Any:
        """Run the page of a tab, as far as its browser's race is concerned."""
        browser_races().note(tab.browser, tab.session)
        self.present_until[tab.browser] = self.now + LEASE
        return mock.patch.object(session, "owner", return_value=tab.browser)

    @initialize()
    def open_both(self) -> None:
        for browser in ("ann", "ann", "bob"):
            self.open(browser)

    @precondition(lambda self: len(self.tabs) < 4)
    @rule(browser=st.sampled_from(BROWSERS))
    def open(self, browser: str) -> None:
        self.count += 1
        self.tabs.append(Tab(browser, f"session {self.count}"))
        with self._visit(self.tabs[-1]):
            self._show(self.tabs[-1])

    @precondition(lambda self: self.tabs)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        self.tabs.remove(data.draw(st.sampled_from(self.tabs)))

    @precondition(lambda self: self.tabs)
    @rule(data=st.data())
    def start(self, data: st.DataObject) -> None:
        """A stale page may have a Start button although a race is going on."""
        tab = data.draw(st.sampled_from(self.tabs))
        with self._visit(tab):
            if self.running[tab.browser]:
                with pytest.raises(Problem):
                    tab.race.start(SETUP, {})
            else:
                tab.race.start(SETUP, {})
                self.running[tab.browser], self.rate[tab.browser] = True, 0.01
            self._show(tab)

    @precondition(lambda self: self.tabs)
    @rule(data=st.data(), button=st.sampled_from(("", "stop", "reset", "pause")))
    def press(self, data: st.DataObject, button: str) -> None:
        """Press a button, or none, on a page that may show an older race."""
        tab = data.draw(st.sampled_from(self.tabs))
        with self._visit(tab):
            race = tab.race.race
            if button in ("stop", "reset") and race is not None and race.race_id == tab.race_id:
                self.running[tab.browser] = False
            if button == "reset":
                tab.race.reset(tab.race_id)
            elif button:
                tab.race.command(tab.race_id, button)
            self._show(tab)

    def _show(self, tab: Tab) -> None:
        self._tick()
        race, _view = tab.race.current()
        tab.race_id = race.race_id if race else ""

    @precondition(lambda self: self.tabs)
    @rule(data=st.data(), rate=st.sampled_from((0.02, 0.03)))
    def move_the_rate(self, data: st.DataObject, rate: float) -> None:
        tab = data.draw(st.sampled_from(self.tabs))
        with self._visit(tab):
            race = tab.race.race
            tab.race.apply_live_settings(tab.race_id, {"lr": rate})
            if self.running[tab.browser] and race is not None and race.race_id == tab.race_id:
                self.rate[tab.browser] = rate

    @rule(seconds=st.sampled_from((1, LEASE - 1, LEASE + 5)))
    def wait(self, seconds: int) -> None:
        for _second in range(seconds):
            self.now += 1
            self._tick()
            for browser in BROWSERS:
                self.running[browser] &= self.now < self.present_until[browser]
            browser_races().renew(self.jobs.renew)
            for browser in {tab.browser for tab in self.tabs}:
                self.present_until[browser] = self.now + LEASE

    def _tick(self) -> None:
        for _turn in range(3):
            self.jobs.tick()

    @invariant()
    def each_browser_has_the_race_that_it_should_have(self) -> None:
        for browser in BROWSERS:
            race = browser_races().get(browser)
            view = self.jobs.view(race.race_id) if race else None
            is_running = view is not None and view.state in ("queued", "running", "paused")
            assert is_running == self.running[browser]
            if is_running and view is not None:
                assert view.settings.get("lr", 0.01) == self.rate[browser]


TestBrowsers = Browsers.TestCase
TestBrowsers.settings = settings(max_examples=60, stateful_step_count=25)
