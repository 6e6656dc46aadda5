"""Training in worker processes: prompt, hard to kill, and never left behind."""

import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pipe, forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
import torch

from rnnviz.jobs import InlineEngine, ProcessEngine, Service
from rnnviz.jobs import process_engine as local_engine
from rnnviz.jobs.engine import Work
from rnnviz.jobs.process_engine import WorkerChannel
from rnnviz.jobs.service import PAGE_LEFT
from tests.races import ENDLESS, PATIENCE, alive, experiment, pids, seen, until

PROMPT = 0.5
"""Seconds within which a stop must act."""


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """As in the workers: several threads only get in each other's way with models this small."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def local() -> Iterator[Service]:
    service = Service(ProcessEngine())
    thread = threading.Thread(target=service.run)
    thread.start()
    yield service
    service.close()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_a_race_trains_its_runs_at_the_same_time_and_ends(local: Service) -> None:
    race = local.submit("ann", [experiment(cell) for cell in ("rnn", "lstm", "gru")])
    until(lambda: seen(local, race).state == "finished")
    runs = seen(local, race).runs
    assert len({run.facts["pid"] for run in runs}) == 3
    for run in runs:
        assert run.history.step == sorted(run.history.step)
        assert run.history.step[0] == 0
        assert run.history.step[-1] == run.result["step"] == 40
        assert run.history.validation_metric[-1] == run.result["validation"]
        assert len(run.snapshot["norms"]) == len(run.snapshot["states"]) == 5
    until(lambda: not any(alive(run.facts["pid"]) for run in runs))


def quickest(attempt: Callable[[], float]) -> float:
    """The best of up to ten attempts: what else the machine does is not what is measured."""
    found = attempt()
    for _ in range(9):
        found = found if found < PROMPT else min(found, attempt())
    return found


def test_a_stop_acts_within_half_a_second_and_ends_the_processes(local: Service) -> None:
    def stop() -> float:
        race = local.submit("ann", [experiment(cell, ENDLESS) for cell in ("rnn", "lstm", "gru")])
        workers = pids(local, race)
        assert all(alive(pid) for pid in workers)
        local.send_command(race, {"command": "stop"})
        told = until(lambda: seen(local, race).state == "stopped")
        return max(told, until(lambda: not any(alive(pid) for pid in workers)))

    assert quickest(stop) < PROMPT


def test_a_worker_that_does_not_listen_is_stopped_all_the_same(local: Service) -> None:
    def stop() -> float:
        race = local.submit("ann", [experiment("rnn", ENDLESS)])
        (pid,) = pids(local, race)
        os.kill(pid, signal.SIGSTOP)
        local.send_command(race, {"command": "stop"})
        told = until(lambda: seen(local, race).state == "stopped")
        return max(told, until(lambda: not alive(pid)))

    assert quickest(stop) < PROMPT


def test_pause_holds_and_resume_goes_on(local: Service) -> None:
    race = local.submit("ann", [experiment("rnn", ENDLESS)])
    pids(local, race)
    local.send_command(race, {"command": "pause"})
    until(lambda: seen(local, race).runs[0].state == "paused")
    held = seen(local, race).runs[0].history.step[-1]
    time.sleep(0.3)
    assert seen(local, race).runs[0].history.step[-1] == held
    assert seen(local, race).state == "paused"
    local.send_command(race, {"command": "resume"})
    until(lambda: seen(local, race).runs[0].history.step[-1] > held)
    local.forget(race)
    assert local.view(race) is None


def test_a_killed_worker_is_noticed_and_its_run_begins_again_up_to_twice(local: Service) -> None:
    race = local.submit("ann", [experiment("rnn", ENDLESS), experiment("gru", ENDLESS)])
    untouched = pids(local, race)[1]
    for attempt in (1, 2, 3):
        until(lambda attempt=attempt: seen(local, race).runs[0].attempt == attempt)
        os.kill(pids(local, race)[0], signal.SIGKILL)
    until(lambda: seen(local, race).runs[0].state == "failed")
    reason = seen(local, race).runs[0].reason
    assert reason.values["attempts"] == 3
    assert reason.values["last"].values == {"signal": signal.SIGKILL}
    assert seen(local, race).runs[1].facts["pid"] == untouched
    assert seen(local, race).state == "running"
    local.forget(race)


def test_a_race_of_one_whose_worker_was_killed_begins_again(local: Service) -> None:
    race = local.submit("ann", [experiment("rnn", ENDLESS)])
    (pid,) = pids(local, race)
    os.kill(pid, signal.SIGKILL)
    until(lambda: seen(local, race).runs[0].attempt == 2)
    assert pids(local, race) != [pid]
    local.forget(race)


def test_a_killed_forkserver_is_replaced_and_its_workers_still_obey(local: Service) -> None:
    old = local.submit("ann", [experiment("rnn", ENDLESS)])
    workers = pids(local, old)
    os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)  # type: ignore[attr-defined]
    race = local.submit("ben", [experiment("gru")])
    until(lambda: seen(local, race).state == "finished")
    assert seen(local, old).state == "running"
    # Deaf, and no longer a child of anybody who knows: it has to be killed all the same.
    os.kill(workers[0], signal.SIGSTOP)
    local.send_command(old, {"command": "stop"})
    until(lambda: seen(local, old).state == "stopped")
    until(lambda: not alive(workers[0]))


def test_an_engine_may_be_closed_while_it_is_listened_to() -> None:
    engine = ProcessEngine(slots=1)
    engine.start("1", 1, experiment("rnn", ENDLESS) | {"report_interval": 0.0})
    (pid,) = [entry.process.pid for entry in engine._workers.values()]
    with ThreadPoolExecutor(1) as listener:
        heard = listener.submit(lambda: [engine.poll(0.01) for _ in range(100)])
        time.sleep(0.3)
        engine.close()
        heard.result(PATIENCE)
    assert pid is not None
    until(lambda: not alive(pid), 5.0)


def test_an_entry_that_close_has_taken_is_no_error() -> None:
    engine = ProcessEngine(slots=1)
    engine.start("1", 1, experiment("rnn", ENDLESS))
    entry = engine._workers["1"]
    engine.close()
    assert engine._reap(entry) == []
    assert engine.poll(0.0) == []


class Silent:
    """A worker that falls silent for ever: in the middle of a word, and without reading any."""

    @staticmethod
    def main(pipe: Connection, work: Work) -> None:
        pipe.send({"event": "ready", "pid": os.getpid()})
        if work["silent"]:
            os.write(pipe.fileno(), struct.pack("!i", 1000) + b"half a word")
        while not work["silent"]:
            pipe.send({"event": "state", "state": "running"})
            time.sleep(0.01)
        time.sleep(PATIENCE)


def test_a_worker_that_falls_silent_in_the_middle_of_a_word_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local_engine, "worker", Silent)
    service = Service(ProcessEngine(slots=2))
    thread = threading.Thread(target=service.run, daemon=True)
    thread.start()
    try:
        silent = service.submit("ann", [{"silent": True}])
        until(lambda: bool(seen(service, silent).runs[0].facts))
        time.sleep(0.1)
        other = service.submit("ben", [{"silent": False}])
        until(lambda: bool(seen(service, other).runs[0].facts))
        # More than the pipe can hold of what it does not read.
        began = time.monotonic()
        for step in range(5000):
            service.send_command(silent, {"command": "set", "lr": step / 1e4})
        assert time.monotonic() - began < 5.0
        pid = seen(service, silent).runs[0].facts["pid"]
        service.send_command(silent, {"command": "stop"})
        until(lambda: seen(service, silent).state == "stopped", 5.0)
        until(lambda: not alive(pid), 5.0)
        assert seen(service, other).state == "running"
    finally:
        service.close()
        thread.join(PATIENCE)
    until(lambda: not any(each.name.startswith("channel ") for each in threading.enumerate()), 5.0)


def test_large_words_do_not_pile_up_while_nobody_listens() -> None:
    ours, theirs = Pipe()
    line, said = WorkerChannel(ours), SimpleQueue[Any]()
    line.open(said.put)
    for step in range(4):
        theirs.send({"event": "saved_step", "step": step})
    until(lambda: said.qsize() == 1)
    time.sleep(0.1)
    assert said.qsize() == 1
    for step in range(4):
        assert said.get(timeout=PATIENCE)["step"] == step
        line.ack()
    theirs.close()
    assert said.get(timeout=PATIENCE) is None
    until(lambda: ours.closed)


def test_leaving_ends_the_training_unless_the_owner_comes_back(local: Service) -> None:
    patient = Service(ProcessEngine(), reconnect_grace=0.5)
    thread = threading.Thread(target=patient.run)
    thread.start()
    try:
        race = patient.submit("ann", [experiment("rnn", ENDLESS)])
        (pid,) = pids(patient, race)
        patient.leave("ann")
        patient.renew("ann")
        time.sleep(0.8)
        assert alive(pid)
        patient.leave("ann")
        until(lambda: seen(patient, race).state == "stopped", 5)
        assert seen(patient, race).reason.template == PAGE_LEFT
        until(lambda: not alive(pid), 5.0)
    finally:
        patient.close()
        thread.join(PATIENCE)


SERVER = """
import sys, threading, time
from rnnviz.jobs import ProcessEngine, Service
from tests.races import ENDLESS, experiment, pids

