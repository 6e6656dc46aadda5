"""A contestant as the live view shows it: its runs, one for each seed, taken together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from rnnviz.jobs import History
from rnnviz.ui.live.changes import Change

_GOING = ("stopping", "paused", "running")
_MOVING = ("ready", "queued", "running", "stopping")
_ENDED = ("finished", "stopped", "interrupted", "failed")


@dataclass(frozen=True)
class ContestantView:
    """One contestant. `histories`: of each of its runs; `states`: theirs, in the same order, as are
    `changes`: what each run was told to change on its way.

    `probe`: the look at its first model taken last; `heat`: step and gradient norms of that model's
    moments; `place`: how many runs start before it, if it waits. `multiply_adds`: of a training
    step, forward. `steps` and, if time may end it, `seconds`: the most that each of its runs gets.
    """

    code: str
    name: str
    colour: str
    units: int
    parameters: int
    multiply_adds: int
    steps: int
    states: Sequence[str] = ("ready",)
    histories: Sequence[History] = field(default_factory=lambda: (History(),))
    changes: Sequence[Sequence[Change]] = ()
    probe: Mapping[str, Any] | None = None
    heat: Sequence[tuple[int, Sequence[float]]] = ()
    place: int | None = None
    seconds: float | None = None

    @property
    def state(self) -> str:
        """The one word for all of its runs."""
        if len({*self.states}) == 1:
            return self.states[0]
        for state in _GOING:
            if state in self.states:
                return state
        if "queued" in self.states:
            return "running"  # between two of them
        return next(state for state in _ENDED if state in self.states)

    @property
    def history(self) -> History:
        """That of its first run."""
        return self.histories[0]

    @property
    def step(self) -> int:
        """How far its first run is: a look may be later than the last row of history."""
        row = self.history.step[-1] if self.history.step else 0
        return max(row, self.probe["step"] if self.probe else 0)

    @property
    def total(self) -> int | None:
        """How many steps each of its runs is going to do; None while time may end it at a speed
        that nobody knows yet."""
        if self.seconds is None:
            return self.steps
        if self.speed is None:
            return None
        return min(self.steps, max(self.step, round(self.seconds * self.speed)))

    @property
    def share(self) -> float:
        """How much of all its runs is done, from 0 to 1.

        A run that has finished is done, however early a goal, its patience or the time has ended
        it; one that was stopped or has failed stays where it was.
        """
        done = [
            1.0 if state == "finished" else self._done(each)
            for state, each in zip(self.states, self.histories, strict=True)
        ]
        return sum(done) / len(done)

    def _done(self, history: History) -> float:
        """How near a run is to what ends it first, its steps or its time."""
        if not history.step:
            return 0.0
        timed = 0.0 if self.seconds is None else history.seconds[-1] / self.seconds
        return min(1.0, max(history.step[-1] / self.steps, timed))

    @property
    def speed(self) -> float | None:
        """Training steps in a second of its processor, of all its runs together."""
        steps = sum(each.step[-1] for each in self.histories if each.step)
        seconds = sum(each.seconds[-1] for each in self.histories if each.step)
        return steps / seconds if seconds else None

    def latest(self, column: str) -> list[float]:
        """The last value of `column` of each run that has ended; before any has, of the first."""
        found = []
        for each in self._counting():
            known = (value for value in reversed(getattr(each, column)) if value is not None)
            found += [value for value in [next(known, None)] if value is not None]
        return found

    @property
    def tested(self) -> tuple[int, ...]:
        """The steps, each once and in order, at which the score was measured: a run's last test."""
        last = map(_last_test, self._counting())
        return tuple(sorted({step for step in last if step is not None}))

    @property
    def dated(self) -> bool:
        """Whether the score of any of its runs has to be told with the step of its test."""
        counting = self._counting()
        # A stop falls between two rows of history; only of a single run is it known where.
        ends = (
            [self.step]
            if len(self.histories) == 1
            else [(each.step or [0])[-1] for each in counting]
        )
        return any(
            is_outdated(self.state, _last_test(each), end)
            for each, end in zip(counting, ends, strict=True)
        )

    def _counting(self) -> Sequence[History]:
        """The histories of the runs whose scores count: see `latest`."""
        ended = [
            each
            for state, each in zip(self.states, self.histories, strict=True)
            if state in _ENDED and each.step
        ]
        return ended or self.histories[:1]


def is_outdated(state: str, tested: int | None, step: int) -> bool:
    """Whether a score of the step `tested` is told with it, of a run that stands at `step`.

    It is that of an earlier moment where the run stands still between two tests. Of one that is
    merely on its way to the next only the first would mislead: nothing had been learned then.
    """
    if tested is None or tested == step:
        return False
    return tested == 0 or state not in _MOVING


def _last_test(history: History) -> int | None:
    rows = zip(reversed(history.step), reversed(history.validation), strict=True)
    return next((step for step, score in rows if score is not None), None)


def median_or_none(values: Sequence[float]) -> float | None:
    """The median, or None of nothing."""
    return median(values) if values else None
