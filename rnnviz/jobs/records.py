"""What the service remembers of races and runs, and the frozen views it hands out."""

import logging
import secrets
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rnnviz.jobs.engine import Command, Work
from rnnviz.messages import Message
from rnnviz.names import RunState

END_STATES: frozenset[RunState] = frozenset({"finished", "stopped", "failed"})

GradientNormHistory = tuple[tuple[int, tuple[float, ...]], ...]
"""Step and gradient norm at each time step, in the order of the steps."""

_log = logging.getLogger(__name__)


def new_id() -> str:
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

    def up_to(self, step: int) -> "History":
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

    run_id: str
    work: Work
    state: RunState
    attempt: int
    history: History
    snapshot: dict[str, Any] | None
    gradient_norms: GradientNormHistory
    saved_steps: tuple[int, ...]
    facts: dict[str, Any]
    result: dict[str, Any] | None
    reason: Message | None
    queue_position: int | None


@dataclass(frozen=True)
class RaceView:
    """A race as it stands. `position` counts the waiting races before it, None once started.

    `settings` are those that were changed on the way. `storage`: why its runs cannot be stored
    just now, None when they are (or nobody has asked for it).
    """

    race_id: str
    state: RunState
    queue_position: int | None
    runs: tuple[RunView, ...]
    settings: dict[str, Any]
    reason: Message | None
    store_problem: Message | None


@dataclass
class Run:
    """The service's own record of a run.

    `checkpoint`: the latest, as step and bytes. `ahead`: what is known of the run may reach further
    than that, and stays until there is another attempt, which repeats it. `norms`: those of each
    moment, or none. `weights` of the moments, where no store keeps them.
    """

    run_id: str
    work: Work
    state: RunState = "queued"
    attempt: int = 0
    history: History = field(default_factory=History)
    snapshot: dict[str, Any] | None = None
    gradient_norms: dict[int, tuple[float, ...]] = field(default_factory=dict)
    weights: dict[int, bytes] = field(default_factory=dict)
    checkpoint: tuple[int, bytes] | None = None
    is_ahead: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] | None = None
    reason: Message | None = None
    kill_at: float | None = None
    _view_parts: tuple[History, GradientNormHistory, tuple[int, ...]] | None = None

    def add_rows(self, points: Sequence[Mapping[str, Any]]) -> None:
        """More rows of history."""
        for point in points:
            self.history.append(point)
        self._view_parts = None

    def add_saved_step(self, step: int, norms: Sequence[float]) -> None:
        """The weights after `step` are kept; `norms` may be told later."""
        self.gradient_norms[step] = tuple(norms)
        self._view_parts = None

    def weights_at(self, step: int) -> bytes | None:
        """The weights of the latest moment that is not after `step`."""
        kept = max((each for each in self.weights if each <= step), default=None)
        return None if kept is None else self.weights[kept]

    def rewind(self) -> int:
        """Forget what came after the checkpoint, or everything; returns the step to go on from."""
        step = -1 if self.checkpoint is None else self.checkpoint[0]
        self.history = self.history.up_to(step)
        for kept in (self.gradient_norms, self.weights):
            for later in [each for each in kept if each > step]:
                del kept[later]
        self.is_ahead, self._view_parts = False, None
        if self.checkpoint is None:
            self.snapshot = None
        return step

    def release(self) -> None:
        """It is over: give back what only another attempt would need."""
        self.checkpoint = None
        self.work = {name: value for name, value in self.work.items() if name != "files"}

    def view(self, stopping: bool, place: int | None) -> RunView:
        """A copy for another thread; `stopping`: the run has been told to end."""
        if self._view_parts is None:
            # Views are asked for far more often than anything is told.
            steps = tuple(sorted(self.gradient_norms))
            heat = tuple(
                (step, self.gradient_norms[step]) for step in steps if self.gradient_norms[step]
            )
            self._view_parts = self.history.copy(), heat, steps
        history, heat, moments = self._view_parts
        return RunView(
            self.run_id,
            self.work,
            "stopping" if stopping and self.state not in END_STATES else self.state,
            self.attempt,
            history,
            self.snapshot,
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

    race_id: str
    owner: str
    runs: list[Run]
    keep_running: Callable[[], bool]
    paused: bool = False
    paused_at: float = 0.0
    settings: dict[str, Any] = field(default_factory=dict)
    stopping: bool = False
    reason: Message | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it will ever run again."""
        return all(run.state in END_STATES for run in self.runs)

    @property
    def has_started(self) -> bool:
        """Whether any of its runs has had a slot."""
        return any(run.attempt for run in self.runs)

    def should_run(self) -> bool:
        """Whether its owner still wants it; not when that cannot be told."""
        try:
            return self.keep_running()
        except Exception:
            _log.exception("nobody knows whether the race %s is still wanted", self.race_id)
            return False

    @property
    def unstarted(self) -> list[Run]:
        """Its runs that have not had a slot yet."""
        return [run for run in self.runs if run.state == "queued" and not run.attempt]

    @property
    def state(self) -> RunState:
        """The one word for the whole race."""
        if self.has_ended:
            states = {run.state for run in self.runs}
            for state in ("finished", "stopped"):
                if state in states:
                    return state
            return "failed"
        if self.stopping:
            return "stopping"
        if self.paused:
            return "paused"
        return "running" if self.has_started else "queued"

    def view(
        self, position: int | None, places: Mapping[str, int], storage: Message | None
    ) -> RaceView:
        """A copy for another thread; `places`: how many runs start before a queued one."""
        runs = tuple(run.view(self.stopping, places.get(run.run_id, 0)) for run in self.runs)
        settings = dict(self.settings)
        return RaceView(self.race_id, self.state, position, runs, settings, self.reason, storage)

    def pending_commands(self) -> list[Command]:
        """What a run must be told when it starts after the owner has decided.

        What its checkpoint knows already is no change to it.
        """
        orders: list[Command] = []
        if self.settings:
            orders.append({"command": "set", **self.settings})
        if self.paused:
            orders.append({"command": "pause"})
        return orders
