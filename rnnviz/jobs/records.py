"""What the service remembers of races and runs, and the frozen views it hands out."""

import logging
import secrets
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rnnviz.jobs.engine import Control, Work
from rnnviz.messages import Message

State = Literal["queued", "running", "paused", "stopping", "finished", "stopped", "failed"]
OVER: frozenset[State] = frozenset({"finished", "stopped", "failed"})

Heat = tuple[tuple[int, tuple[float, ...]], ...]
"""Step and gradient norm at each time step, in the order of the steps."""

_log = logging.getLogger(__name__)


def new_name() -> str:
    """A name that nobody else has, on whatever machine; later names sort behind earlier ones."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


@dataclass(frozen=True)
class History:
    """The course of a run: equally long columns, in the order of `step`.

    `loss`, `metric` and the gradient's `norm` are means over the steps since the row before;
    `validation` is None where the model was not tested; `lr` is the learning rate then. The first
    row is step 0, before any loss.
    """

    step: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    loss: list[float | None] = field(default_factory=list)
    metric: list[float | None] = field(default_factory=list)
    validation: list[float | None] = field(default_factory=list)
    norm: list[float | None] = field(default_factory=list)
    lr: list[float | None] = field(default_factory=list)

    def append(self, point: Mapping[str, Any]) -> None:
        """Add one row; `point` has the columns as keys."""
        for name, column in vars(self).items():
            column.append(point[name])

    def until(self, step: int) -> "History":
        """A history of its own with the rows up to `step`."""
        rows = bisect_right(self.step, step)
        return History(**{name: column[:rows] for name, column in vars(self).items()})

    def copy(self) -> "History":
        """A history that no longer grows."""
        return History(**{name: column.copy() for name, column in vars(self).items()})


@dataclass(frozen=True)
class RunView:
    """One run as it stands: `state`, its `history`, the latest `probe`, why it ended.

    `job` is its name, here and in the store. `heat`: gradient norms at the moments where they were
    measured. `moments`: the steps whose weights are kept. `place`: how many runs start before it,
    None unless it is queued.
    """

    job: str
    work: Work
    state: State
    attempt: int
    history: History
    probe: dict[str, Any] | None
    heat: Heat
    moments: tuple[int, ...]
    facts: dict[str, Any]
    result: dict[str, Any] | None
    reason: Message | None
    place: int | None


@dataclass(frozen=True)
class RaceView:
    """A race as it stands. `position` counts the waiting races before it, None once started.

    `settings` are those that were changed on the way. `storage`: why its runs cannot be stored
    just now, None when they are (or nobody has asked for it).
    """

    race: str
    state: State
    position: int | None
    runs: tuple[RunView, ...]
    settings: dict[str, Any]
    reason: Message | None
    storage: Message | None


@dataclass
class Run:
    """The service's own record of a run.

    `checkpoint`: the latest, as step and bytes. `ahead`: what is known of the run may reach further
    than that, and stays until there is another attempt, which repeats it. `norms`: those of each
    moment, or none. `weights` of the moments, where no store keeps them.
    """

    job: str
    work: Work
    state: State = "queued"
    attempt: int = 0
    history: History = field(default_factory=History)
    probe: dict[str, Any] | None = None
    norms: dict[int, tuple[float, ...]] = field(default_factory=dict)
    weights: dict[int, bytes] = field(default_factory=dict)
    checkpoint: tuple[int, bytes] | None = None
    ahead: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] | None = None
    reason: Message | None = None
    kill_at: float | None = None
    _shown: tuple[History, Heat, tuple[int, ...]] | None = None

    def add(self, points: Sequence[Mapping[str, Any]]) -> None:
        """More rows of history."""
        for point in points:
            self.history.append(point)
        self._shown = None

    def moment(self, step: int, norms: Sequence[float]) -> None:
        """The weights after `step` are kept; `norms` may be told later."""
        self.norms[step] = tuple(norms)
        self._shown = None

    def weights_at(self, step: int) -> bytes | None:
        """The weights of the latest moment that is not after `step`."""
        kept = max((each for each in self.weights if each <= step), default=None)
        return None if kept is None else self.weights[kept]

    def rewind(self) -> int:
        """Forget what came after the checkpoint, or everything; returns the step to go on from."""
        step = -1 if self.checkpoint is None else self.checkpoint[0]
        self.history = self.history.until(step)
        for kept in (self.norms, self.weights):
            for later in [each for each in kept if each > step]:
                del kept[later]
        self.ahead, self._shown = False, None
        if self.checkpoint is None:
            self.probe = None
        return step

    def let_go(self) -> None:
        """It is over: give back what only another attempt would need."""
        self.checkpoint = None
        self.work = {name: value for name, value in self.work.items() if name != "files"}

    def view(self, stopping: bool, place: int | None) -> RunView:
        """A copy for another thread; `stopping`: the run has been told to end."""
        if self._shown is None:
            # Views are asked for far more often than anything is told.
            steps = tuple(sorted(self.norms))
            heat = tuple((step, self.norms[step]) for step in steps if self.norms[step])
            self._shown = self.history.copy(), heat, steps
        history, heat, moments = self._shown
        return RunView(
            self.job,
            self.work,
            "stopping" if stopping and self.state not in OVER else self.state,
            self.attempt,
            history,
            self.probe,
            heat,
            moments,
            self.facts,
            self.result,
            self.reason,
            place if self.state == "queued" else None,
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
    reason: Message | None = None

    @property
    def over(self) -> bool:
        """Whether nothing of it will ever run again."""
        return all(run.state in OVER for run in self.runs)

    @property
    def started(self) -> bool:
        """Whether any of its runs has had a slot."""
        return any(run.attempt for run in self.runs)

    def is_wanted(self) -> bool:
        """Whether its owner still wants it; not when that cannot be told."""
        try:
            return self.wanted()
        except Exception:
            _log.exception("nobody knows whether the race %s is still wanted", self.race)
            return False

    @property
    def new(self) -> list[Run]:
        """Its runs that have not had a slot yet."""
        return [run for run in self.runs if run.state == "queued" and not run.attempt]

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

    def view(
        self, position: int | None, places: Mapping[str, int], storage: Message | None
    ) -> RaceView:
        """A copy for another thread; `places`: how many runs start before a queued one."""
        runs = tuple(run.view(self.stopping, places.get(run.job, 0)) for run in self.runs)
        settings = dict(self.settings)
        return RaceView(self.race, self.state, position, runs, settings, self.reason, storage)

    def standing_orders(self) -> list[Control]:
        """What a run must be told when it starts after the owner has decided.

        What its checkpoint knows already is no change to it.
        """
        orders: list[Control] = []
        if self.settings:
            orders.append({"do": "set", **self.settings})
        if self.paused:
            orders.append({"do": "pause"})
        return orders
