"""What a worker tells of its training, and when: history, looks inside, weights, checkpoints.

What belongs to the run (rows of history, tests, moments) is counted in steps by its cadence, so
that equal experiments have equal histories. What only shows it or saves it is timed, within a share
of the time that training takes.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rnnviz.jobs.engine import Event
from rnnviz.messages import Problem
from rnnviz.training import Experiment, Trainer, WeightsPacker, checkpoint, load_model
from rnnviz.training.snapshot import gradient_norms_and_states

SNAPSHOT_BUDGET = 0.005
"""The share of the training time that looking inside may take."""
SNAPSHOT_ALLOWANCE = 0.004
"""Seconds that it may take beyond, over the whole run: a short one is to be seen as well."""
CHECKPOINT_INTERVAL = 1.0
"""Seconds between two checkpoints, or more where they are large:"""
CHECKPOINT_SHARE = 0.002
"""the share of the time that they may take."""
FINAL_SNAPSHOTS = 0.3
"""Seconds after the end in which the looks that there was no time for are made up for."""


@dataclass
class _Moment:
    """Kept weights, and the gradient norms at each time step if they were measured."""

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
    """The events of `trainer`'s run; `every`: seconds between two of its words."""

    def __init__(self, trainer: Trainer, every: float) -> None:
        self._trainer, self._every = trainer, every
        self._rows: list[dict[str, Any]] = []
        self._moments: list[_Moment] = []
        self._weights = WeightsPacker(trainer.model)
        self._next_words = self._next_look = self._next_checkpoint = 0.0
        self._spent = 0.0  # seconds of looking
        self._snapshot_seconds = 0.0
        self._start = trainer.seconds

    def on_start(self, anew: bool) -> Iterator[Event]:
        """Before the first step; `anew`: the run does not go on from a checkpoint."""
        probe = self._snapshot()
        self._spent = 0.0  # the first look comes before the training, not out of its time
        if anew:
            self._note()
        yield self._progress(probe)
        if anew:
            yield self._moment(probe)
        now = time.monotonic()
        self._next_words = self._next_look = now + self._every

    def on_step(self) -> Iterator[Event]:
        """After a step of training."""
        trainer = self._trainer
        noted, now = self._note(), time.monotonic()
        keeping = trainer.schedule.is_saved_step(trainer.step)
        due = now >= min(self._next_words, self._next_look, self._next_checkpoint)
        # Most steps end here: small models do a thousand in a second.
        if not (noted or keeping or due):
            return
        if trainer.done:
            return  # `ending` comes next
        probe = None
        if keeping or now >= self._next_look:
            self._next_look = now + self._every
            probe = self._snapshot() if self._within_budget() else None
        if now >= self._next_words or probe is not None:
            self._next_words = now + self._every
            yield self._progress(probe)
        if keeping:
            yield self._moment(probe)
        # Also between two rows: the means that are on their way are part of it.
        if now >= self._next_checkpoint:
            yield from self._checkpoint()

    def on_change(self) -> Iterator[Event]:
        """A setting was changed: whoever goes on from here does so at the very same step."""
        yield {"event": "changed", "changes": list(self._trainer.changes)}
        yield from self._checkpoint()

    def on_pause(self) -> Iterator[Event]:
        """While it is paused, after every single step."""
        yield self._progress(self._snapshot())
        yield from self._checkpoint()

    def on_stop(self) -> Iterator[Event]:
        """It is asked to stop: first what it needs to go on one day, there may be little time."""
        yield from self._checkpoint()
        yield from self._last_look()

    def on_finish(self) -> Iterator[Event]:
        """After the last step."""
        yield from self._checkpoint()
        yield from self._last_look()
        yield from self._afterword()

    def on_failure(self) -> Iterator[Event]:
        """It cannot go on: how it came to this."""
        yield self._progress(None)
        yield self._moment(None)

    def _last_look(self) -> Iterator[Event]:
        probe = self._snapshot()
        yield self._moment(probe)
        yield self._progress(probe)

    def _note(self) -> bool:
        row = self._trainer.row()
        if row is not None:
            self._rows.append(row)
        return row is not None

    def _progress(self, probe: dict[str, Any] | None) -> Event:
        rows, self._rows = self._rows, []
        return {"event": "progress", "rows": rows, "snapshot": probe}

    def _moment(self, probe: dict[str, Any] | None) -> Event:
        norms = () if probe is None else tuple(probe["norms"])
        moment = _Moment(self._trainer.step, self._weights(), norms)
        self._moments.append(moment)
        return moment.event()

    def _checkpoint(self) -> Iterator[Event]:
        if self._rows:  # whoever goes on from here continues the history
            yield self._progress(None)
        began = time.thread_time()
        yield {
            "event": "checkpoint",
            "step": self._trainer.step,
            "content": checkpoint(self._trainer),
        }
        took = time.thread_time() - began  # with what the pipe took
        self._next_checkpoint = time.monotonic() + max(CHECKPOINT_INTERVAL, took / CHECKPOINT_SHARE)

    def _within_budget(self) -> bool:
        """Whether the next look, if it takes as long as the latest, is within the share."""
        trainer = self._trainer
        trained = trainer.seconds - self._start
        limit = trainer.optimiser.seconds
        # Where the clock ends a run, its number of steps is only a bound.
        done = trainer.step / trainer.optimiser.steps if limit is None else trainer.seconds / limit
        gift = SNAPSHOT_ALLOWANCE * done
        return self._spent + self._snapshot_seconds <= SNAPSHOT_BUDGET * trained + gift

    def _snapshot(self) -> dict[str, Any]:
        began = time.thread_time()
        probe = self._trainer.snapshot().to_plain()
        self._snapshot_seconds = time.thread_time() - began
        self._spent += self._snapshot_seconds
        return probe

    def _afterword(self) -> Iterator[Event]:
        """The gradient norms of the moments that have none yet, first of some far apart."""
        experiment: Experiment = self._trainer.experiment
        until = time.monotonic() + FINAL_SNAPSHOTS
        missing = [moment for moment in self._moments if not moment.norms]
        for moment in _spread(missing):
            if time.monotonic() >= until:
                return
            try:
                norms, _ = gradient_norms_and_states(
                    load_model(experiment, moment.weights), experiment.task
                )
            except Problem:
                continue  # numbers that were too large then
            if not norms:
                return  # a network without hidden states
            moment.norms = norms
            yield moment.event()


def _spread(moments: list[_Moment]) -> list[_Moment]:
    """Every sixteenth of them, then every eighth between, and so on."""
    found: list[_Moment] = []
    for apart in (16, 8, 4, 2, 1):
        found += [each for each in moments[::apart] if each not in found]
    return found
