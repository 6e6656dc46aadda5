"""The one job service of this server, and the session's place in it."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from rnnviz.jobs import LocalEngine, RaceView, Service
from rnnviz.ui import permalink, session

INTERVAL = 0.2
"""Seconds between two reports of a worker, and between two updates of the page."""

Plan = dict[str, Any]
"""An experiment as plain data."""


@st.cache_resource(show_spinner=False)
def service() -> Service:
    """The service, with its thread; its forkserver warms up while the visitor looks around."""
    engine = LocalEngine()
    engine.warm()
    serving = Service(engine)
    threading.Thread(target=serving.run, name="rnnviz jobs", daemon=True).start()
    return serving


@dataclass
class Desk:
    """A session's race. `plans` are the experiments of the race that was started last."""

    race: str | None = None
    plans: list[Plan] = field(default_factory=list)
    rate: float | None = None

    def look(self) -> RaceView | None:
        """The race as it stands; looking tells the service that the visitor is there."""
        if self.race is None:
            return None
        serving, owner = service(), session.name()
        serving.renew(owner)
        session.when_closed("race", lambda: serving.leave(owner))
        return serving.view(self.race)

    def start(self, plans: Sequence[Plan]) -> None:
        """Race `plans`; a race before this one is forgotten."""
        self.reset()
        memory = permalink.memory()
        page = memory.page
        self.plans, self.rate = list(plans), plans[0]["optimiser"]["lr"]
        works = [{"experiment": plan, "every": INTERVAL} for plan in plans]
        # The memory is this session's own: it tells at once that the visitor has turned the page.
        self.race = service().submit(session.name(), works, wanted=lambda: memory.page == page)

    def tell(self, verb: str) -> None:
        """Pause, resume or stop."""
        if self.race is not None:
            service().control(self.race, {"do": verb})

    def reset(self) -> None:
        """Back to step 0: the race is forgotten; the seed brings the same weights again."""
        if self.race is not None:
            service().forget(self.race)
            self.race = None

    def follow_rate(self, rate: float) -> None:
        """The learning rate is the one setting that a running race takes over."""
        if self.race is not None and rate != self.rate:
            self.rate = rate
            service().control(self.race, {"do": "set", "lr": rate})

    def differs_from(self, plans: Sequence[Plan]) -> bool:
        """Whether `plans` are another race, apart from the learning rate."""
        return [_but_rate(plan) for plan in plans] != [_but_rate(plan) for plan in self.plans]


def _but_rate(plan: Mapping[str, Any]) -> Plan:
    return {**plan, "optimiser": {**plan["optimiser"], "lr": None}}
