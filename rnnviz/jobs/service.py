"""The one service above the engines: who runs next, who has left, what a dead worker means.

A race is some runs that train at the same time, as far as the engine has slots. Each owner (a
visitor's session) has at most one race running; the others wait in a queue that serves the owners
in turn. A race larger than the engine keeps no slot that becomes free: for each of its remaining
runs it waits in the queue again, behind the races of the others.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from rnnviz.jobs.attempts import Attempts
from rnnviz.jobs.engine import Command, Engine, Work
from rnnviz.jobs.recorder import RunRecorder, RunStore
from rnnviz.jobs.records import END_STATES, Race, RaceView, Run, new_id
from rnnviz.jobs.resume import load_for_resume
from rnnviz.jobs.scheduling import Leases, RaceQueue
from rnnviz.messages import N_, Message

PAGE_LEFT = N_("The training was stopped because its page was left.")
PAUSED_TOO_LONG = N_("The training was stopped: it was paused while others were waiting.")

POLL_SECONDS = (
    0.05  # seconds between two turns: how long the engine is listened to, or a fault rests
)

_log = logging.getLogger(__name__)


class Service:
    """Fair queue, leases, retries and records over one engine; every method may be called anywhere.

    Of everything that happens `store` is told, so that runs outlive the server; without one they
    last as long as the service. `lease`: seconds without `renew` after which an owner counts as
    gone. `grace`: the same after `leave`. `farewell`: seconds a run has to stop by itself before it
    is killed. `retries`: how often a run whose worker died goes on from its last checkpoint.
    `patience`: how long a race may stay paused while another one waits. `keep`: how long the
    records of a silent owner are kept. All times are in seconds and read from `clock`.
    """

    def __init__(
        self,
        engine: Engine,
        store: RunStore | None = None,
        *,
        lease: float = 75.0,
        reconnect_grace: float = 4.0,
        stop_timeout: float = 0.2,
        retries: int = 2,
        max_pause: float = 60.0,
        record_ttl: float = 3600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._patience, self._keep = max_pause, record_ttl
        self._clock = clock
        self._lock = threading.RLock()
        self._resuming = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._races: dict[str, Race] = {}
        self._recorder = RunRecorder(store, clock)
        self._attempts = Attempts(engine, self._recorder, retries, stop_timeout, clock)
        self._waiting = RaceQueue()
        self._owners = Leases(lease, reconnect_grace, clock)

    # What pages ask -----------------------------------------------------------------------------

    def submit(
        self, owner: str, works: Sequence[Work], keep_running: Callable[[], bool] = lambda: True
    ) -> str:
        """Queue a race of `works` for `owner`; returns its name.

        `wanted` is asked all the time and must answer at once; when it says no, the race ends.
        """
        race = self._queue(owner, [Run(new_id(), dict(work)) for work in works], keep_running)
        self._recorder.keep_files(
            {k: v for work in works for k, v in work.get("files", {}).items()}
        )
        return race

    def resume(
        self,
        owner: str,
        run_ids: Sequence[str],
        keep_running: Callable[[], bool] = lambda: True,
        *,
        report_interval: float = 0.2,
    ) -> str:
        """Queue a race of stored `runs`, which keep their names and go on from their checkpoints.

        One without a checkpoint begins anew. `every`: seconds between two reports of a run.

        Raises:
            Problem: there is no store, or one of the runs cannot go on.
        """
        # Two that take up the same run come one after the other; nobody else waits for the disk.
        with self._resuming:
            found = load_for_resume(
                self._recorder.store, tuple(dict.fromkeys(run_ids)), report_interval
            )
            return self._queue(owner, found, keep_running)

    def _queue(self, owner: str, runs: list[Run], wanted: Callable[[], bool]) -> str:
        with self._lock:
            self._drop_idle_owners()
            race = Race(new_id(), owner, runs, wanted)
            for run in runs:
                self._recorder.begin(run, race.race_id)
            self._races[race.race_id] = race
            self._waiting.add(race)
            self._owners.renew(owner)
        self._wake.set()
        return race.race_id

    def view(self, race: str) -> RaceView | None:
        """The race as it stands now, or None when it is not (or no longer) known."""
        with self._lock:
            entry = self._races.get(race)
            if entry is None:
                return None
            position = None if entry.has_started else self._waiting.position(entry)
            return entry.view(position, self._waiting.run_positions(), self._recorder.store_problem)

    def weights(self, run: str, step: int) -> bytes | None:
        """The weights of `run` at its latest moment that is not after `step`, as safetensors.

        Raises:
            Problem: the store cannot be read.
        """
        with self._lock:
            for entry in (each for race in self._races.values() for each in race.runs):
                if entry.run_id == run and entry.weights:
                    return entry.weights_at(step)
        return self._recorder.weights(run, step)

    def send_command(self, race: str, control: Command) -> None:
        """Steer all runs of `race`, at once or as soon as they have started.

        `control` as in `rnnviz.jobs.engine`; "step" is for paused races, others do not hear it.
        """
        with self._lock:
            entry = self._races.get(race)
            if entry is None or entry.has_ended:
                return
            match control["command"]:
                case "stop":
                    self._stop(entry, None)
                    return
                case "pause" if not entry.paused:
                    entry.paused, entry.paused_at = True, self._clock()
                case "resume":
                    entry.paused = False
                case "step" if not entry.paused:
                    return
                case "set":
                    entry.settings.update({k: v for k, v in control.items() if k != "command"})
            for run in entry.runs:
                self._attempts.send(run, control)

    def forget(self, race: str) -> None:
        """Stop the race and drop its record; what is stored of it stays."""
        with self._lock:
            entry = self._races.pop(race, None)
            if entry is not None:
                self._stop(entry, None)
        self._wake.set()

    def renew(self, owner: str) -> None:
        """The owner is still there."""
        with self._lock:
            self._owners.renew(owner)

    def leave(self, owner: str) -> None:
        """The owner seems to be gone: without a `renew` within the grace all its races end."""
        with self._lock:
            self._owners.leave(owner)
        self._wake.set()

    @property
    def active_runs(self) -> int:
        """How many runs are in the engine now."""
        return len(self._attempts)

    # The loop -----------------------------------------------------------------------------------

    def run(self) -> None:
        """Serve until `close`; for a thread of its own. Sleeps while there is nothing to do.

        Whatever goes wrong in a turn, the next one comes: other visitors' races depend on it.
        """
        while not self._closed:
            with self._lock:
                # A run that lost its worker may be neither waiting nor in the engine just now.
                over = all(race.has_ended for race in self._races.values())
                idle = over and not self._attempts
                self._wake.clear()
            if idle:
                self._wake.wait(self._recorder.seconds_to_flush)
            try:
                self.tick(0.0 if idle else POLL_SECONDS)
            except Exception:
                _log.exception("a turn of the job service failed")
                time.sleep(POLL_SECONDS)

    def tick(self, timeout: float = 0.0) -> None:
        """One turn: start what fits, hear the engine, see who has left and what has hung."""
        with self._lock:
            if self._closed:
                return
            self._start_runs()
        for job, attempt, event in self._engine.poll(timeout):
            with self._lock:
                self._attempts.on_event(job, attempt, event)
        with self._lock:
            if self._closed:
                return  # what was still running is interrupted, whoever has left
            self._stop_abandoned()
            self._stop_long_pauses()
            self._attempts.expire_backoff()
            self._attempts.kill_overdue()
        self._recorder.flush()

    def close(self) -> None:
        """End everything, the loop included; what was still running counts as interrupted."""
        self._closed = True
        self._wake.set()
        with self._lock:
            self._engine.close()
            self._attempts.clear()
            for race in self._races.values():
                for run in race.runs:
                    if run.state not in END_STATES:
                        self._recorder.mark_interrupted(run)
        self._recorder.flush(now=True)

    # The queue ----------------------------------------------------------------------------------

    def _start_runs(self) -> None:
        for race in self._races.values():
            for run in () if race.stopping else race.runs:
                # Its worker has just died: the slot is still its own.
                lost = run.state == "queued" and run.attempt and run not in self._attempts
                if lost and self._attempts.free_slots:
                    self._attempts.start(race, run)
        while self._start_next():
            pass

    def _start_next(self) -> bool:
        """Start the race whose turn it is, or one more run of one that has started."""
        active = self._attempts.owners()
        for race in self._waiting:
            if race.paused if race.has_started else race.owner in active:
                continue
            new = race.unstarted
            share = 1 if race.has_started else min(len(new), self._engine.slots)
            # The head of the queue is never overtaken by a smaller race, or it might wait forever.
            if self._attempts.free_slots < share:
                return False
            if len(new) > share:
                self._waiting.defer(race)
            else:
                self._waiting.pop(race)
            race.paused_at = self._clock()  # in the queue a pause keeps nobody waiting
            for run in new[:share]:
                self._attempts.start(race, run)
            return True
        return False

    # Ends ---------------------------------------------------------------------------------------

    def _stop(self, race: Race, reason: Message | None) -> None:
        if self._closed or race.has_ended or race.stopping:
            return
        race.stopping, race.reason = True, reason
        self._waiting.remove(race)
        for run in race.runs:
            if run in self._attempts:
                self._attempts.stop(run)
            elif run.state not in END_STATES:
                run.state, run.reason = "stopped", reason
                self._recorder.save_state(run)
                run.release()

    def _stop_abandoned(self) -> None:
        for race in self._races.values():
            if not race.has_ended and (
                self._owners.has_expired(race.owner) or not race.should_run()
            ):
                self._stop(race, Message(PAGE_LEFT))

    def _stop_long_pauses(self) -> None:
        now = self._clock()
        for race in self._races.values():
            long = race.paused and race.has_started and now - race.paused_at > self._patience
            if long and any(other is not race for other in self._waiting):
                self._stop(race, Message(PAUSED_TOO_LONG))

    def _drop_idle_owners(self) -> None:
        for owner in self._owners.idle_owners(self._keep):
            races = [race for race in self._races.values() if race.owner == owner]
            if all(race.has_ended for race in races):
                self._owners.forget(owner)
                for race in races:
                    del self._races[race.race_id]
