"""The service's records of races and runs, and the frozen views that it hands out."""

import secrets
import time
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rnnviz.jobs.engine import Command, Work
from rnnviz.messages import Message
from rnnviz.names import RunState

END_STATES: frozenset[RunState] = frozenset({"finished", "stopped", "failed"})

GradientNormHistory = tuple[tuple[int, tuple[float, ...]], ...]
"""Pairs of training step and gradient norm at each time step, in the order of the steps."""


def new_id() -> str:
    """Return an id that is unique across machines; ids sort by their time of creation."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


@dataclass(frozen=True)
class History:
    """The history of a run: equally long columns, in the order of `step`.

    `loss`, `train_metric` and the gradient's `norm` are means over the steps since the row before;
    `validation_metric` is None where the model was not validated; `lr` is the learning rate at
    that step. The first row is step 0, before any loss.
    """

    step: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    loss: list[float | None] = field(default_factory=list)
    train_metric: list[float | None] = field(default_factory=list)
    validation_metric: list[float | None] = field(default_factory=list)
    norm: list[float | None] = field(default_factory=list)
    lr: list[float | None] = field(default_factory=list)

    def append(self, row: Mapping[str, Any]) -> None:
        """Add one row; `row` has the columns as keys."""
        for name, column in vars(self).items():
            column.append(row[name])

    def up_to(self, step: int) -> "History":
        """A new history with the rows up to `step`."""
        count = bisect_right(self.step, step)
        return History(**{name: column[:count] for name, column in vars(self).items()})

    def copy(self) -> "History":
        """A copy that no longer grows."""
        return History(**{name: column.copy() for name, column in vars(self).items()})


@dataclass(frozen=True)
class RunView:
    """A frozen copy of a run: its `state`, its `history`, the latest `snapshot`, why it ended.

    `run_id` is the same in the store. `gradient_norms`: at the saved steps where they were
    measured. `saved_steps`: the steps whose weights are stored. `queue_position`: how many runs
    start before it; None unless it is queued.
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
    """A frozen copy of a race. `queue_position`: how many races start before it; None once started.

    `settings` are those that were changed while it ran. `store_problem`: why its runs cannot be
    stored at the moment; None if they can be (or if there is no store).
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

    `checkpoint`: the latest, as step and bytes. `is_ahead`: history and saved steps may reach
    beyond the checkpoint; they are shown until a new attempt starts and repeats them.
    `gradient_norms`: those at each saved step, or none. `weights`: those of the saved steps if no
    store has them.
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

    def add_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Append rows to the history."""
        for row in rows:
            self.history.append(row)
        self._view_parts = None

    def add_saved_step(self, step: int, norms: Sequence[float]) -> None:
        """Note that the weights after `step` are stored; `norms` may follow later."""
        self.gradient_norms[step] = tuple(norms)
        self._view_parts = None

    def weights_at(self, step: int) -> bytes | None:
        """The weights of the latest saved step that is not after `step`."""
        latest = max((each for each in self.weights if each <= step), default=None)
        return None if latest is None else self.weights[latest]

    def rewind(self) -> int:
        """Discard what followed the checkpoint, or everything if there is none.

        Returns the step of the checkpoint, or -1.
        """
        step = -1 if self.checkpoint is None else self.checkpoint[0]
        self.history = self.history.up_to(step)
        for by_step in (self.gradient_norms, self.weights):
            for later in [each for each in by_step if each > step]:
                del by_step[later]
        self.is_ahead, self._view_parts = False, None
        if self.checkpoint is None:
            self.snapshot = None
        return step

    def release(self) -> None:
        """Free what only another attempt would need; the run has ended."""
        self.checkpoint = None
        self.work = {name: value for name, value in self.work.items() if name != "files"}

    def view(self, stopping: bool, queue_position: int | None) -> RunView:
        """A copy for another thread; `stopping`: the run has been asked to stop."""
        if self._view_parts is None:
            # Views are requested far more often than events arrive.
            steps = tuple(sorted(self.gradient_norms))
            norms = ((step, self.gradient_norms[step]) for step in steps)
            measured = tuple((step, each) for step, each in norms if each)
            self._view_parts = self.history.copy(), measured, steps
        history, gradient_norms, saved_steps = self._view_parts
        return RunView(
            self.run_id,
            self.work,
            "stopping" if stopping and self.state not in END_STATES else self.state,
            self.attempt,
            history,
            self.snapshot,
            gradient_norms,
            saved_steps,
            self.facts,
            self.result,
            self.reason,
            queue_position if self.state == "queued" else None,
        )


@dataclass
class Race:
    """The service's own record of a race: its runs, and the commands of its owner.

    `allowance`: the key by which queued races are limited, mostly the owner.
    """

    race_id: str
    owner: str
    allowance: str
    runs: list[Run]
    paused: bool = False
    paused_at: float = 0.0
    settings: dict[str, Any] = field(default_factory=dict)
    stopping: bool = False
    reason: Message | None = None

    @property
    def has_ended(self) -> bool:
        """Whether none of its runs will ever run again."""
        return all(run.state in END_STATES for run in self.runs)

    @property
    def has_started(self) -> bool:
        """Whether any of its runs has had a slot."""
        return any(run.attempt for run in self.runs)

    @property
    def unstarted_runs(self) -> list[Run]:
        """Its runs that have not had a slot yet."""
        return [run for run in self.runs if run.state == "queued" and not run.attempt]

    @property
    def state(self) -> RunState:
        """The state of the race as a whole."""
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
        self,
        queue_position: int | None,
        run_positions: Mapping[str, int],
        store_problem: Message | None,
    ) -> RaceView:
        """A copy for another thread; `run_positions`: how many runs start before a queued one."""
        return RaceView(
            self.race_id,
            self.state,
            queue_position,
            tuple(run.view(self.stopping, run_positions.get(run.run_id, 0)) for run in self.runs),
            dict(self.settings),
            self.reason,
            store_problem,
        )

    def pending_commands(self) -> list[Command]:
        """The commands that a run must receive when it starts after they were issued.

        Settings that its checkpoint has already are no change to it.
        """
        commands: list[Command] = []
        if self.settings:
            commands.append({"command": "set", **self.settings})
        if self.paused:
            commands.append({"command": "pause"})
        return commands
