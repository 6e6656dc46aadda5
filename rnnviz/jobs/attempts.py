"""The runs that are in the engine now: they are started, steered, recorded, ended or retried."""

import itertools
import logging
from dataclasses import dataclass, field

from rnnviz.jobs.engine import Command, Engine, Event, Work
from rnnviz.jobs.recorder import RunRecorder
from rnnviz.jobs.records import Race, Run
from rnnviz.jobs.scheduling import WatchedTime
from rnnviz.jobs.worker import message_of
from rnnviz.messages import N_, Message
from rnnviz.names import RunState

NOT_STARTED = N_("The worker could not be started: {error}")
SILENT = N_("The worker gave no sign of life for {seconds} seconds.")
GAVE_UP = N_("The worker failed {attempts} {attempts:time|times}. The last time: {last}")

BACKOFF = 1.0
"""Seconds until a failed start is retried; each further failure adds as many."""

SILENCE = 30.0
"""Seconds without any event, not even a heartbeat, after which a worker counts as hung."""

_log = logging.getLogger(__name__)


@dataclass
class Attempt:
    """One start of a run; `number` is unique in this service, also if the run is resumed later.

    `commands`: those that it receives once it has started; until then it is `starting`.
    `active_at`: when it last gave a sign of life. `backoff_end`: set if its start failed; it keeps
    its slot until then. `reason`: why it was lost, if that is known already.
    """

    race: Race
    run: Run
    number: int
    work: Work
    active_at: float
    commands: list[Command] = field(default_factory=list)
    starting: bool = True
    backoff_end: float | None = None
    reason: Message | None = None


class Attempts:
    """One attempt per run at a time; a failing attempt never affects the other runs.

    `recorder` is notified of everything. `retries`: how often a run whose worker died resumes from
    its last checkpoint. `stop_timeout`: seconds a run has to stop by itself before it is killed.

    All methods but `launch` are called under one lock, and none of them waits.
    """

    def __init__(
        self,
        engine: Engine,
        recorder: RunRecorder,
        retries: int,
        stop_timeout: float,
        time: WatchedTime,
    ) -> None:
        self._engine, self._recorder, self._retries = engine, recorder, retries
        self._stop_timeout, self._time = stop_timeout, time
        self._active: dict[str, Attempt] = {}
        self._numbers = itertools.count(1)

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
        return {attempt.race.owner for attempt in self._active.values()}

    def add(self, race: Race, run: Run) -> Attempt:
        """Reserve a slot for the next attempt of `run`, which `launch` starts."""
        run.attempt += 1
        work = dict(run.work)
        if run.checkpoint is not None:
            work["checkpoint"] = run.checkpoint[1]
        attempt = Attempt(race, run, next(self._numbers), work, self._time.seconds)
        attempt.commands += race.pending_commands()  # those issued while it was queued
        self._active[run.run_id] = attempt
        return attempt

    def launch(self, attempt: Attempt) -> Exception | None:
        """Let the engine start `attempt`, which may take seconds; returns why it could not.

        Called without the lock; `on_launched` comes next.
        """
        try:
            self._engine.start(attempt.run.run_id, attempt.number, attempt.work)
        except Exception as error:
            # Whatever an engine cannot do for this run, the service stays up for all others.
            return error
        return None

    def on_launched(self, attempt: Attempt, error: Exception | None) -> None:
        """Send `attempt` the commands issued meanwhile; after an `error` it waits for a retry."""
        run, attempt.starting, attempt.work = attempt.run, False, {}
        attempt.active_at = self._time.seconds
        if self._active.get(run.run_id) is not attempt:
            # It was stopped, or has ended already. (A later attempt replaces it in the engine.)
            if run.run_id not in self._active:
                self._engine.kill(run.run_id)
        elif error is not None:
            _log.error("the run %s could not be started", run.run_id, exc_info=error)
            reason = Message(NOT_STARTED, {"error": f"{type(error).__name__} {error}".strip()})
            delay = BACKOFF * run.attempt if run.attempt <= self._retries else 0.0
            attempt.backoff_end, attempt.reason = self._time.now() + delay, reason
        else:
            run.state = "paused" if attempt.race.paused else "running"
            self._recorder.save_state(run)
            for command in attempt.commands:
                self._engine.send(run.run_id, command)

    def send(self, run: Run, command: Command) -> None:
        """Pass `command` to `run` if it is active."""
        attempt = self._active.get(run.run_id)
        if attempt is None:
            return
        if command["command"] == "resume":
            attempt.active_at = self._time.seconds
        if attempt.starting:
            attempt.commands.append(command)
        else:
            self._engine.send(run.run_id, command)

    def stop(self, run: Run) -> None:
        """Ask `run` to stop; after `stop_timeout` it is killed."""
        run.kill_at = self._time.now() + self._stop_timeout
        self.send(run, {"command": "stop"})

    def kill_overdue(self) -> None:
        """Kill the runs that have not stopped by themselves in time."""
        now = self._time.now()
        for run_id, attempt in list(self._active.items()):
            kill_at = attempt.run.kill_at
            if kill_at is None or now < kill_at:
                continue
            if attempt.starting:
                self._end(attempt.run, "stopped", attempt.race.reason)
            else:
                self._engine.kill(run_id)

    def kill_silent(self) -> None:
        """Kill the workers that hang: neither an event nor a heartbeat, although not paused."""
        for run_id, attempt in self._active.items():
            silent = self._time.seconds - attempt.active_at >= SILENCE
            waits = attempt.starting or attempt.backoff_end is not None or attempt.race.paused
            if silent and not waits:
                _log.warning("the worker of the run %s hangs and is killed", run_id)
                attempt.reason = Message(SILENT, {"seconds": round(SILENCE)})
                attempt.active_at = self._time.seconds
                self._engine.kill(run_id)

    def expire_backoff(self) -> None:
        """Requeue (or fail) the runs whose backoff after a failed start is over."""
        for attempt in list(self._active.values()):
            end = attempt.backoff_end
            over = end is not None and (attempt.race.stopping or self._time.now() >= end)
            if over and attempt.reason is not None:
                self._requeue_or_fail(attempt.race, attempt.run, attempt.reason)

    def on_event(self, run_id: str, number: int, event: Event) -> None:
        """Handle an engine event; events of superseded attempts are ignored."""
        attempt = self._active.get(run_id)
        if attempt is None or attempt.number != number:
            return
        attempt.active_at = self._time.seconds
        try:
            self._handle(attempt, event)
        except Exception as error:
            _log.exception("an event of the run %s could not be handled", run_id)
            self._engine.kill(run_id)
            self._end(attempt.run, "failed", message_of(error))

    def _handle(self, attempt: Attempt, event: Event) -> None:
        race, run = attempt.race, attempt.run
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
                reason = attempt.reason or Message.from_plain(event["reason"])
                self._requeue_or_fail(race, run, reason)

    def _end(self, run: Run, state: RunState, reason: Message | None) -> None:
        self._active.pop(run.run_id, None)
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
