"""The latest race of each browser: it outlives the pages and the sessions that show it."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rnnviz.jobs.records import END_STATES
from rnnviz.ui.services.presence import Presence
from rnnviz.ui.services.singletons import singleton
from rnnviz.ui.services.training import RaceSetup, service

MAX_ENDED = 500
"""About the most browsers whose races are remembered although they are over."""

RENEWAL_INTERVAL = 3.0
"""Seconds between two renewals of the leases of browsers that are present."""

STARTING_LOCKS = 64

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BrowserRace:
    """What is known of a browser's race besides its results.

    Attributes:
        race_id: its id in the job service.
        setup: its experiments at the start.
        live_settings: those of its settings that may be changed meanwhile, as they are now.
        address: the parameters that set the controls to it; None if it was not set by them.
        is_over: whether its own page has displayed its end.
    """

    race_id: str
    setup: RaceSetup
    live_settings: Mapping[str, float | None] = field(default_factory=dict)
    address: Mapping[str, str] | None = None
    is_over: bool = False


class BrowserRaces:
    """The race of each owner, and which owners are present; safe for threads."""

    def __init__(self, presence: Presence | None = None) -> None:
        self.presence = presence or Presence()
        self._lock = threading.Lock()
        self._races: dict[str, BrowserRace] = {}  # in the order of their starts
        self._limit = MAX_ENDED
        # By a number that the owner's id decides: one lock for each would have to be forgotten.
        self._starting = [threading.Lock() for _number in range(STARTING_LOCKS)]
        self._closed = threading.Event()

    def get(self, owner: str) -> BrowserRace | None:
        """The latest race of `owner`."""
        return self._races.get(owner)

    def put(self, owner: str, race: BrowserRace) -> None:
        """Remember the race that `owner` has just started."""
        with self._lock:
            self._races.pop(owner, None)
            self._races[owner] = race
            is_full = len(self._races) > self._limit
        if is_full:
            self._forget_ended()

    def change(self, owner: str, race_id: str, **changes: Any) -> None:
        """Change what is known of a race, unless the owner has another one by now."""
        with self._lock:
            race = self._races.get(owner)
            if race is not None and race.race_id == race_id:
                self._races[owner] = replace(race, **changes)

    def remove(self, owner: str, race_id: str) -> None:
        """Forget a race, unless the owner has another one by now."""
        with self._lock:
            race = self._races.get(owner)
            if race is not None and race.race_id == race_id:
                del self._races[owner]

    def starting(self, owner: str) -> threading.Lock:
        """The lock that lets two tabs of `owner` start a race one after the other."""
        return self._starting[hash(owner) % STARTING_LOCKS]

    def note(self, owner: str, session: str) -> None:
        """Note that a page of `owner` has run in the runtime's session `session`."""
        self.presence.note(owner, session)
        if owner in self._races:
            service().renew(owner)

    def renew(self, renew: Callable[[str], None]) -> None:
        """Call `renew` with every owner of a race who is present."""
        for owner in self.presence.present() & self._races.keys():
            renew(owner)

    def run(self) -> None:
        """Renew leases until `close`, in a thread of its own."""
        while not self._closed.wait(RENEWAL_INTERVAL):
            if not self._races:
                continue
            try:
                self.renew(service().renew)
                self._forget_dropped()
            except Exception:
                _log.exception("leases were not renewed")

    def _forget_dropped(self) -> None:
        """Forget the races that the job service has dropped: a setup may hold a large file."""
        for owner, race in list(self._races.items()):
            if service().view(race.race_id) is None:
                self.remove(owner, race.race_id)

    def _forget_ended(self) -> None:
        """Forget most races that are over, the oldest first; one that is going on, never."""
        over = []
        for owner, race in list(self._races.items()):
            view = service().view(race.race_id)
            if view is None or view.state in END_STATES:
                over.append((owner, race.race_id))
        for owner, race_id in over[: -MAX_ENDED // 2]:
            self.remove(owner, race_id)
        self._limit = len(self._races) + MAX_ENDED // 2

    def close(self) -> None:
        """End the thread."""
        self._closed.set()


@singleton(close=BrowserRaces.close)
def browser_races() -> BrowserRaces:
    """The races of all browsers of this server."""
    races = BrowserRaces()
    threading.Thread(target=races.run, name="rnnviz presence", daemon=True).start()
    return races
