"""The one job service of this server, and the session's place in it."""

import atexit
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.jobs import ProcessEngine, RaceView, Service
from rnnviz.ui import permalink, session
from rnnviz.ui.services import store as storage

if TYPE_CHECKING:
    from rnnviz.training import Experiment, Optimiser

UPDATE_INTERVAL = 0.2
"""Seconds between two reports of a worker, and between two updates of the page."""

LIVE_SETTINGS = ("lr", "clip", "forcing", "temperature")
"""The settings that a running race takes over."""


@st.cache_resource(show_spinner=False)
def service() -> Service:
    """The service, with its thread; its forkserver warms up while the visitor looks around."""
    engine = ProcessEngine()
    engine.warm_up()
    serving = Service(engine, store=storage.open_store())
    threading.Thread(target=serving.run, name="rnnviz jobs", daemon=True).start()
    atexit.register(serving.close)  # before its store is closed: that has been registered already
    return serving


@dataclass(frozen=True)
class RaceSetup:
    """The race that the settings describe: an experiment for each contestant and seed.

    They are ordered by seed, so the runs of one contestant are `contestants` apart. Empty where the
    settings describe no race; the page has said why.
    """

    experiments: tuple["Experiment", ...] = ()
    contestants: int = 0


@dataclass
class RaceSession:
    """A session's race. `asked` is what was started last, `told` what it was told to change."""

    race: str | None = None
    setup: RaceSetup = field(default_factory=RaceSetup)
    live_settings: dict[str, float | None] = field(default_factory=dict)

    def view(self) -> RaceView | None:
        """The race as it stands; looking tells the service that the visitor is there."""
        if self.race is None:
            return None
        serving, owner = service(), session.session_id()
        serving.renew(owner)
        session.on_close("race", lambda: serving.leave(owner))
        return serving.view(self.race)

    def start(self, asked: RaceSetup) -> None:
        """Race what is asked for; a race before this one is forgotten."""
        self.reset()
        works = [_work(experiment) for experiment in asked.experiments]
        self._begin(asked, service().submit(session.session_id(), works, keep_running=_here()))

    def resume(self, runs: Sequence[str]) -> None:
        """Go on with stored `runs` from their last checkpoints, as the race of this session.

        Raises:
            Problem: there is no store, or one of the runs cannot go on.
        """
        from rnnviz.training import Experiment

        race = service().resume(session.session_id(), runs, keep_running=_here())
        self.reset()
        view = service().view(race)
        found = () if view is None else tuple(run.work["experiment"] for run in view.runs)
        self._begin(RaceSetup(tuple(map(Experiment.from_plain, found)), len(found)), race)

    def _begin(self, asked: RaceSetup, race: str) -> None:
        self.setup, self.race = asked, race
        self.live_settings = live_settings(asked.experiments[0].optimiser)

    def command(self, verb: str) -> None:
        """Pause, resume, stop, or do one step."""
        if self.race is not None:
            service().send_command(self.race, {"command": verb})

    def reset(self) -> None:
        """Back to step 0: the race is forgotten; the seed brings the same weights again."""
        if self.race is not None:
            service().forget(self.race)
            self.race = None

    def apply_live_settings(self, settings: Mapping[str, float | None]) -> None:
        """A running race takes these over, as far as they are new."""
        changed = {
            name: value for name, value in settings.items() if self.live_settings[name] != value
        }
        if self.race is not None and changed:
            self.live_settings |= changed
            service().send_command(self.race, {"command": "set", **changed})

    def differs_from(self, asked: RaceSetup) -> bool:
        """Whether `asked` is another race, apart from what a running one takes over."""
        return _lasting(asked) != _lasting(self.setup)


def live_settings(optimiser: "Optimiser") -> dict[str, float | None]:
    """The settings that a running race takes over."""
    return {name: getattr(optimiser, name) for name in LIVE_SETTINGS}


def _work(experiment: "Experiment") -> dict[str, Any]:
    from rnnviz.data import UPLOADS

    files = {key: UPLOADS.get(key) for key in experiment.task.files}
    return {"experiment": experiment.to_plain(), "report_interval": UPDATE_INTERVAL, "files": files}


def _here() -> Any:
    """Asks whether the visitor is still on this page; the session's own memory tells at once."""
    memory = permalink.state()
    page = memory.page
    return lambda: memory.page == page


def _lasting(asked: RaceSetup) -> list["Experiment"]:
    plain: Any = dict.fromkeys(LIVE_SETTINGS, 1.0)
    return [replace(each, optimiser=replace(each.optimiser, **plain)) for each in asked.experiments]
