"""Which race is next, in an order that is fair to the owners, and which owners are present."""

import itertools
from collections import deque
from collections.abc import Callable, Iterator

from rnnviz.jobs.records import Race


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

    def remove(self, race: Race) -> None:
        """Remove `race`; one that is not queued is ignored."""
        queue = self._waiting.get(race.owner, deque())
        if race in queue:
            queue.remove(race)
            if not queue:
                del self._waiting[race.owner]


class Leases:
    """An owner counts as present for `lease` seconds after `renew`, for `grace` after `leave`."""

    def __init__(self, lease: float, grace: float, clock: Callable[[], float]) -> None:
        self._lease, self._grace, self._clock = lease, grace, clock
        self._renewed: dict[str, float] = {}
        self._deadlines: dict[str, float] = {}

    def renew(self, owner: str) -> None:
        """Extend the lease of `owner`, who is present."""
        self._renewed[owner] = self._clock()
        self._deadlines[owner] = self._clock() + self._lease

    def leave(self, owner: str) -> None:
        """Shorten the lease of `owner` to the grace; a `renew` within it undoes this."""
        if owner in self._deadlines:
            self._deadlines[owner] = self._clock() + self._grace

    def has_expired(self, owner: str) -> bool:
        """Whether the lease of `owner` has run out."""
        return self._clock() >= self._deadlines[owner]

    def idle_owners(self, seconds: float) -> list[str]:
        """The owners who have not renewed their lease for so long."""
        limit = self._clock() - seconds
        return [owner for owner, renewed in self._renewed.items() if renewed < limit]

    def forget(self, owner: str) -> None:
        """Drop all records of `owner`."""
        del self._renewed[owner], self._deadlines[owner]
