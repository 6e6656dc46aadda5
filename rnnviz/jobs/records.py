"""What the service remembers of races and runs, and the frozen views it hands out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from rnnviz.jobs.engine import Control, Work

State = Literal["queued", "running", "paused", "stopping", "finished", "stopped", "failed"]
OVER: frozenset[State] = frozenset({"finished", "stopped", "failed"})

Reason = dict[str, Any]
"""A message and its values: {"template": "...", "values": {...}}."""


def plain(template: str, **values: object) -> Reason:
    """The reason in these words, which `N_` has marked."""
    return {"template": template, "values": values}


@dataclass(frozen=True)
class History:
    """The course of a run: equally long columns, in the order of `step`.

    `loss` and `metric` are means over the steps since the row before; `validation` is None where
    the model was not tested. The first row is step 0, before any loss.
    """

    step: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    loss: list[float | None] = field(default_factory=list)
    metric: list[float | None] = field(default_factory=list)
    validation: list[float | None] = field(default_factory=list)

    def append(self, point: dict[str, Any]) -> None:
        """Add one row; `point` has the columns as keys."""
        for name, column in vars(self).items():
            column.append(point[name])

    def copy(self) -> "History":
        """A history that no longer grows."""
        return History(**{name: column.copy() for name, column in vars(self).items()})


@dataclass(frozen=True)
class RunView:
    """One run as it stands: `state`, its `history`, the latest `probe`, why it ended."""

    job: str
    work: Work
    state: State
    attempt: int
    history: History
    probe: dict[str, Any] | None
    facts: dict[str, Any]
    result: dict[str, Any] | None
    reason: Reason | None


@dataclass(frozen=True)
class RaceView:
    """A race as it stands. `position` counts the waiting races before it, None once started.

    `settings` are those that were changed on the way.
    """

    race: str
    state: State
    position: int | None
    runs: tuple[RunView, ...]
    settings: dict[str, Any]
    reason: Reason | None


@dataclass
class Run:
    """The service's own record of a run."""

    job: str
    work: Work
    state: State = "queued"
    attempt: int = 0
    history: History = field(default_factory=History)
    probe: dict[str, Any] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] | None = None
    reason: Reason | None = None
    kill_at: float | None = None

    def view(self, stopping: bool) -> RunView:
        """A copy for another thread; `stopping`: the run has been told to end."""
        return RunView(
            self.job,
            self.work,
            "stopping" if stopping and self.state not in OVER else self.state,
            self.attempt,
            self.history.copy(),
            self.probe,
            self.facts,
            self.result,
            self.reason,
        )


@dataclass
class Race:
    """The service's own record of a race: what its owner wants, and its runs."""

    race: str
    owner: str
    runs: list[Run]
    wanted: Callable[[], bool]
    paused: bool = False
    paused_at: float = 0.0
    settings: dict[str, Any] = field(default_factory=dict)
    stopping: bool = False
    reason: Reason | None = None

    @property
    def over(self) -> bool:
        """Whether nothing of it will ever run again."""
        return all(run.state in OVER for run in self.runs)

    @property
    def started(self) -> bool:
        """Whether any of its runs has had a slot."""
        return any(run.attempt for run in self.runs)

    @property
    def state(self) -> State:
        """The one word for the whole race."""
        if self.over:
            states = {run.state for run in self.runs}
            for state in ("finished", "stopped"):
                if state in states:
                    return state
            return "failed"
        if self.stopping:
            return "stopping"
        if self.paused:
            return "paused"
        return "running" if self.started else "queued"

    def view(self, position: int | None) -> RaceView:
        """A copy for another thread; `position` counts the waiting races before it."""
        runs = tuple(run.view(self.stopping) for run in self.runs)
        return RaceView(self.race, self.state, position, runs, dict(self.settings), self.reason)

    def standing_orders(self) -> list[Control]:
        """What a run must be told when it starts after the owner has decided."""
        orders: list[Control] = []
        if self.settings:
            orders.append({"do": "set", **self.settings})
        if self.paused:
            orders.append({"do": "pause"})
        return orders
