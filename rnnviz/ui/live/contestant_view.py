"""A contestant as the live view shows it: its runs, one for each seed, taken together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from rnnviz.jobs import History
from rnnviz.ui.live.changes import Change

_ACTIVE_STATES = ("stopping", "paused", "running")
_MOVING_STATES = ("ready", "queued", "running", "stopping")
_END_STATES = ("finished", "stopped", "interrupted", "failed")


@dataclass(frozen=True)
class ContestantView:
    """One contestant. `histories`, `states` and `changes` (of settings) belong to its runs, in the
    same order.

    `snapshot`: the latest of its first model; `gradient_norms`: that model's at its saved steps;
    `queue_position`: how many runs start before it, if it waits. `multiply_adds`: of a training
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
    snapshot: Mapping[str, Any] | None = None
    gradient_norms: Sequence[tuple[int, Sequence[float]]] = ()
    queue_position: int | None = None
    seconds: float | None = None

    @property
    def state(self) -> str:
        """The one state that stands for those of all its runs."""
        if len({*self.states}) == 1:
            return self.states[0]
        for state in _ACTIVE_STATES:
            if state in self.states:
                return state
        if "queued" in self.states:
            return "running"  # between two of them
        return next(state for state in _END_STATES if state in self.states)

    @property
    def history(self) -> History:
        """That of its first run."""
        return self.histories[0]

    @property
    def step(self) -> int:
        """The step of its first run: a snapshot may be later than the last row of history."""
        row = self.history.step[-1] if self.history.step else 0
        return max(row, self.snapshot["step"] if self.snapshot else 0)

    @property
    def total_steps(self) -> int | None:
        """How many steps each run is going to do; None while time may end it at unknown speed."""
        if self.seconds is None:
            return self.steps
        if self.steps_per_second is None:
            return None
        return min(self.steps, max(self.step, round(self.seconds * self.steps_per_second)))

    @property
    def progress(self) -> float:
        """How much of all its runs is done, from 0 to 1.

        A run that has finished is done, however early its target, its patience or the time has
        ended it; one that was stopped or has failed stays where it was.
        """
        shares = [
            1.0 if state == "finished" else self._progress(history)
            for state, history in zip(self.states, self.histories, strict=True)
        ]
        return sum(shares) / len(shares)

    def _progress(self, history: History) -> float:
        """How near a run is to what ends it first, its steps or its time."""
        if not history.step:
            return 0.0
        timed = 0.0 if self.seconds is None else history.seconds[-1] / self.seconds
        return min(1.0, max(history.step[-1] / self.steps, timed))

    @property
    def steps_per_second(self) -> float | None:
        """Training steps in a second of its processor, of all its runs together."""
        steps = sum(history.step[-1] for history in self.histories if history.step)
        seconds = sum(history.seconds[-1] for history in self.histories if history.step)
        return steps / seconds if seconds else None

    def latest_values(self, column: str) -> list[float]:
        """The last value of `column` of each run that has ended; before any has, of the first."""
        latest = []
        for history in self._scored_histories():
            values = (value for value in reversed(getattr(history, column)) if value is not None)
            latest += [value for value in [next(values, None)] if value is not None]
        return latest

    @property
    def test_steps(self) -> tuple[int, ...]:
        """The steps, each once and in order, at which the scores of its runs were measured."""
        steps = map(_last_test, self._scored_histories())
        return tuple(sorted({step for step in steps if step is not None}))

    @property
    def has_outdated_score(self) -> bool:
        """Whether the score of any of its runs needs the step of its test beside it."""
        histories = self._scored_histories()
        # A stop falls between two rows of history; only of a single run is it known where.
        ends = (
            [self.step]
            if len(self.histories) == 1
            else [(history.step or [0])[-1] for history in histories]
        )
        return any(
            is_outdated(self.state, _last_test(history), end)
            for history, end in zip(histories, ends, strict=True)
        )

    @property
    def has_untrained_score(self) -> bool:
        """Whether it was stopped while its only score was that of the untrained network."""
        return self.state == "stopped" and self.test_steps == (0,)

    def _scored_histories(self) -> Sequence[History]:
        """The histories of the runs whose scores count: see `latest_values`."""
        ended = [
            history
            for state, history in zip(self.states, self.histories, strict=True)
            if state in _END_STATES and history.step
        ]
        return ended or self.histories[:1]


def is_outdated(state: str, test_step: int | None, step: int) -> bool:
    """Whether a score of `test_step` needs that step beside it, in a run that is at `step`.

    It is a score of an earlier model where the run has stopped between two tests. In a run that is
    merely on its way to the next test only the first would mislead: nothing had been learned then.
    """
    if test_step is None or test_step == step:
        return False
    return test_step == 0 or state not in _MOVING_STATES


def _last_test(history: History) -> int | None:
    rows = zip(reversed(history.step), reversed(history.validation_metric), strict=True)
    return next((step for step, score in rows if score is not None), None)


def median_or_none(values: Sequence[float]) -> float | None:
    """The median, or None of nothing."""
    return median(values) if values else None
