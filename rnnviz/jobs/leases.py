"""Which owners of races are still there: those who have said so lately."""

from collections.abc import Callable


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

    def gone(self, owner: str) -> bool:
        """Whether the owner's time is over."""
        return self._clock() >= self._deadlines[owner]

    def silent(self, seconds: float) -> list[str]:
        """The owners of whom nothing was heard for so long."""
        last = self._clock() - seconds
        return [owner for owner, seen in self._seen.items() if seen < last]

    def forget(self, owner: str) -> None:
        """Nothing is kept of the owner."""
        del self._seen[owner], self._deadlines[owner]
