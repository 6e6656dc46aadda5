"""The runs that are in the engine now: started, told, listened to, ended or tried again."""

import logging
from collections.abc import Callable
from typing import Any

from rnnviz.jobs.engine import Command, Engine, Event
from rnnviz.jobs.recorder import RunRecorder
from rnnviz.jobs.records import Race, Run
from rnnviz.jobs.worker import message_of
from rnnviz.messages import N_, Message

NOT_STARTED = N_("The worker could not be started: {error}")
GAVE_UP = N_("The worker failed {attempts} {attempts:time|times}. The last time: {last}")

BACKOFF = 1.0
"""Seconds until a worker that could not be started is tried again; twice as many the next time."""

_log = logging.getLogger(__name__)


class Attempts:
    """One attempt per run at a time; what goes wrong with one of them is no matter to the others.

    `ledger` hears everything. `retries`: how often a run whose worker died goes on from its last
    checkpoint. `farewell`: seconds a run has to stop by itself before it is killed.
    """

    def __init__(
        self,
        engine: Engine,
        ledger: RunRecorder,
        retries: int,
        stop_timeout: float,
        clock: Callable[[], float],
    ) -> None:
        self._engine, self._recorder, self._retries = engine, ledger, retries
        self._stop_timeout, self._clock = stop_timeout, clock
        self._running: dict[str, tuple[Race, Run]] = {}
        # Runs that could not be started, which keep their places: until when they rest, and why.
        self._backoff: dict[str, tuple[float, Message]] = {}

    def __len__(self) -> int:
        return len(self._running)

    def __contains__(self, run: Run) -> bool:
        return run.run_id in self._running

    @property
    def free_slots(self) -> int:
        """How many more runs have a place."""
        return self._engine.slots - len(self._running)

    def owners(self) -> set[str]:
        """Whose runs they are."""
        return {race.owner for race, _ in self._running.values()}

    def start(self, race: Race, run: Run) -> None:
        """The next attempt of `run`, which hears first what its owner has said meanwhile."""
        run.attempt += 1
        self._running[run.run_id] = (race, run)
        work = dict(run.work)
        if run.checkpoint is not None:
            work["checkpoint"] = run.checkpoint[1]
        try:
            self._engine.start(run.run_id, run.attempt, work)
        except Exception as error:
            # Whatever an engine could not do for this run, the service is there for all others.
            _log.exception("the run %s could not be started", run.run_id)
            told = f"{type(error).__name__} {error}".strip()
            rest = BACKOFF * run.attempt if run.attempt <= self._retries else 0.0
            self._backoff[run.run_id] = (
                self._clock() + rest,
                Message(NOT_STARTED, {"error": told}),
            )
            return
        run.state = "paused" if race.paused else "running"
        self._recorder.save_state(run)
        for order in race.pending_commands():
            self._engine.send(run.run_id, order)

    def send(self, run: Run, control: Command) -> None:
        """Pass `control` on; a run that is not in the engine hears nothing."""
        if run in self:
            self._engine.send(run.run_id, control)

    def stop(self, run: Run) -> None:
        """Ask `run` to end, and kill it when it does not."""
        run.kill_at = self._clock() + self._stop_timeout
        self.send(run, {"command": "stop"})

    def kill_overdue(self) -> None:
        """End the runs that have had their time to stop by themselves."""
        for job, (_, run) in self._running.items():
            if run.kill_at is not None and self._clock() >= run.kill_at:
                self._engine.kill(job)

    def expire_backoff(self) -> None:
        """Let go of the runs that have rested long enough after a start that failed."""
        for job, (until, reason) in list(self._backoff.items()):
            race, run = self._running[job]
            if race.stopping or self._clock() >= until:
                self._requeue_or_fail(race, run, reason)

    def on_event(self, job: str, attempt: int, event: Event) -> None:
        """What the engine says of an attempt; words of the dead are dropped."""
        if job not in self._running or self._running[job][1].attempt != attempt:
            return
        race, run = self._running[job]
        try:
            self._handle(race, run, event)
        except Exception as error:
            _log.exception("the run %s said what nobody understands", job)
            self._engine.kill(job)
            self._end(run, "failed", message_of(error))

    def _handle(self, race: Race, run: Run, event: Event) -> None:
        match event["event"]:
            case "ready":
                if run.is_ahead:
                    # It repeats, number for number, what came after the checkpoint: there is one
                    # behind every change of settings.
                    self._recorder.rewind(run, run.rewind())
                run.facts = {key: value for key, value in event.items() if key != "event"}
                self._recorder.save_state(run)
            case "progress":
                run.add_rows(event["rows"])
                self._recorder.append_rows(run, event["rows"])
                run.snapshot = event["snapshot"] or run.snapshot
            case "saved_step":
                run.add_saved_step(event["step"], event["norms"])
                self._recorder.save_step(run, event["step"], event["weights"], event["norms"])
            case "checkpoint":
                run.checkpoint = (event["step"], event["content"])
                self._recorder.save_checkpoint(run, *run.checkpoint)
            case "changed":
                run.facts = {**run.facts, "changes": event["changes"]}
                self._recorder.save_state(run)
            case "state":
                run.state = event["state"]
                self._recorder.save_state(run)
            case "end":
                run.result = event.get("result")
                reason = event["reason"] and Message.from_plain(event["reason"])
                if event["state"] == "stopped":
                    reason = reason or race.reason
                self._end(run, event["state"], reason)
            case "lost":
                self._requeue_or_fail(race, run, Message.from_plain(event["reason"]))

    def _end(self, run: Run, state: Any, reason: Message | None) -> None:
        self._running.pop(run.run_id, None)
        self._backoff.pop(run.run_id, None)
        run.state, run.reason, run.kill_at = state, reason, None
        self._recorder.save_state(run)
        if state != "queued":
            run.release()

    def _requeue_or_fail(self, race: Race, run: Run, reason: Message) -> None:
        if race.stopping:
            self._end(run, "stopped", race.reason)
        elif run.attempt <= self._retries:
            # Nothing is cut off yet: the next attempt may never come.
            run.is_ahead, run.facts = True, {}
            self._end(run, "queued", reason)
        else:
            self._end(run, "failed", Message(GAVE_UP, {"attempts": run.attempt, "last": reason}))

    def clear(self) -> None:
        """Forget them all."""
        self._running.clear()
        self._backoff.clear()