if __name__ == "__main__":
    service = Service(ProcessEngine())
    threading.Thread(target=service.run, daemon=True).start()
    race = service.submit("ann", [experiment(cell, ENDLESS) for cell in ("rnn", "lstm", "gru")])
    print(*pids(service, race), flush=True)
    if sys.argv[1] == "paused":
        service.send_command(race, {"command": "pause"})
    time.sleep(600)
"""


@pytest.mark.parametrize("doing", ["training", "paused"])
def test_no_worker_survives_a_killed_server(doing: str, tmp_path: Path) -> None:
    root = Path(__file__).parents[1]
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    server = subprocess.Popen(
        [sys.executable, script, doing],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(root)},
        text=True,
    )
    assert server.stdout is not None
    workers = [int(pid) for pid in server.stdout.readline().split()]
    assert len(workers) == 3
    assert all(alive(pid) for pid in workers)
    time.sleep(0.2)
    server.kill()
    server.wait()
    server.stdout.close()
    until(lambda: not any(alive(pid) for pid in workers), 5)


def equal_histories(cell: str) -> list[list[Any]]:
    service = Service(InlineEngine())
    race = service.submit("ann", [experiment(cell)])
    while seen(service, race).state != "finished":
        service.tick()
    history = seen(service, race).runs[0].history
    return [history.step, history.loss, history.train_metric, history.validation_metric]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_equal_experiments_have_equal_histories_in_every_engine(cell: str, local: Service) -> None:
    race = local.submit("ann", [experiment(cell)])
    until(lambda: seen(local, race).state == "finished")
    history = seen(local, race).runs[0].history
    assert equal_histories(cell) == equal_histories(cell)
    assert equal_histories(cell)[0] == history.step
    # Another process, one thread and denormals flushed: the last digits may differ.
    assert history.loss[1:] == pytest.approx(equal_histories(cell)[1][1:], rel=1e-4)


@pytest.mark.parametrize("word", [b"", b"no pickle"])
def test_a_line_ends_with_the_worker_and_with_what_nobody_can_read(word: bytes) -> None:
    ours, theirs = Pipe()
    line, said = WorkerChannel(ours), SimpleQueue[Any]()
    line.open(said.put)
    if word:
        theirs.send_bytes(word)
    else:
        theirs.close()
    assert said.get(timeout=PATIENCE) is None
    until(lambda: ours.closed)
    line.send({"command": "stop"})
    theirs.close()
