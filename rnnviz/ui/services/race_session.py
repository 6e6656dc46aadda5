"""The race of the visitor's browser, as one of its tabs shows and controls it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rnnviz.jobs import RaceView
from rnnviz.jobs.records import END_STATES
from rnnviz.messages import N_, Problem
from rnnviz.ui import session, visitor
from rnnviz.ui.services import last_race
from rnnviz.ui.services.browser_races import BrowserRace, browser_races
from rnnviz.ui.services.last_race import LastRace, StoredRace
from rnnviz.ui.services.store import open_store, store_problem
from rnnviz.ui.services.training import (
    LIVE_SETTINGS,
    UPDATE_INTERVAL,
    RaceSetup,
    live_settings,
    service,
)

if TYPE_CHECKING:
    from rnnviz.training import Experiment

AddressOf = Callable[["Experiment"], Mapping[str, str] | None]

ALREADY_TRAINING = N_(
    "A training of this browser is still in progress, perhaps in another tab; stop it first."
)


@dataclass
class RaceSession:
    """What a tab has of its browser's race; the race itself is the same in all tabs.

    Attributes:
        problem: why the latest click had no effect.
        has_restored: whether the controls have been set to the race that was going on, if any.
        last: the race of this browser that is only known from the store; None before it was read.
        setup: what the page shows: that of the race, before the first start that of the controls.
    """

    problem: Problem | None = None
    has_restored: bool = False
    setup: RaceSetup = field(default_factory=RaceSetup)
    last: StoredRace | None = None

    @property
    def race(self) -> BrowserRace | None:
        """The browser's latest race."""
        return browser_races().get(session.owner())

    def current(self) -> tuple[BrowserRace, RaceView] | tuple[None, None]:
        """The browser's race and its runs as they are now; None twice if there is none."""
        race = self.race
        if race is None:
            return None, None
        view = service().view(race.race_id)
        if view is None:  # the service has dropped it, or another tab has
            browser_races().remove(session.owner(), race.race_id)
            return None, None
        return race, view

    def view(self) -> RaceView | None:
        """The runs of the browser's race as they are now."""
        return self.current()[1]

    def attempt(self, action: Callable[..., None], *args: Any) -> None:
        """Call `action`; the page displays the problem if it fails."""
        self.problem = None
        try:
            action(*args)
        except Problem as problem:
            self.problem = problem

    def start(self, setup: RaceSetup, address: Mapping[str, str]) -> None:
        """Start a race; the browser's earlier race is forgotten.

        `address`: the parameters that set the page's controls to it.

        Raises:
            Problem: a race of this browser is still going on, or the service refuses another one.
        """
        owner = session.owner()
        with browser_races().starting(owner):
            self._check_idle()
            works = [_work(experiment) for experiment in setup.experiments]
            race_id = service().submit(owner, works, allowance=session.allowance())
            live = live_settings(setup.experiments[0].optimiser)
            self._take(BrowserRace(race_id, setup, live, dict(address)))

    def resume(self, runs: Sequence[str], address_of: AddressOf = lambda experiment: None) -> None:
        """Resume stored `runs` from their last checkpoints, as the race of this browser.

        `address_of`: the parameters that set the controls to one run, if any do.

        Raises:
            Problem: there is no store, one of the runs cannot be resumed, or a race of this browser
                is still going on.
        """
        owner = session.owner()
        with browser_races().starting(owner):
            self._check_idle()
            race, earlier = self.current()
            last = self.stored()
            race_id = service().resume(owner, runs, allowance=session.allowance())
            if race and earlier and [run.run_id for run in earlier.runs] == [*runs]:
                self._take(replace(race, race_id=race_id, is_over=False))
                return
            known = last.race if last.race and last.race.runs == tuple(runs) else None
            self._take(_resumed_race(race_id, known, address_of))

    def _check_idle(self) -> None:
        view = self.view()
        if view is not None and view.state not in END_STATES:
            raise Problem(ALREADY_TRAINING)

    def _take(self, race: BrowserRace) -> None:
        """Make `race` that of this browser."""
        earlier, view = self.race, service().view(race.race_id)
        browser_races().put(session.owner(), race)
        if earlier is not None:
            service().forget(earlier.race_id)
        self.last = StoredRace()
        browser = visitor.visitor_id()
        if browser is not None and view is not None:
            runs = tuple(run.run_id for run in view.runs)
            last_race.remember(browser, LastRace(runs, race.setup.contestants, race.address))

    def command(self, race_id: str, name: str) -> None:
        """Send "pause", "resume", "stop" or "step" to the race, if it is still this browser's."""
        race = self.race
        if race is not None and race.race_id == race_id:
            service().send_command(race_id, {"command": name})

    def reset(self, race_id: str) -> None:
        """Forget the race: back to step 0, where the seed gives the same weights again."""
        race = self.race
        if race is not None and race.race_id != race_id:
            return
        if race is not None:
            browser_races().remove(session.owner(), race_id)
            service().forget(race_id)
        self.last = StoredRace()
        if (browser := visitor.visitor_id()) is not None:
            last_race.forget(browser)

    def stored(self) -> StoredRace:
        """What the browser trained last, if only the store knows it and it can be resumed.

        Read once; again as long as another server might still be training it.
        """
        if self.last is None or self.last.is_live:
            self.last = last_race.read(visitor.visitor_id(), open_store())
        return self.last

    def apply_live_settings(
        self, race_id: str, settings: Mapping[str, float | None]
    ) -> BrowserRace | None:
        """Send those of `settings` that differ from the race's to it; returns the race as it is."""
        race = self.race
        if race is None or race.race_id != race_id:
            return race
        changed = {
            name: value for name, value in settings.items() if race.live_settings[name] != value
        }
        if changed:
            merged = {**race.live_settings, **changed}
            browser_races().change(session.owner(), race_id, live_settings=merged)
            service().send_command(race_id, {"command": "set", **changed})
        return self.race

    def note_end(self, race_id: str) -> None:
        """Note that the visitor has seen the end of the race on its own page."""
        race = self.race
        if race is not None and not race.is_over:
            self.problem = None  # that it was still going on, for example
            browser_races().change(session.owner(), race_id, is_over=True)


