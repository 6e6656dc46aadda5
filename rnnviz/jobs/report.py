"""What a worker reports of its training, and when: history, snapshots, saved steps, checkpoints.

What belongs to the run (history rows, validations, saved steps) is counted in steps by its
schedule, so that equal experiments have equal histories. What only shows or saves the run is timed,
within a share of the time that training takes.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rnnviz.jobs.engine import Event
from rnnviz.messages import Problem
from rnnviz.training import Trainer, WeightsPacker, checkpoint, load_model
from rnnviz.training.snapshot import gradient_norms_and_states

SNAPSHOT_BUDGET = 0.005
"""The share of the training time that snapshots may take."""
SNAPSHOT_ALLOWANCE = 0.004
"""Seconds they may take in addition, over the whole run, so that a short one is seen as well."""
CHECKPOINT_INTERVAL = 1.0
"""Seconds between two checkpoints; more where that would exceed their share."""
CHECKPOINT_SHARE = 0.002
"""The share of the time that checkpoints may take."""
FINAL_SNAPSHOT_SECONDS = 0.3
"""Seconds after the last step for the gradient norms of saved steps that are still missing."""


@dataclass
class _SavedStep:
    """Stored weights, and the gradient norms at each time step if they were measured."""

    step: int
    weights: bytes
    norms: tuple[float, ...] = ()

    def event(self) -> Event:
        return {
            "event": "saved_step",
            "step": self.step,
            "weights": self.weights,
            "norms": list(self.norms),
        }


class Reporter:
    """Produces the events of `trainer`'s run; `interval`: seconds between two reports."""

    def __init__(self, trainer: Trainer, interval: float) -> None:
        self._trainer, self._interval = trainer, interval
        self._rows: list[dict[str, Any]] = []
        self._saved_steps: list[_SavedStep] = []
        self._pack_weights = WeightsPacker(trainer.model)
        self._next_report = self._next_snapshot = self._next_checkpoint = 0.0
        self._spent = 0.0  # seconds on snapshots
        self._snapshot_seconds = 0.0  # of the latest
        self._start = trainer.seconds

    def on_start(self, is_new: bool) -> Iterator[Event]:
        """Before the first step; `is_new`: the run was not resumed from a checkpoint."""
        snapshot = self._snapshot()
        self._spent = 0.0  # the first snapshot precedes the training and is not part of its budget
        if is_new:
            self._add_row()
        yield self._progress(snapshot)
        if is_new:
            yield self._save_step(snapshot)
        now = time.monotonic()
        self._next_report = self._next_snapshot = now + self._interval

    def on_step(self) -> Iterator[Event]:
        """After a training step."""
        trainer = self._trainer
        has_row, now = self._add_row(), time.monotonic()
        is_saved = trainer.schedule.is_saved_step(trainer.step)
        due = now >= min(self._next_report, self._next_snapshot, self._next_checkpoint)
        # Most steps end here: small models do a thousand per second.
        if not (has_row or is_saved or due):
            return
        if trainer.done:
            return  # `on_finish` comes next
        snapshot = None
        if is_saved or now >= self._next_snapshot:
            self._next_snapshot = now + self._interval
            snapshot = self._snapshot() if self._within_budget() else None
        if now >= self._next_report or snapshot is not None:
            self._next_report = now + self._interval
            yield self._progress(snapshot)
        if is_saved:
            yield self._save_step(snapshot)
        # Also between two rows: the running means are part of the checkpoint.
        if now >= self._next_checkpoint:
            yield from self._checkpoint()

    def on_change(self) -> Iterator[Event]:
        """After a change of settings: a resumed run repeats it at the very same step."""
        yield {"event": "changed", "changes": list(self._trainer.changes)}
        yield from self._checkpoint()

    def on_pause(self) -> Iterator[Event]:
        """When the run is paused, and after every single step while it is."""
        yield self._progress(self._snapshot())
        yield from self._checkpoint()

    def on_stop(self) -> Iterator[Event]:
        """When the run is asked to stop: the checkpoint first, as there may be little time."""
        yield from self._checkpoint()
        yield from self._last_snapshot()

    def on_finish(self) -> Iterator[Event]:
        """After the last step."""
        yield from self._checkpoint()
        yield from self._last_snapshot()
        yield from self._missing_norms()

    def on_failure(self) -> Iterator[Event]:
        """When the run has failed: the history up to the failure."""
        yield self._progress(None)
        yield self._save_step(None)

    def _last_snapshot(self) -> Iterator[Event]:
        snapshot = self._snapshot()
        yield self._save_step(snapshot)
        yield self._progress(snapshot)

    def _add_row(self) -> bool:
        row = self._trainer.row()
        if row is not None:
            self._rows.append(row)
        return row is not None

    def _progress(self, snapshot: dict[str, Any] | None) -> Event:
        rows, self._rows = self._rows, []
        return {"event": "progress", "rows": rows, "snapshot": snapshot}

    def _save_step(self, snapshot: dict[str, Any] | None) -> Event:
        norms = () if snapshot is None else tuple(snapshot["norms"])
        saved_step = _SavedStep(self._trainer.step, self._pack_weights(), norms)
        self._saved_steps.append(saved_step)
        return saved_step.event()

    def _checkpoint(self) -> Iterator[Event]:
        if self._rows:  # a run resumed from here continues the history
            yield self._progress(None)
        began = time.thread_time()
        yield {
            "event": "checkpoint",
            "step": self._trainer.step,
            "content": checkpoint(self._trainer),
        }
        took = time.thread_time() - began  # including the pipe
        self._next_checkpoint = time.monotonic() + max(CHECKPOINT_INTERVAL, took / CHECKPOINT_SHARE)

    def _within_budget(self) -> bool:
        """Whether another snapshot, if it takes as long as the latest, stays within the budget."""
        trainer = self._trainer
        trained = trainer.seconds - self._start
        limit = trainer.optimiser.seconds
        # Where the clock ends a run, its number of steps is only a bound.
        done = trainer.step / trainer.optimiser.steps if limit is None else trainer.seconds / limit
        allowance = SNAPSHOT_ALLOWANCE * done
        return self._spent + self._snapshot_seconds <= SNAPSHOT_BUDGET * trained + allowance

    def _snapshot(self) -> dict[str, Any]:
        began = time.thread_time()
        snapshot = self._trainer.snapshot().to_plain()
        self._snapshot_seconds = time.thread_time() - began
        self._spent += self._snapshot_seconds
        return snapshot

    def _missing_norms(self) -> Iterator[Event]:
        """The saved steps without gradient norms, with them; first some that are far apart."""
        experiment = self._trainer.experiment
        deadline = time.monotonic() + FINAL_SNAPSHOT_SECONDS
        missing = [saved_step for saved_step in self._saved_steps if not saved_step.norms]
        for saved_step in _spread(missing):
            if time.monotonic() >= deadline:
                return
            model = load_model(experiment, saved_step.weights)
            try:
                norms, _ = gradient_norms_and_states(model, experiment.task)
            except Problem:
                continue  # the numbers were too large at that step
            if not norms:
                return  # a network without hidden states
            saved_step.norms = norms
            yield saved_step.event()


def _spread(saved_steps: list[_SavedStep]) -> list[_SavedStep]:
    """Every sixteenth of them, then every eighth that is left, and so on."""
    order: list[_SavedStep] = []
    for stride in (16, 8, 4, 2, 1):
        order += [each for each in saved_steps[::stride] if each not in order]
    return order
