"""Whatever hangs (a start, a disk, a worker, the forkserver), nobody else waits for it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pipe
from pathlib import Path
from typing import Any, cast

import pytest

from rnnviz.jobs import (
    Event,
    InlineEngine,
    ProcessEngine,
    Service,
    attempts,
    forkserver,
    process_engine,
)
from rnnviz.jobs.attempts import SILENCE, SILENT
from rnnviz.jobs.engine import Work
from rnnviz.jobs.forkserver import enter_child
from rnnviz.jobs.heartbeat import INTERVAL, SharedPipe
from rnnviz.jobs.recorder import RunStore
from tests.races import (
    LONG,
    MANY_STEPS,
    SHORT,
    TIMEOUT,
    forkserver_pid,
    is_alive,
    scripted_job,
    serve_in_thread,
    small_work,
    tick,
    view_of,
    wait_until,
    worker_pids,
)

ROOT = Path(__file__).parents[1]


@pytest.fixture
def hold() -> Iterator[threading.Event]:
    """What hangs waits for it."""
    event = threading.Event()
    yield event
    event.set()


class HangingEngine(InlineEngine):
    """An engine that hangs when it is to start work that is marked."""

    def __init__(self, hold: threading.Event) -> None:
        super().__init__(3, scripted_job)
        self.hold, self.hanging, self.killed = hold, threading.Event(), 0

    def start(self, run_id: str, attempt: int, work: Work) -> None:
        if work.get("hangs"):
            self.hanging.set()
            assert self.hold.wait(TIMEOUT)
        super().start(run_id, attempt, work)

    def kill(self, run_id: str) -> None:
        self.killed += 1
        super().kill(run_id)


HANGING: Work = {**LONG, "hangs": True}


def use_as_another_visitor(service: Service, others: str) -> None:
    """Let the pages of others do what they do; none of it may wait."""
    with ThreadPoolExecutor(1) as page:

        def do(act: Callable[[], Any]) -> Any:
            return page.submit(act).result(TIMEOUT / 4)

        do(lambda: service.renew("ben"))
        do(lambda: service.send_command(others, {"command": "set", "lr": 0.5}))
        assert do(lambda: service.race_of("ann")) is not None
        race = do(lambda: service.submit("ben", [SHORT]))
        wait_until(lambda: do(lambda: view_of(service, race).state) == "finished")


def test_nobody_waits_for_a_worker_that_does_not_start(hold: threading.Event) -> None:
    engine = HangingEngine(hold)
    with serve_in_thread(Service(engine)) as service:
        race = service.submit("ann", [HANGING, LONG])
        assert engine.hanging.wait(TIMEOUT)
        use_as_another_visitor(service, race)
        wait_until(lambda: view_of(service, race).runs[1].state == "running")
        service.send_command(race, {"command": "stop"})
        wait_until(lambda: view_of(service, race).state == "stopped")
        assert service.active_runs == 0
        killed = engine.killed
        hold.set()
        wait_until(lambda: engine.killed > killed)  # as soon as it has started after all
        assert view_of(service, race).state == "stopped"


def test_a_worker_that_starts_late_gets_the_commands_sent_meanwhile(hold: threading.Event) -> None:
    engine = HangingEngine(hold)
    with serve_in_thread(Service(engine)) as service:
        race = service.submit("ann", [HANGING])
        assert engine.hanging.wait(TIMEOUT)
        service.send_command(race, {"command": "set", "lr": 0.5})
        service.send_command(race, {"command": "pause"})
        hold.set()

        def latest_command() -> Any:
            return view_of(service, race).runs[0].facts.get("command")

        wait_until(lambda: latest_command() == {"command": "pause"})


def test_a_service_may_be_closed_while_a_worker_starts(hold: threading.Event) -> None:
    engine = HangingEngine(hold)
    with serve_in_thread(Service(engine)) as service:
        service.submit("ann", [HANGING])
        assert engine.hanging.wait(TIMEOUT)
        service.close()
        assert service.active_runs == 0


class HangingStore:
    """A store that hangs in the method `name`."""

    def __init__(self, name: str, hold: threading.Event) -> None:
        self.name, self.hold, self.hanging = name, hold, threading.Event()

    def __getattr__(self, name: str) -> Any:
        def method(*_: Any, **__: Any) -> None:
            if name == self.name:
                self.hanging.set()
                assert self.hold.wait(TIMEOUT)

        return method


@pytest.mark.parametrize("name", ["begin", "flush", "keep_file"])
def test_nobody_waits_for_the_disk(name: str, hold: threading.Event) -> None:
    store = HangingStore(name, hold)
    engine = InlineEngine(3, scripted_job)
    with serve_in_thread(Service(engine, cast(RunStore, store))) as service:
        race = service.submit("ann", [{**LONG, "files": {"key": b"content"}}])
        assert store.hanging.wait(TIMEOUT)
        use_as_another_visitor(service, race)
        service.send_command(race, {"command": "stop"})
        wait_until(lambda: view_of(service, race).state == "stopped")
        hold.set()


class MuteEngine(InlineEngine):
    """An engine whose workers send no heartbeats."""

    def poll(self, timeout: float) -> list[tuple[str, int, Event]]:
        return [each for each in super().poll(timeout) if each[2]["event"] != "heartbeat"]


def test_a_silent_worker_is_replaced_unless_it_is_paused() -> None:
    now = [0.0]
    service = Service(MuteEngine(1, scripted_job), clock=lambda: now[0], lease=1e9)
    race = service.submit("ann", [LONG])
    tick(service, 3)

    def watch(seconds: float) -> int:
        for _ in range(round(seconds)):
            now[0] += 1.0
            service.tick()
        return view_of(service, race).runs[0].attempt

    service.send_command(race, {"command": "pause"})
    assert watch(10 * SILENCE) == 1
    assert view_of(service, race).state == "paused"
    service.send_command(race, {"command": "resume"})
    assert watch(SILENCE - 2.0) == 1
    assert watch(6.0) == 2
    assert view_of(service, race).state == "running"
    for _ in range(2):
        watch(SILENCE + 4.0)
    failed = view_of(service, race).runs[0].reason
    assert failed is not None
    assert failed.values["last"].template == SILENT  # type: ignore[attr-defined]


def test_a_worker_that_was_stopped_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "SILENCE", 2.0)
    with serve_in_thread(Service(ProcessEngine())) as service:
        race = service.submit("ann", [small_work("rnn", MANY_STEPS)])
        (pid,) = worker_pids(service, race)
        os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: view_of(service, race).runs[0].attempt == 2)
        wait_until(lambda: not is_alive(pid))
        before = len(view_of(service, race).runs[0].history.step)
        wait_until(lambda: len(view_of(service, race).runs[0].history.step) > before)


def test_the_heart_beats_while_the_main_thread_computes_or_waits() -> None:
    ours, theirs = Pipe()
    shared = SharedPipe(theirs)
    shared.shows_life()
    sum(range(10**6))
    assert shared.shows_life()

    def pauses() -> int:
        count = 0
        for _ in range(20):
            time.sleep(0.01)
            count += not shared.shows_life()
        return count

    with ThreadPoolExecutor(1) as heart:
        assert heart.submit(pauses).result() > 10, "the main thread does nothing meanwhile"
    waiting = threading.Thread(target=shared.wait)
    waiting.start()
    wait_until(lambda: shared._waiting)
    assert shared.shows_life()
    ours.send({"command": "resume"})
    waiting.join(TIMEOUT)
    assert not shared._waiting


class SlowWorker:
    """A worker whose main thread computes or hangs in its only step."""

    @staticmethod
    def main(pipe: Any, work: Work) -> None:
        enter_child()
        shared = SharedPipe(pipe)
        shared.start_heartbeat()
        shared.send({"event": "ready", "pid": os.getpid()})
        until = time.monotonic() + 4 * INTERVAL
        while time.monotonic() < until:
            if work["hangs"]:
                time.sleep(4 * INTERVAL)
            sum(range(10**5))
        shared.send({"event": "end", "state": "finished", "reason": None})


@pytest.mark.long
def test_a_slow_step_is_told_from_a_hung_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "SILENCE", 2.5 * INTERVAL)
    monkeypatch.setattr(process_engine, "worker", SlowWorker)
    with serve_in_thread(Service(ProcessEngine())) as service:
        race = service.submit("ann", [{"hangs": False}, {"hangs": True}])
        wait_until(lambda: view_of(service, race).runs[0].state == "finished")
        slow, hung = view_of(service, race).runs
        assert slow.attempt == 1
        assert hung.attempt > 1


def test_signals_for_the_server_end_neither_workers_nor_forkserver() -> None:
    with serve_in_thread(Service(ProcessEngine())) as service:
        race = service.submit("ann", [small_work("rnn", MANY_STEPS)])
        (pid,), before = worker_pids(service, race), forkserver_pid()
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(pid, name)
            os.kill(before, name)
        rows = len(view_of(service, race).runs[0].history.step)
        wait_until(lambda: len(view_of(service, race).runs[0].history.step) > rows)
        assert view_of(service, race).runs[0].attempt == 1
        # What takes the memory from the pages goes first.
        assert int(Path(f"/proc/{pid}/oom_score_adj").read_text()) > 0
        other = service.submit("ben", [small_work("rnn")])
        wait_until(lambda: view_of(service, other).state == "finished")
        assert forkserver_pid() == before


@pytest.mark.parametrize("end", ["kill", "close"])
def test_a_process_that_starts_too_late_is_killed(
    end: str, hold: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, hanging = [], threading.Event()
    start = forkserver.start

    def start_late(process: Any, is_needed: Callable[[], bool]) -> None:
        hanging.set()
        assert hold.wait(TIMEOUT)
        start(process, is_needed)
        started.append(process.pid)

    monkeypatch.setattr(forkserver, "start", start_late)
    engine = ProcessEngine(1)
    with ThreadPoolExecutor(1) as thread:
        starting = thread.submit(engine.start, "1", 7, small_work("rnn", MANY_STEPS))
        assert hanging.wait(TIMEOUT)
        if end == "kill":
            engine.kill("1")
            ((run_id, attempt, event),) = engine.poll(TIMEOUT)
            assert (run_id, attempt, event["event"]) == ("1", 7, "lost")
        else:
            engine.close()
        hold.set()
        starting.result(TIMEOUT)
    (pid,) = started
    wait_until(lambda: not is_alive(pid))
    assert engine.poll(0.0) == []


@pytest.mark.long
def test_a_spawned_worker_is_steered_and_replaced() -> None:
    with serve_in_thread(Service(ProcessEngine(1, "spawn"))) as service:
        race = service.submit("ann", [small_work("rnn", MANY_STEPS)])
        (pid,) = worker_pids(service, race)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: view_of(service, race).runs[0].attempt == 2)
        (pid,) = worker_pids(service, race)
        service.send_command(race, {"command": "stop"})
        wait_until(lambda: view_of(service, race).state == "stopped")
        wait_until(lambda: not is_alive(pid))


ELSEWHERE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from rnnviz.jobs import ProcessEngine

MODULES = "import sys; print(*sorted(sys.modules))"

if __name__ == "__main__":
    engine = ProcessEngine()
    engine.warm_up()
    process = engine._context.Process(target=exec, args=(MODULES,))
    process.start()
    process.join()
else:
    print("the main script runs again")
"""


def test_workers_are_warm_in_a_server_that_runs_in_another_folder(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(ELSEWHERE)
    for decoy in (tmp_path / "rnnviz", tmp_path / "user" / "rnnviz_user"):
        decoy.mkdir(parents=True)
        (decoy / "__init__.py").write_text("")
    output = subprocess.run(
        [sys.executable, script],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "user")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    modules = output.split()
    assert {"rnnviz.jobs.preload", "rnnviz.training", "torch.optim.adam"} <= set(modules)
    assert "the main script runs again" not in output
