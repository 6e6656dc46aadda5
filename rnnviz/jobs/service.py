"""The service above an engine: which run is next, which owner has left, what to do about failures.

A race is a set of runs that train at the same time, as far as the engine has slots. Each owner (a
visitor's browser) has at most one race running; its others wait in a queue that serves the owners
in turn. A race larger than the engine does not keep a slot that becomes free: for each of its
remaining runs it joins the queue again, behind the races of other owners.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from rnnviz.jobs.attempts import Attempt, Attempts
from rnnviz.jobs.engine import Command, Engine, Work
from rnnviz.jobs.recorder import RunRecorder, RunStore
from rnnviz.jobs.records import END_STATES, Race, RaceView, Run, new_id
from rnnviz.jobs.resume import load_for_resume
from rnnviz.jobs.scheduling import Leases, Limits, RaceQueue, WatchedTime, outdated
from rnnviz.messages import N_, Message

NOBODY_THERE = N_(
    "The training was stopped because no page of this browser was open for five minutes; it can be "
    "resumed."
)
PAUSED_TOO_LONG = N_("The training was stopped: it was paused while others were waiting.")

POLL_SECONDS = 0.05  # for which a turn waits for events, and the pause after one that failed

_log = logging.getLogger(__name__)


class Service:
    """Fair queue, leases, retries and records over one engine; its methods are thread-safe.

    Everything that happens is recorded in `store`, so that runs outlive the server; without one
    they last as long as the service. Times are in seconds of `clock`. No method but `resume`,
    `weights`, `flush` and `close` ever waits: workers start, and the disk writes, in other threads.

    `lease`: time without `renew` after which an owner counts as gone. `stop_timeout`: time a run
    has to stop by itself before it is killed. `retries`: how often a run whose worker died resumes
    from its last checkpoint. `max_pause`: how long a race may stay paused while another one waits.
    `record_ttl`: how long the records of an idle owner are kept. `limits`: how much may wait.
    """

    def __init__(
        self,
        engine: Engine,
        store: RunStore | None = None,
        *,
        lease: float = 300.0,
        stop_timeout: float = 0.2,
        retries: int = 2,
        max_pause: float = 60.0,
        record_ttl: float = 3600.0,
        limits: Limits = Limits(),  # noqa: B008 - it is immutable
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._max_pause, self._record_ttl, self._limits = max_pause, record_ttl, limits
        self._clock, self._time = clock, WatchedTime(clock)
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._closed = False
        self._races: dict[str, Race] = {}
        self._recorder = RunRecorder(store, clock)
        self._attempts = Attempts(engine, self._recorder, retries, stop_timeout, self._time)
        self._queue = RaceQueue()
        self._owners = Leases(lease, self._time)

    # For pages ----------------------------------------------------------------------------------

    def submit(self, owner: str, works: Sequence[Work], *, allowance: str | None = None) -> str:
        """Queue a race of `works` for `owner`; returns its id.

        `allowance`: the key by which queued races are limited, by default the owner.

        Raises:
            Problem: too many races, or runs of the whole server, are waiting.
        """
        runs = [Run(new_id(), dict(work)) for work in works]
        return self._add_race(owner, runs, allowance or owner)

    def resume(
        self,
        owner: str,
        run_ids: Sequence[str],
        *,
        allowance: str | None = None,
        report_interval: float = 0.2,
    ) -> str:
        """Queue a race of stored runs, which keep their ids and resume from their checkpoints.

        A run without a checkpoint starts over. `report_interval`: seconds between two reports.

        Raises:
            Problem: there is no store, one of the runs cannot be resumed, or too much is waiting.
        """
        unique = tuple(dict.fromkeys(run_ids))
        with self._lock:  # before the runs are claimed
            self._limits.check(self._races.values(), owner, allowance or owner, len(unique))
        # No other thread waits for the disk. Of two calls that resume the same run, one claims it.
        runs = load_for_resume(self._recorder.store, unique, report_interval)
        return self._add_race(owner, runs, allowance or owner, check=False)

    def _add_race(self, owner: str, runs: list[Run], allowance: str, check: bool = True) -> str:
        with self._lock:
            if check:
                self._limits.check(self._races.values(), owner, allowance, len(runs))
            for each in outdated(self._races.values(), owner, self._limits.records):
                del self._races[each.race_id]
            self._drop_idle_owners()
            race = Race(new_id(), owner, allowance, runs)
            for run in runs:
                self._recorder.begin(run, race.race_id)
            self._races[race.race_id] = race
            self._queue.add(race)
            self._owners.add(owner)
        self._wake.set()
        return race.race_id

    def race_of(self, owner: str) -> str | None:
        """The id of the latest race of `owner` that has not been forgotten."""
        with self._lock:
            latest = (race for race in reversed(self._races.values()) if race.owner == owner)
            return next((race.race_id for race in latest), None)

    def view(self, race_id: str) -> RaceView | None:
        """A frozen copy of the race; None if it is unknown or has been dropped."""
        with self._lock:
            if (race := self._races.get(race_id)) is None:
                return None
            position = None if race.has_started else self._queue.position(race)
            return race.view(position, self._queue.run_positions(), self._recorder.store_problem)

    def weights(self, run_id: str, step: int) -> bytes | None:
        """The weights at the latest saved step up to `step`; a Problem if they are unreadable."""
        with self._lock:
            for run in (each for race in self._races.values() for each in race.runs):
                if run.run_id == run_id and run.weights:
                    return run.weights_at(step)
        return self._recorder.weights(run_id, step)

    def flush(self) -> None:
        """Make all that is recorded durable, so that it can be read; waits for the disk."""
        self._recorder.flush(now=True)

    def send_command(self, race_id: str, command: Command) -> None:
        """Send `command` to all runs of a race, at once or as soon as they have started.

        `command` as in `rnnviz.jobs.engine`; "step" is for paused races and ignored by others.
        """
        with self._lock:
            if (race := self._races.get(race_id)) is None or race.has_ended:
                return
            match dict(command):
                case {"command": "stop"}:
                    self._stop(race, None)
                    return
                case {"command": "pause"} if not race.paused:
                    race.paused, race.paused_at = True, self._clock()
                case {"command": "resume"}:
                    race.paused = False
                case {"command": "step"} if not race.paused:
                    return
                case {"command": "set", **settings}:
                    race.settings |= settings
            for run in race.runs:
                self._attempts.send(run, command)

    def forget(self, race_id: str) -> None:
        """Stop a race and drop its record; what is stored of it stays."""
        with self._lock:
            if race_id in self._races:
                self._stop(self._races.pop(race_id), None)
        self._wake.set()

    def renew(self, owner: str) -> None:
        """Note that a page of `owner` is open; without that for `lease` seconds its races end."""
        with self._lock:
            self._owners.renew(owner)

    @property
    def active_runs(self) -> int:
        """The number of runs that are in the engine now."""
        return len(self._attempts)

    # The loop -----------------------------------------------------------------------------------

    def run(self) -> None:
        """Serve until `close`, in a thread of its own; sleep while there is nothing to do.

        An error in one turn never prevents the next: other visitors' races depend on it.
        """
        threading.Thread(target=self._recorder.run, name="rnnviz recorder", daemon=True).start()
        while True:
            with self._lock:
                if self._closed:
                    return
                self._wake.clear()
                # A run that lost its worker may be neither queued nor in the engine at this point.
                idle = not self._attempts and all(race.has_ended for race in self._races.values())
            if idle:
                self._wake.wait()
            try:
                self._take_turn(POLL_SECONDS, self._launch_in_thread)
            except Exception:
                _log.exception("a turn of the job service failed")
                time.sleep(POLL_SECONDS)

    def tick(self, timeout: float = 0.0) -> None:
        """Take one turn, and wait for all that `run` leaves to other threads."""
        self._take_turn(timeout, self._launch)
        self._recorder.flush()

    def _take_turn(self, timeout: float, launch: Callable[[Attempt], None]) -> None:
        """Start runs, handle events, stop what was abandoned, kill what hangs."""
        with self._lock:
            if self._closed:
                return
            self._time.look()
            starting = self._add_attempts()
        for attempt in starting:
            launch(attempt)
        for run_id, number, event in self._engine.poll(timeout):
            with self._lock:
                self._attempts.on_event(run_id, number, event)
        with self._lock:
            if self._closed:
                return  # what was still running counts as interrupted, even if its owner has left
            self._stop_abandoned()
            self._stop_long_pauses()
            self._attempts.expire_backoff()
            self._attempts.kill_overdue()
            self._attempts.kill_silent()

    def _launch(self, attempt: Attempt) -> None:
        self._on_launched(attempt, self._attempts.launch(attempt))

    def _launch_in_thread(self, attempt: Attempt) -> None:
        args = (attempt,)
        thread = threading.Thread(target=self._launch, args=args, name="rnnviz start", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # too many threads
            self._on_launched(attempt, error)

    def _on_launched(self, attempt: Attempt, error: Exception | None) -> None:
        with self._lock:
            if not self._closed:
                self._attempts.on_launched(attempt, error)
        self._wake.set()

    def close(self) -> None:
        """End everything, the loop included; what was still running is marked as interrupted."""
        with self._lock:
            self._closed = True
            for run in (each for race in self._races.values() for each in race.runs):
                if run.state not in END_STATES:
                    self._recorder.mark_interrupted(run)
            self._attempts.clear()
        self._wake.set()
        self._engine.close()
        self._recorder.close()

    # The queue ----------------------------------------------------------------------------------

    def _add_attempts(self) -> list[Attempt]:
        """Give the free slots to the runs that are next."""
        starting = []
        for race in self._races.values():
            for run in () if race.stopping else race.runs:
                # Its worker has just died: the slot still belongs to it.
                lost = run.state == "queued" and run.attempt and run not in self._attempts
                if lost and self._attempts.free_slots:
                    starting.append(self._attempts.add(race, run))
        while (turn := self._queue.next_turn(self._attempts, self._engine.slots)) is not None:
            race, runs = turn
            race.paused_at = self._clock()  # a pause in the queue blocked no other race
            starting += [self._attempts.add(race, run) for run in runs]
        return starting

    # Ends ---------------------------------------------------------------------------------------

    def _stop(self, race: Race, reason: Message | None) -> None:
        if self._closed or race.has_ended or race.stopping:
            return
        race.stopping, race.reason = True, reason
        self._queue.remove(race)
        for run in race.runs:
            if run in self._attempts:
                self._attempts.stop(run)
            elif run.state not in END_STATES:
                run.state, run.reason = "stopped", reason
                self._recorder.save_state(run)
                run.release()

    def _stop_abandoned(self) -> None:
        for race in self._races.values():
            if not race.has_ended and self._owners.has_expired(race.owner):
                self._stop(race, Message(NOBODY_THERE))

    def _stop_long_pauses(self) -> None:
        now = self._clock()
        for race in self._races.values():
            too_long = race.paused and race.has_started and now - race.paused_at > self._max_pause
            if too_long and any(other is not race for other in self._queue):
                self._stop(race, Message(PAUSED_TOO_LONG))

    def _drop_idle_owners(self) -> None:
        for owner in self._owners.idle_owners(self._record_ttl):
            races = [race for race in self._races.values() if race.owner == owner]
            if all(race.has_ended for race in races):
                self._owners.forget(owner)
                for race in races:
                    del self._races[race.race_id]
