"""The runs that are in the engine now: they are started, steered, recorded, ended or retried."""

import logging
from collections.abc import Callable

from rnnviz.jobs.engine import Command, Engine, Event
from rnnviz.jobs.recorder import RunRecorder
from rnnviz.jobs.records import Race, Run
from rnnviz.jobs.worker import message_of
from rnnviz.messages import N_, Message
from rnnviz.names import RunState

NOT_STARTED = N_("The worker could not be started: {error}")
GAVE_UP = N_("The worker failed {attempts} {attempts:time|times}. The last time: {last}")

BACKOFF = 1.0
"""Seconds until a failed start is retried; each further failure adds as many."""

_log = logging.getLogger(__name__)


class Attempts:
    """One attempt per run at a time; a failing attempt never affects the other runs.

    `recorder` is notified of everything. `retries`: how often a run whose worker died resumes from
    its last checkpoint. `stop_timeout`: seconds a run has to stop by itself before it is killed.
    """

    def __init__(
        self,
        engine: Engine,
        recorder: RunRecorder,
        retries: int,
        stop_timeout: float,
        clock: Callable[[], float],
    ) -> None:
        self._engine, self._recorder, self._retries = engine, recorder, retries
        self._stop_timeout, self._clock = stop_timeout, clock
        self._active: dict[str, tuple[Race, Run]] = {}
        # Runs whose start failed and that keep their slots: when the backoff ends, and the reason.
        self._backoff: dict[str, tuple[float, Message]] = {}

    def __len__(self) -> int:
        return len(self._active)

    def __contains__(self, run: Run) -> bool:
        return run.run_id in self._active

    @property
    def free_slots(self) -> int:
        """How many more runs can be started."""
        return self._engine.slots - len(self._active)

    def owners(self) -> set[str]:
        """The owners of the active runs."""
        return {race.owner for race, _ in self._active.values()}

    def start(self, race: Race, run: Run) -> None:
        """Start the next attempt of `run` and send it the commands issued while it was queued."""
        run.attempt += 1
        self._active[run.run_id] = (race, run)
        work = dict(run.work)
        if run.checkpoint is not None:
            work["checkpoint"] = run.checkpoint[1]
        try:
            self._engine.start(run.run_id, run.attempt, work)
        except Exception as error:
            # Whatever an engine cannot do for this run, the service stays up for all others.
            _log.exception("the run %s could not be started", run.run_id)
            reason = Message(NOT_STARTED, {"error": f"{type(error).__name__} {error}".strip()})
            delay = BACKOFF * run.attempt if run.attempt <= self._retries else 0.0
            self._backoff[run.run_id] = (self._clock() + delay, reason)
            return
        run.state = "paused" if race.paused else "running"
        self._recorder.save_state(run)
        for command in race.pending_commands():
            self._engine.send(run.run_id, command)

    def send(self, run: Run, command: Command) -> None:
        """Pass `command` to `run` if it is active."""
        if run in self:
            self._engine.send(run.run_id, command)

    def stop(self, run: Run) -> None:
        """Ask `run` to stop; after `stop_timeout` it is killed."""
        run.kill_at = self._clock() + self._stop_timeout
        self.send(run, {"command": "stop"})

    def kill_overdue(self) -> None:
        """Kill the runs that have not stopped by themselves in time."""
        for run_id, (_, run) in self._active.items():
            if run.kill_at is not None and self._clock() >= run.kill_at:
                self._engine.kill(run_id)

    def expire_backoff(self) -> None:
        """Requeue (or fail) the runs whose backoff after a failed start is over."""
        for run_id, (end, reason) in list(self._backoff.items()):
            race, run = self._active[run_id]
            if race.stopping or self._clock() >= end:
                self._requeue_or_fail(race, run, reason)

    def on_event(self, run_id: str, attempt: int, event: Event) -> None:
        """Handle an engine event; events of superseded attempts are ignored."""
        if run_id not in self._active or self._active[run_id][1].attempt != attempt:
            return
        race, run = self._active[run_id]
        try:
            self._handle(race, run, event)
        except Exception as error:
            _log.exception("an event of the run %s could not be handled", run_id)
            self._engine.kill(run_id)
            self._end(run, "failed", message_of(error))

    def _handle(self, race: Race, run: Run, event: Event) -> None:
        match event["event"]:
            case "ready":
                if run.is_ahead:
                    # The attempt repeats, number for number, what followed the checkpoint: one is
                    # written after every change of settings.
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

    def _end(self, run: Run, state: RunState, reason: Message | None) -> None:
        self._active.pop(run.run_id, None)
        self._backoff.pop(run.run_id, None)
        run.state, run.reason, run.kill_at = state, reason, None
        self._recorder.save_state(run)
        if state != "queued":
            run.release()

    def _requeue_or_fail(self, race: Race, run: Run, reason: Message) -> None:
        if race.stopping:
            self._end(run, "stopped", race.reason)
        elif run.attempt <= self._retries:
            # Nothing is discarded yet: the next attempt may never start.
            run.is_ahead, run.facts = True, {}
            self._end(run, "queued", reason)
        else:
            self._end(run, "failed", Message(GAVE_UP, {"attempts": run.attempt, "last": reason}))

    def clear(self) -> None:
        """Drop all attempts."""
        self._active.clear()
        self._backoff.clear()
