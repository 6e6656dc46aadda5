"""Which race is next, in an order that is fair to the owners, and which owners are present."""

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from rnnviz.jobs.records import Race, Run
from rnnviz.messages import N_, Problem

TOO_MANY_RACES = N_(
    "{count} {count:race|races} of yours {count:is|are} waiting to start already; allowed are "
    "{limit}. Stop one of them, or wait until one has started."
)
TOO_MANY_WITHOUT_COOKIE = N_(
    "{count} {count:race|races} of browsers without cookies {count:is|are} waiting to start "
    "already; allowed are {limit}. Allow cookies for this page, or wait until one has started."
)
TOO_MANY_RUNS = N_(
    "{count} {count:run is|runs are} waiting on this server already and this race has {more}; "
    "allowed are {limit} together. Try again when some have started."
)

MAX_GAP = 5.0
"""Seconds that count at most between two looks at the clock."""


class Slots(Protocol):
    """What the queue needs to know of the engine's slots."""

    @property
    def free_slots(self) -> int:
        """How many more runs can be started."""

    def owners(self) -> set[str]:
        """The owners of the active runs."""


class RaceQueue:
    """One race of each owner, then the next of each; iterating gives the order of service."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Race]] = {}  # by owner, in the order of service

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __iter__(self) -> Iterator[Race]:
        rounds = itertools.zip_longest(*self._waiting.values())
        return iter([race for turn in rounds for race in turn if race is not None])

    def position(self, race: Race) -> int | None:
        """How many races are served before `race`; None if it is not queued."""
        return next((index for index, other in enumerate(self) if other is race), None)

    def run_positions(self) -> dict[str, int]:
        """How many runs start before each queued run, by its id."""
        run_ids = [run.run_id for race in self for run in race.unstarted_runs]
        return {run_id: index for index, run_id in enumerate(run_ids)}

    def add(self, race: Race) -> None:
        """Queue `race` behind its owner's other races."""
        self._waiting.setdefault(race.owner, deque()).append(race)

    def pop(self, race: Race) -> None:
        """Remove `race`, which is served now; its owner moves behind all others."""
        self.remove(race)
        if race.owner in self._waiting:
            self._waiting[race.owner] = self._waiting.pop(race.owner)

    def defer(self, race: Race) -> None:
        """Move the owner of `race` behind all others; only some of its runs have been served."""
        self._waiting[race.owner] = self._waiting.pop(race.owner)

    def next_turn(self, slots: Slots, count: int) -> tuple[Race, list[Run]] | None:
        """Take the next race with its first runs, or one more run of a race that has started.

        None if nothing fits. `count`: how many slots there are in all.
        """
        active = slots.owners()
        for race in self:
            if race.paused if race.has_started else race.owner in active:
                continue
            runs = race.unstarted_runs
            share = 1 if race.has_started else min(len(runs), count)
            # No smaller race overtakes the head of the queue, or it might wait forever.
            if slots.free_slots < share:
                return None
            if len(runs) > share:
                self.defer(race)
            else:
                self.pop(race)
            return race, runs[:share]
        return None

    def remove(self, race: Race) -> None:
        """Remove `race`; one that is not queued is ignored."""
        queue = self._waiting.get(race.owner, deque())
        if race in queue:
            queue.remove(race)
            if not queue:
                del self._waiting[race.owner]


@dataclass(frozen=True)
class Limits:
    """How much may wait: `races` per allowance, `runs` in all; `records`: ended races per owner."""

    races: int = 5
    runs: int = 2000
    records: int = 10

    def check(self, races: Iterable[Race], owner: str, allowance: str, runs: int) -> None:
        """Refuse another race of `runs` runs where too much is waiting.

        Raises:
            Problem: it names how many are waiting and how many are allowed.
        """
        waiting = [race for race in races if race.unstarted_runs and not race.stopping]
        own = sum(race.allowance == allowance and not race.has_started for race in waiting)
        if own >= self.races:
            template = TOO_MANY_RACES if owner == allowance else TOO_MANY_WITHOUT_COOKIE
            raise Problem(template, count=own, limit=self.races)
        count = sum(len(race.unstarted_runs) for race in waiting)
        if count + runs > self.runs:
            raise Problem(TOO_MANY_RUNS, count=count, more=runs, limit=self.runs)


def outdated(races: Iterable[Race], owner: str, limit: int) -> list[Race]:
    """The ended races of `owner` that are older than the latest `limit`."""
    ended = [race for race in races if race.owner == owner and race.has_ended]
    return ended[: max(0, len(ended) - limit)]


class WatchedTime:
    """The seconds in which the service was watching; a longer gap counts as `MAX_GAP`.

    While a process is stalled or a laptop is suspended, and when a clock jumps, nobody had a chance
    to show that he is present.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.now = clock
        self.seconds = 0.0
        self._looked_at = clock()

    def look(self) -> None:
        """Count the time since the last look; called in every turn."""
        now = self.now()
        self.seconds += min(max(now - self._looked_at, 0.0), MAX_GAP)
        self._looked_at = now


class Leases:
    """An owner counts as present for `lease` seconds of `time` after `renew`."""

    def __init__(self, lease: float, time: WatchedTime) -> None:
        self._lease, self._time = lease, time
        self._renewed: dict[str, tuple[float, float]] = {}  # watched seconds, and by the clock

    def add(self, owner: str) -> None:
        """Begin the lease of `owner`, or renew it."""
        self._renewed[owner] = self._time.seconds, self._time.now()

    def renew(self, owner: str) -> None:
        """Renew the lease of `owner`; one who has none is ignored."""
        if owner in self._renewed:
            self.add(owner)

    def has_expired(self, owner: str) -> bool:
        """Whether the lease of `owner` has run out."""
        return self._time.seconds - self._renewed[owner][0] >= self._lease

    def idle_owners(self, seconds: float) -> list[str]:
        """The owners who have not renewed their lease for so long."""
        limit = self._time.now() - seconds
        return [owner for owner, (_, renewed) in self._renewed.items() if renewed < limit]

    def forget(self, owner: str) -> None:
        """Drop all records of `owner`."""
        del self._renewed[owner]
