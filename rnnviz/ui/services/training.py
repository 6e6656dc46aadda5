"""The one job service of this server, and the race of each session."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rnnviz.jobs import ProcessEngine, RaceView, Service
from rnnviz.ui import session
from rnnviz.ui.services.singletons import singleton
from rnnviz.ui.services.store import open_store

if TYPE_CHECKING:
    from rnnviz.training import Experiment, Optimiser

UPDATE_INTERVAL = 0.2
"""Seconds between two reports of a worker, and between two updates of the page."""

LIVE_SETTINGS = ("lr", "clip", "forcing", "temperature")
"""The settings that may be changed while a race is running."""


@singleton(close=Service.close)
def service() -> Service:
    """The service, with its thread; its forkserver warms up while the visitor looks around."""
    engine = ProcessEngine()
    engine.warm_up()
    jobs = Service(engine, store=open_store())
    threading.Thread(target=jobs.run, name="rnnviz jobs", daemon=True).start()
    return jobs


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
    """A session's race: its id, its setup at the start, and its live settings by now."""

    race_id: str | None = None
    setup: RaceSetup = field(default_factory=RaceSetup)
    live_settings: dict[str, float | None] = field(default_factory=dict)

    def view(self) -> RaceView | None:
        """The race as it stands. The call also informs the service that the visitor is present."""
        if self.race_id is None:
            return None
        jobs = service()
        jobs.renew(session.session_id())
        return jobs.view(self.race_id)

    def start(self, setup: RaceSetup) -> None:
        """Start a race; the session's earlier race is forgotten."""
        self.reset()
        works = [_work(experiment) for experiment in setup.experiments]
        race_id = service().submit(session.session_id(), works)
        self._begin(setup, race_id)

    def resume(self, runs: Sequence[str]) -> None:
        """Resume stored `runs` from their last checkpoints, as the race of this session.

        Raises:
            Problem: there is no store, or one of the runs cannot be resumed.
        """
        from rnnviz.training import Experiment

        race_id = service().resume(session.session_id(), runs)
        self.reset()
        race = service().view(race_id)
        plain = () if race is None else tuple(run.work["experiment"] for run in race.runs)
        setup = RaceSetup(tuple(map(Experiment.from_plain, plain)), len(plain))
        self._begin(setup, race_id)

    def _begin(self, setup: RaceSetup, race_id: str) -> None:
        self.setup, self.race_id = setup, race_id
        self.live_settings = live_settings(setup.experiments[0].optimiser)

    def command(self, name: str) -> None:
        """Send "pause", "resume", "stop" or "step" to the race."""
        if self.race_id is not None:
            service().send_command(self.race_id, {"command": name})

    def reset(self) -> None:
        """Forget the race: back to step 0, where the seed gives the same weights again."""
        if self.race_id is not None:
            service().forget(self.race_id)
            self.race_id = None

    def apply_live_settings(self, settings: Mapping[str, float | None]) -> None:
        """Send those of `settings` that have changed to the running race."""
        changed = {
            name: value for name, value in settings.items() if self.live_settings[name] != value
        }
        if self.race_id is not None and changed:
            self.live_settings |= changed
            service().send_command(self.race_id, {"command": "set", **changed})

    def differs_from(self, setup: RaceSetup) -> bool:
        """Whether `setup` is another race, apart from the live settings."""
        return _with_equal_live_settings(setup) != _with_equal_live_settings(self.setup)


def live_settings(optimiser: "Optimiser") -> dict[str, float | None]:
    """The settings of `optimiser` that may be changed while a race is running."""
    return {name: getattr(optimiser, name) for name in LIVE_SETTINGS}


def _work(experiment: "Experiment") -> dict[str, Any]:
    from rnnviz.data import UPLOADS

    files = {key: UPLOADS.get(key) for key in experiment.task.files}
    return {"experiment": experiment.to_plain(), "report_interval": UPDATE_INTERVAL, "files": files}


def _with_equal_live_settings(setup: RaceSetup) -> list["Experiment"]:
    equal: Any = dict.fromkeys(LIVE_SETTINGS, 1.0)
    return [
        replace(experiment, optimiser=replace(experiment.optimiser, **equal))
        for experiment in setup.experiments
    ]
