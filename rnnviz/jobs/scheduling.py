"""The races that wait for a place, in an order that is fair to their owners."""

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
        """How many races are served before `race`, or None when it does not wait."""
        return next((place for place, other in enumerate(self) if other is race), None)

    def run_positions(self) -> dict[str, int]:
        """By the names of the waiting runs: how many runs start before each."""
        runs = [run.run_id for race in self for run in race.unstarted]
        return {run: place for place, run in enumerate(runs)}

    def add(self, race: Race) -> None:
        """`race` waits, behind its owner's other races."""
        self._waiting.setdefault(race.owner, deque()).append(race)

    def pop(self, race: Race) -> None:
        """`race` is served now, so its owner goes behind all others."""
        self.remove(race)
        if race.owner in self._waiting:
            self._waiting[race.owner] = self._waiting.pop(race.owner)

    def defer(self, race: Race) -> None:
        """`race` was served a part; for the rest its owner goes behind all others."""
        self._waiting[race.owner] = self._waiting.pop(race.owner)

    def remove(self, race: Race) -> None:
        """`race` waits no longer; one that did not wait is no error."""
        queue = self._waiting.get(race.owner, deque())
        if race in queue:
            queue.remove(race)
            if not queue:
                del self._waiting[race.owner]


class Leases:
    """An owner stays for `lease` seconds after `renew`, for `grace` seconds after `leave`."""

    def __init__(self, lease: float, grace: float, clock: Callable[[], float]) -> None:
        self._lease, self._grace, self._clock = lease, grace, clock
        self._seen: dict[str, float] = {}
        self._deadlines: dict[str, float] = {}

    def renew(self, owner: str) -> None:
        """The owner is there."""
        self._seen[owner] = self._clock()
        self._deadlines[owner] = self._clock() + self._lease

    def leave(self, owner: str) -> None:
        """The owner seems to be gone; a `renew` within the grace takes it back."""
        if owner in self._deadlines:
            self._deadlines[owner] = self._clock() + self._grace

    def has_expired(self, owner: str) -> bool:
        """Whether the owner's time is over."""
        return self._clock() >= self._deadlines[owner]

    def idle_owners(self, seconds: float) -> list[str]:
        """The owners of whom nothing was heard for so long."""
        last = self._clock() - seconds
        return [owner for owner, seen in self._seen.items() if seen < last]

    def forget(self, owner: str) -> None:
        """Nothing is kept of the owner."""
        del self._seen[owner], self._deadlines[owner]
