"""The one service above the engines: who runs next, who has left, what a dead worker means.

A race is up to a handful of runs that train at the same time. Each owner (a visitor's session) has
at most one race running; the others wait in a queue that serves the owners in turn.
"""

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rnnviz.jobs.engine import Control, Engine, Event, Work
from rnnviz.jobs.records import OVER, History, Race, RaceView, Reason, Run
from rnnviz.messages import N_

LEFT = N_("The training was stopped because its page was left.")
PAUSED_TOO_LONG = N_("The training was stopped: it was paused while others were waiting.")
GAVE_UP = N_("The worker died {attempts} times. The last time: {last}")


class Service:
    """Fair queue, leases, retries and records over one engine; every method may be called anywhere.

    `lease`: seconds without `renew` after which an owner counts as gone. `grace`: the same after
    `leave`. `farewell`: seconds a run has to stop by itself before it is killed. `retries`: how
    often a run whose worker died starts again. `patience`: how long a race may stay paused while
    another one waits. `keep`: how long the records of a silent owner are kept. All times are in
    seconds and read from `clock`.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        lease: float = 75.0,
        grace: float = 4.0,
        farewell: float = 0.2,
        retries: int = 2,
        patience: float = 60.0,
        keep: float = 3600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._lease, self._grace, self._farewell = lease, grace, farewell
        self._retries, self._patience, self._keep = retries, patience, keep
        self._clock = clock
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._closed = False
        self._numbers = itertools.count(1)
        self._races: dict[str, Race] = {}
        self._jobs: dict[str, tuple[Race, Run]] = {}  # in the engine now
        self._waiting: dict[str, deque[Race]] = {}  # by owner, in the order of service
        self._seen: dict[str, float] = {}  # by owner
        self._deadlines: dict[str, float] = {}  # by owner

    # What pages ask -----------------------------------------------------------------------------

    def submit(
        self, owner: str, works: Sequence[Work], wanted: Callable[[], bool] = lambda: True
    ) -> str:
        """Queue a race of `works` for `owner`; returns its name.

        `wanted` is asked all the time and must answer at once; when it says no, the race ends.
        """
        with self._lock:
            self._forget_the_silent()
            number = next(self._numbers)
            runs = [Run(f"{number}.{place}", dict(work)) for place, work in enumerate(works)]
            race = Race(str(number), owner, runs, wanted)
            self._races[race.race] = race
            self._waiting.setdefault(owner, deque()).append(race)
            self.renew(owner)
        self._wake.set()
        return race.race

    def view(self, race: str) -> RaceView | None:
        """The race as it stands now, or None when it is not (or no longer) known."""
        with self._lock:
            entry = self._races.get(race)
            if entry is None:
                return None
            order = self._order()
            position = order.index(entry) if entry in order else None
            runs = tuple(run.view() for run in entry.runs)
            return RaceView(
                entry.race, entry.state, position, runs, dict(entry.settings), entry.reason
            )

    def control(self, race: str, control: Control) -> None:
        """Pause, resume, stop, or set the learning rate: at once, or as soon as it has started."""
        with self._lock:
            entry = self._races.get(race)
            if entry is None or entry.over:
                return
            match control["do"]:
                case "stop":
                    self._stop(entry, None)
                    return
                case "pause":
                    entry.paused, entry.paused_at = True, self._clock()
                case "resume":
                    entry.paused = False
                case "set":
                    entry.settings.update({k: v for k, v in control.items() if k != "do"})
            for run in entry.runs:
                if run.job in self._jobs:
                    self._engine.send(run.job, control)

    def forget(self, race: str) -> None:
        """Stop the race and drop its record."""
        with self._lock:
            entry = self._races.pop(race, None)
            if entry is not None:
                self._stop(entry, None)

    def renew(self, owner: str) -> None:
        """The owner is still there."""
        with self._lock:
            self._seen[owner] = self._clock()
            self._deadlines[owner] = self._clock() + self._lease

    def leave(self, owner: str, grace: float | None = None) -> None:
        """The owner seems to be gone: without a `renew` within the grace all its races end."""
        with self._lock:
            if owner in self._deadlines:
                self._deadlines[owner] = self._clock() + (self._grace if grace is None else grace)
        self._wake.set()

    # The loop -----------------------------------------------------------------------------------

    def run(self) -> None:
        """Serve until `close`; for a thread of its own. Sleeps while there is nothing to do."""
        while not self._closed:
            with self._lock:
                idle = not self._jobs and not any(self._waiting.values())
                self._wake.clear()
            if idle:
                self._wake.wait()
            self.tick(0.0 if idle else 0.05)

    def tick(self, timeout: float = 0.0) -> None:
        """One turn: start what fits, hear the engine, see who has left and what has hung."""
        with self._lock:
            self._start_what_fits()
        for job, attempt, event in self._engine.poll(timeout):
            with self._lock:
                self._hear(job, attempt, event)
        with self._lock:
            self._see_who_left()
            self._end_long_pauses()
            for job, (_, run) in self._jobs.items():
                if run.kill_at is not None and self._clock() >= run.kill_at:
                    self._engine.kill(job)

    def close(self) -> None:
        """End everything, the loop included."""
        self._closed = True
        self._wake.set()
        with self._lock:
            self._engine.close()
            self._jobs.clear()

    # The queue ----------------------------------------------------------------------------------

    def _order(self) -> list[Race]:
        """The waiting races as they will be served: one of each owner, then the next of each."""
        rounds = itertools.zip_longest(*self._waiting.values())
        return [race for turn in rounds for race in turn if race is not None]

    def _start_what_fits(self) -> None:
        self._complete_started_races()
        active = {race.owner for race, _ in self._jobs.values()}
        for race in self._order():
            if race.owner in active:
                continue
            # The head of the queue is never overtaken by a smaller race, or it might wait forever.
            if self._free() < min(len(race.runs), self._engine.slots):
                return
            queue = self._waiting.pop(race.owner)
            queue.popleft()
            if queue:
                self._waiting[race.owner] = queue  # behind all other owners
            active.add(race.owner)
            for run in race.runs[: self._free()]:
                self._start(race, run)

    def _complete_started_races(self) -> None:
        for race in self._races.values():
            if race.started and not race.stopping:
                for run in race.runs:
                    if run.state == "queued" and run.job not in self._jobs and self._free():
                        self._start(race, run)

    def _free(self) -> int:
        return self._engine.slots - len(self._jobs)

    def _start(self, race: Race, run: Run) -> None:
        run.attempt += 1
        self._jobs[run.job] = (race, run)
        try:
            self._engine.start(run.job, run.attempt, run.work)
        except OSError as error:
            self._lost(race, run, {"template": "{error}", "values": {"error": str(error)}})
            return
        run.state = "paused" if race.paused else "running"
        for order in race.standing_orders():
            self._engine.send(run.job, order)

    # What the engine says -----------------------------------------------------------------------

    def _hear(self, job: str, attempt: int, event: Event) -> None:
        if job not in self._jobs or self._jobs[job][1].attempt != attempt:
            return  # words of the dead
        race, run = self._jobs[job]
        match event["event"]:
            case "ready":
                run.facts = {key: value for key, value in event.items() if key != "event"}
            case "progress":
                for point in event["points"]:
                    run.history.append(point)
                run.probe = event["probe"] or run.probe
            case "state":
                run.state = event["state"]
            case "end":
                run.result = event.get("result")
                self._end(run, event["state"], event["reason"])
            case "lost":
                self._lost(race, run, event["reason"])

    def _end(self, run: Run, state: Any, reason: Reason | None) -> None:
        self._jobs.pop(run.job, None)
        run.state, run.reason, run.kill_at = state, reason, None

    def _lost(self, race: Race, run: Run, reason: Reason) -> None:
        if race.stopping:
            self._end(run, "stopped", None)
        elif run.attempt <= self._retries:
            # Equal experiments give equal runs: the new attempt repeats what the dead one had.
            self._end(run, "queued", reason)
            run.history, run.probe, run.facts = History(), None, {}
        else:
            values = {"attempts": run.attempt, "last": reason}
            self._end(run, "failed", {"template": GAVE_UP, "values": values})

    # Ends ---------------------------------------------------------------------------------------

    def _stop(self, race: Race, reason: Reason | None) -> None:
        if race.over or race.stopping:
            return
        race.stopping, race.reason = True, reason
        queue = self._waiting.get(race.owner)
        if queue is not None and race in queue:
            queue.remove(race)
            if not queue:
                del self._waiting[race.owner]
        for run in race.runs:
            if run.job in self._jobs:
                run.kill_at = self._clock() + self._farewell
                self._engine.send(run.job, {"do": "stop"})
            elif run.state not in OVER:
                run.state = "stopped"

    def _see_who_left(self) -> None:
        now = self._clock()
        for race in self._races.values():
            if not race.over and (now >= self._deadlines[race.owner] or not race.wanted()):
                self._stop(race, _plain(LEFT))

    def _end_long_pauses(self) -> None:
        if self._waiting:
            now = self._clock()
            for race in self._races.values():
                if race.paused and race.started and now - race.paused_at > self._patience:
                    self._stop(race, _plain(PAUSED_TOO_LONG))

    def _forget_the_silent(self) -> None:
        last = self._clock() - self._keep
        for owner in [owner for owner, seen in self._seen.items() if seen < last]:
            races = [race for race in self._races.values() if race.owner == owner]
            if all(race.over for race in races):
                del self._seen[owner], self._deadlines[owner]
                for race in races:
                    del self._races[race.race]


def _plain(template: str, **values: Mapping[str, object]) -> Reason:
    return {"template": template, "values": values}
