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
from rnnviz.jobs.engine import Control, Engine, Work
from rnnviz.jobs.leases import Leases
from rnnviz.jobs.recorder import Ledger, RunStore
from rnnviz.jobs.records import OVER, Race, RaceView, Run, new_name
from rnnviz.jobs.resume import taken_up
from rnnviz.jobs.scheduling import Queue
from rnnviz.messages import N_, Message

LEFT = N_("The training was stopped because its page was left.")
PAUSED_TOO_LONG = N_("The training was stopped: it was paused while others were waiting.")

BREATH = 0.05  # seconds between two turns: how long the engine is listened to, or a fault rests

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
        grace: float = 4.0,
        farewell: float = 0.2,
        retries: int = 2,
        patience: float = 60.0,
        keep: float = 3600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._patience, self._keep = patience, keep
        self._clock = clock
        self._lock = threading.RLock()
        self._resuming = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._races: dict[str, Race] = {}
        self._ledger = Ledger(store, clock)
        self._attempts = Attempts(engine, self._ledger, retries, farewell, clock)
        self._waiting = Queue()
        self._owners = Leases(lease, grace, clock)

    # What pages ask -----------------------------------------------------------------------------

    def submit(
        self, owner: str, works: Sequence[Work], wanted: Callable[[], bool] = lambda: True
    ) -> str:
        """Queue a race of `works` for `owner`; returns its name.

        `wanted` is asked all the time and must answer at once; when it says no, the race ends.
        """
        race = self._queue(owner, [Run(new_name(), dict(work)) for work in works], wanted)
        self._ledger.keep_files({k: v for work in works for k, v in work.get("files", {}).items()})
        return race

    def resume(
        self,
        owner: str,
        runs: Sequence[str],
        wanted: Callable[[], bool] = lambda: True,
        *,
        every: float = 0.2,
    ) -> str:
        """Queue a race of stored `runs`, which keep their names and go on from their checkpoints.

        One without a checkpoint begins anew. `every`: seconds between two reports of a run.

        Raises:
            Problem: there is no store, or one of the runs cannot go on.
        """
        # Two that take up the same run come one after the other; nobody else waits for the disk.
        with self._resuming:
            found = taken_up(self._ledger.store, tuple(dict.fromkeys(runs)), every)
            return self._queue(owner, found, wanted)

    def _queue(self, owner: str, runs: list[Run], wanted: Callable[[], bool]) -> str:
        with self._lock:
            self._forget_the_silent()
            race = Race(new_name(), owner, runs, wanted)
            for run in runs:
                self._ledger.begin(run, race.race)
            self._races[race.race] = race
            self._waiting.add(race)
            self._owners.renew(owner)
        self._wake.set()
        return race.race

    def view(self, race: str) -> RaceView | None:
        """The race as it stands now, or None when it is not (or no longer) known."""
        with self._lock:
            entry = self._races.get(race)
            if entry is None:
                return None
            position = None if entry.started else self._waiting.position(entry)
            return entry.view(position, self._waiting.places(), self._ledger.storage)

    def weights(self, run: str, step: int) -> bytes | None:
        """The weights of `run` at its latest moment that is not after `step`, as safetensors.

        Raises:
            Problem: the store cannot be read.
        """
        with self._lock:
            for entry in (each for race in self._races.values() for each in race.runs):
                if entry.job == run and entry.weights:
                    return entry.weights_at(step)
        return self._ledger.weights(run, step)

    def control(self, race: str, control: Control) -> None:
        """Steer all runs of `race`, at once or as soon as they have started.

        `control` as in `rnnviz.jobs.engine`; "step" is for paused races, others do not hear it.
        """
        with self._lock:
            entry = self._races.get(race)
            if entry is None or entry.over:
                return
            match control["do"]:
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
                    entry.settings.update({k: v for k, v in control.items() if k != "do"})
            for run in entry.runs:
                self._attempts.tell(run, control)

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
    def busy(self) -> int:
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
                over = all(race.over for race in self._races.values())
                idle = over and not self._attempts
                self._wake.clear()
            if idle:
                self._wake.wait(self._ledger.rest)
            try:
                self.tick(0.0 if idle else BREATH)
            except Exception:
                _log.exception("a turn of the job service failed")
                time.sleep(BREATH)

    def tick(self, timeout: float = 0.0) -> None:
        """One turn: start what fits, hear the engine, see who has left and what has hung."""
        with self._lock:
            if self._closed:
                return
            self._start_what_fits()
        for job, attempt, event in self._engine.poll(timeout):
            with self._lock:
                self._attempts.hear(job, attempt, event)
        with self._lock:
            if self._closed:
                return  # what was still running is interrupted, whoever has left
            self._see_who_left()
            self._end_long_pauses()
            self._attempts.end_rests()
            self._attempts.kill_the_deaf()
        self._ledger.flush()

    def close(self) -> None:
        """End everything, the loop included; what was still running counts as interrupted."""
        self._closed = True
        self._wake.set()
        with self._lock:
            self._engine.close()
            self._attempts.clear()
            for race in self._races.values():
                for run in race.runs:
                    if run.state not in OVER:
                        self._ledger.interrupted(run)
        self._ledger.flush(now=True)

    # The queue ----------------------------------------------------------------------------------

    def _start_what_fits(self) -> None:
        for race in self._races.values():
            for run in () if race.stopping else race.runs:
                # Its worker has just died: the slot is still its own.
                lost = run.state == "queued" and run.attempt and run not in self._attempts
                if lost and self._attempts.free:
                    self._attempts.start(race, run)
        while self._serve_next():
            pass

    def _serve_next(self) -> bool:
        """Start the race whose turn it is, or one more run of one that has started."""
        active = self._attempts.owners()
        for race in self._waiting:
            if race.paused if race.started else race.owner in active:
                continue
            new = race.new
            share = 1 if race.started else min(len(new), self._engine.slots)
            # The head of the queue is never overtaken by a smaller race, or it might wait forever.
            if self._attempts.free < share:
                return False
            if len(new) > share:
                self._waiting.defer(race)
            else:
                self._waiting.take(race)
            race.paused_at = self._clock()  # in the queue a pause keeps nobody waiting
            for run in new[:share]:
                self._attempts.start(race, run)
            return True
        return False

    # Ends ---------------------------------------------------------------------------------------

    def _stop(self, race: Race, reason: Message | None) -> None:
        if self._closed or race.over or race.stopping:
            return
        race.stopping, race.reason = True, reason
        self._waiting.remove(race)
        for run in race.runs:
            if run in self._attempts:
                self._attempts.stop(run)
            elif run.state not in OVER:
                run.state, run.reason = "stopped", reason
                self._ledger.state(run)
                run.let_go()

    def _see_who_left(self) -> None:
        for race in self._races.values():
            if not race.over and (self._owners.gone(race.owner) or not race.is_wanted()):
                self._stop(race, Message(LEFT))

    def _end_long_pauses(self) -> None:
        now = self._clock()
        for race in self._races.values():
            long = race.paused and race.started and now - race.paused_at > self._patience
            if long and any(other is not race for other in self._waiting):
                self._stop(race, Message(PAUSED_TOO_LONG))

    def _forget_the_silent(self) -> None:
        for owner in self._owners.silent(self._keep):
            races = [race for race in self._races.values() if race.owner == owner]
            if all(race.over for race in races):
                self._owners.forget(owner)
                for race in races:
                    del self._races[race.race]
