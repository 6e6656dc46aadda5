"""The runs that are in the engine now: started, told, listened to, ended or tried again."""

import logging
from collections.abc import Callable
from typing import Any

from rnnviz.jobs.engine import Control, Engine, Event
from rnnviz.jobs.recorder import Ledger
from rnnviz.jobs.records import Race, Run
from rnnviz.jobs.worker import message_of
from rnnviz.messages import N_, Message

NOT_STARTED = N_("The worker could not be started: {error}")
GAVE_UP = N_("The worker failed {attempts} {attempts:time|times}. The last time: {last}")

REST = 1.0
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
        ledger: Ledger,
        retries: int,
        farewell: float,
        clock: Callable[[], float],
    ) -> None:
        self._engine, self._ledger, self._retries = engine, ledger, retries
        self._farewell, self._clock = farewell, clock
        self._jobs: dict[str, tuple[Race, Run]] = {}
        # Runs that could not be started, which keep their places: until when they rest, and why.
        self._resting: dict[str, tuple[float, Message]] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    def __contains__(self, run: Run) -> bool:
        return run.job in self._jobs

    @property
    def free(self) -> int:
        """How many more runs have a place."""
        return self._engine.slots - len(self._jobs)

    def owners(self) -> set[str]:
        """Whose runs they are."""
        return {race.owner for race, _ in self._jobs.values()}

    def start(self, race: Race, run: Run) -> None:
        """The next attempt of `run`, which hears first what its owner has said meanwhile."""
        run.attempt += 1
        self._jobs[run.job] = (race, run)
        work = dict(run.work)
        if run.checkpoint is not None:
            work["checkpoint"] = run.checkpoint[1]
        try:
            self._engine.start(run.job, run.attempt, work)
        except Exception as error:
            # Whatever an engine could not do for this run, the service is there for all others.
            _log.exception("the run %s could not be started", run.job)
            told = f"{type(error).__name__} {error}".strip()
            rest = REST * run.attempt if run.attempt <= self._retries else 0.0
            self._resting[run.job] = (self._clock() + rest, Message(NOT_STARTED, {"error": told}))
            return
        run.state = "paused" if race.paused else "running"
        self._ledger.state(run)
        for order in race.standing_orders():
            self._engine.send(run.job, order)

    def tell(self, run: Run, control: Control) -> None:
        """Pass `control` on; a run that is not in the engine hears nothing."""
        if run in self:
            self._engine.send(run.job, control)

    def stop(self, run: Run) -> None:
        """Ask `run` to end, and kill it when it does not."""
        run.kill_at = self._clock() + self._farewell
        self.tell(run, {"do": "stop"})

    def kill_the_deaf(self) -> None:
        """End the runs that have had their time to stop by themselves."""
        for job, (_, run) in self._jobs.items():
            if run.kill_at is not None and self._clock() >= run.kill_at:
                self._engine.kill(job)

    def end_rests(self) -> None:
        """Let go of the runs that have rested long enough after a start that failed."""
        for job, (until, reason) in list(self._resting.items()):
            race, run = self._jobs[job]
            if race.stopping or self._clock() >= until:
                self._lost(race, run, reason)

    def hear(self, job: str, attempt: int, event: Event) -> None:
        """What the engine says of an attempt; words of the dead are dropped."""
        if job not in self._jobs or self._jobs[job][1].attempt != attempt:
            return
        race, run = self._jobs[job]
        try:
            self._take(race, run, event)
        except Exception as error:
            _log.exception("the run %s said what nobody understands", job)
            self._engine.kill(job)
            self._end(run, "failed", message_of(error))

    def _take(self, race: Race, run: Run, event: Event) -> None:
        match event["event"]:
            case "ready":
                if run.ahead:
                    # It repeats, number for number, what came after the checkpoint: there is one
                    # behind every change of settings.
                    self._ledger.rewind(run, run.rewind())
                run.facts = {key: value for key, value in event.items() if key != "event"}
                self._ledger.state(run)
            case "progress":
                run.add(event["points"])
                self._ledger.rows(run, event["points"])
                run.probe = event["probe"] or run.probe
            case "moment":
                run.moment(event["step"], event["norms"])
                self._ledger.moment(run, event["step"], event["weights"], event["norms"])
            case "checkpoint":
                run.checkpoint = (event["step"], event["content"])
                self._ledger.checkpoint(run, *run.checkpoint)
            case "changed":
                run.facts = {**run.facts, "changes": event["changes"]}
                self._ledger.state(run)
            case "state":
                run.state = event["state"]
                self._ledger.state(run)
            case "end":
                run.result = event.get("result")
                reason = event["reason"] and Message.from_plain(event["reason"])
                if event["state"] == "stopped":
                    reason = reason or race.reason
                self._end(run, event["state"], reason)
            case "lost":
                self._lost(race, run, Message.from_plain(event["reason"]))

    def _end(self, run: Run, state: Any, reason: Message | None) -> None:
        self._jobs.pop(run.job, None)
        self._resting.pop(run.job, None)
        run.state, run.reason, run.kill_at = state, reason, None
        self._ledger.state(run)
        if state != "queued":
            run.let_go()

    def _lost(self, race: Race, run: Run, reason: Message) -> None:
        if race.stopping:
            self._end(run, "stopped", race.reason)
        elif run.attempt <= self._retries:
            # Nothing is cut off yet: the next attempt may never come.
            run.ahead, run.facts = True, {}
            self._end(run, "queued", reason)
        else:
            self._end(run, "failed", Message(GAVE_UP, {"attempts": run.attempt, "last": reason}))

    def clear(self) -> None:
        """Forget them all."""
        self._jobs.clear()
        self._resting.clear()