def resumable_runs(view: RaceView | None, stored: StoredRace) -> tuple[str, ...]:
    """The runs that their page offers to resume, of a race that is over; none without a store.

    A run that failed is among them only if no other did better: it would most likely fail again.
    """
    if store_problem() is not None:
        return ()
    if view is None:
        return tuple(row.id for row in stored.stopped_rows)
    if view.state not in END_STATES:
        return ()
    stopped = tuple(run.run_id for run in view.runs if run.state == "stopped")
    if stopped or view.state == "finished":
        return stopped
    return tuple(run.run_id for run in view.runs)


def _resumed_race(race_id: str, known: LastRace | None, address_of: AddressOf) -> BrowserRace:
    """A race of stored runs; `known`: what its browser's file says about exactly these."""
    from rnnviz.data import UPLOADS
    from rnnviz.training import Experiment

    view = service().view(race_id)
    works = () if view is None else tuple(run.work for run in view.runs)
    for work in works:
        for content in work.get("files", {}).values():
            UPLOADS.add(content)
    experiments = tuple(Experiment.from_plain(work["experiment"]) for work in works)
    live = live_settings(experiments[0].optimiser)
    if known is not None:
        return BrowserRace(race_id, RaceSetup(experiments, known.contestants), live, known.address)
    address = address_of(experiments[0]) if len(experiments) == 1 else None
    return BrowserRace(race_id, RaceSetup(experiments, len(experiments)), live, address)


def note_visit() -> None:
    """Note that the visitor's browser has a page open: as long as one is, its race goes on."""
    browser_races().note(session.owner(), session.runtime_id())


def is_same_race(setup: RaceSetup, other: RaceSetup) -> bool:
    """Whether two setups are the same race, apart from the live settings."""
    return _with_equal_live_settings(setup) == _with_equal_live_settings(other)


def _with_equal_live_settings(setup: RaceSetup) -> list["Experiment"]:
    equal: Any = dict.fromkeys(LIVE_SETTINGS, 1.0)
    return [
        replace(experiment, optimiser=replace(experiment.optimiser, **equal))
        for experiment in setup.experiments
    ]


def _work(experiment: "Experiment") -> dict[str, Any]:
    from rnnviz.data import UPLOADS

    files = {key: UPLOADS.get(key) for key in experiment.task.files}
    return {"experiment": experiment.to_plain(), "report_interval": UPDATE_INTERVAL, "files": files}
