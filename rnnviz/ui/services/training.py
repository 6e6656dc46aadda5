"""The one job service of this server, and what it is asked to train."""

import threading
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rnnviz.jobs import ProcessEngine, Service
from rnnviz.ui.services.singletons import singleton
from rnnviz.ui.services.store import run_store

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
    jobs = Service(engine, store=run_store())
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

    @cached_property
    def key(self) -> str:
        """The whole setup as text: what is shared by setup keeps no visitor's file in memory."""
        experiments = "\n".join(experiment.to_json() for experiment in self.experiments)
        return f"{self.contestants}\n{experiments}"


def live_settings(optimiser: "Optimiser") -> dict[str, float | None]:
    """The settings of `optimiser` that may be changed while a race is running."""
    return {name: getattr(optimiser, name) for name in LIVE_SETTINGS}
