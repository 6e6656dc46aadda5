"""The job service: fair, patient, hard to kill, and never left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from rnnviz.jobs import Event, InlineEngine, LocalEngine, RaceView, Service
from rnnviz.jobs.engine import Inbox, Work
from rnnviz.jobs.service import LEFT, PAUSED_TOO_LONG
from rnnviz.jobs.worker import training

PATIENCE = 60.0
"""Seconds within which anything happens, also on a machine that is busy with other tests."""
PROMPT = 0.5
"""Seconds within which a stop must act."""


def experiment(cell: str = "rnn", steps: int = 40, **more: Any) -> Work:
    return {
        "experiment": {
            "task": {"name": "delayed_recall", "lag": 4},
            "model": {"cell": cell, "hidden": 4, "embedding": "one-hot"},
            "optimiser": {"steps": steps, "batch": 4, **more},
            "seed": 3,
        },
        "every": 0.05,
    }


ENDLESS = 100_000
"""Steps that no test waits for."""


def until(true: Callable[[], bool], patience: float = PATIENCE) -> float:
    """Wait for `true`; answers with the seconds that it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < patience, "waited in vain"
        time.sleep(0.005)
    return time.monotonic() - began


def alive(pid: int) -> bool:
    """Whether the process is there and not just a name left in the table."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """As in the workers: several threads only get in each other's way with models this small."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# In worker processes -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def local() -> Iterator[Service]:
    service = Service(LocalEngine())
    thread = threading.Thread(target=service.run)
    thread.start()
    yield service
    service.close()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def seen(service: Service, race: str) -> RaceView:
    view = service.view(race)
    assert view is not None
    return view


def pids(service: Service, race: str) -> list[int]:
    """The workers of a race, once all of them have reported a row."""
    until(lambda: all(run.history.step and run.facts for run in seen(service, race).runs))
    return [run.facts["pid"] for run in seen(service, race).runs]


def test_a_race_trains_its_runs_at_the_same_time_and_ends(local: Service) -> None:
    race = local.submit("ann", [experiment(cell) for cell in ("rnn", "lstm", "gru")])
    until(lambda: seen(local, race).state == "finished")
    runs = seen(local, race).runs
    assert len({run.facts["pid"] for run in runs}) == 3
    for run in runs:
        assert run.history.step == sorted(run.history.step)
        assert run.history.step[0] == 0
        assert run.history.step[-1] == run.result["step"] == 40
        assert run.history.validation[-1] == run.result["validation"]
        assert len(run.probe["norms"]) == len(run.probe["states"]) == 5
    until(lambda: not any(alive(run.facts["pid"]) for run in runs))


def test_a_stop_acts_within_half_a_second_and_ends_the_processes(local: Service) -> None:
    race = local.submit("ann", [experiment(cell, ENDLESS) for cell in ("rnn", "lstm", "gru")])
    workers = pids(local, race)
    assert all(alive(pid) for pid in workers)
    local.control(race, {"do": "stop"})
    assert until(lambda: seen(local, race).state == "stopped") < PROMPT
    assert until(lambda: not any(alive(pid) for pid in workers)) < PROMPT


def test_a_worker_that_does_not_listen_is_stopped_all_the_same(local: Service) -> None:
    race = local.submit("ann", [experiment("rnn", ENDLESS)])
    (pid,) = pids(local, race)
    os.kill(pid, signal.SIGSTOP)
    local.control(race, {"do": "stop"})
    assert until(lambda: seen(local, race).state == "stopped") < PROMPT
    assert until(lambda: not alive(pid)) < PROMPT


def test_pause_holds_and_resume_goes_on(local: Service) -> None:
    race = local.submit("ann", [experiment("rnn", ENDLESS)])
    pids(local, race)
    local.control(race, {"do": "pause"})
    until(lambda: seen(local, race).runs[0].state == "paused")
    held = seen(local, race).runs[0].history.step[-1]
    time.sleep(0.3)
    assert seen(local, race).runs[0].history.step[-1] == held
    assert seen(local, race).state == "paused"
    local.control(race, {"do": "resume"})
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
    assert reason["values"]["attempts"] == 3
    assert reason["values"]["last"]["values"] == {"signal": signal.SIGKILL}
    assert seen(local, race).runs[1].facts["pid"] == untouched
    assert seen(local, race).state == "running"
    local.forget(race)


def test_a_diverging_run_fails_with_the_reason(local: Service) -> None:
    work = experiment("rnn")
    work["experiment"]["task"] = {"name": "no such task"}
    race = local.submit("ann", [work, experiment("gru")])
    until(lambda: seen(local, race).state == "finished")
    failed, finished = seen(local, race).runs
    assert failed.state == "failed"
    assert "not a task" in failed.reason["template"]
    assert finished.state == "finished"


def test_leaving_ends_the_training_unless_the_owner_comes_back(local: Service) -> None:
    patient = Service(LocalEngine(), grace=0.5)
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
        assert seen(patient, race).reason["template"] == LEFT
        until(lambda: not alive(pid), PROMPT)
    finally:
        patient.close()
        thread.join(PATIENCE)


SERVER = """
import sys, threading, time
from rnnviz.jobs import LocalEngine, Service
from tests.test_jobs import ENDLESS, experiment, pids

if __name__ == "__main__":
    service = Service(LocalEngine())
    threading.Thread(target=service.run, daemon=True).start()
    race = service.submit("ann", [experiment(cell, ENDLESS) for cell in ("rnn", "lstm", "gru")])
    print(*pids(service, race), flush=True)
    if sys.argv[1] == "paused":
        service.control(race, {"do": "pause"})
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


# Decisions, with jobs that this process plays ----------------------------------------------------


def equal_histories(cell: str) -> list[list[Any]]:
    service = Service(InlineEngine())
    race = service.submit("ann", [experiment(cell)])
    while seen(service, race).state != "finished":
        service.tick()
    history = seen(service, race).runs[0].history
    return [history.step, history.loss, history.metric, history.validation]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_equal_experiments_have_equal_histories_in_every_engine(cell: str, local: Service) -> None:
    race = local.submit("ann", [experiment(cell)])
    until(lambda: seen(local, race).state == "finished")
    history = seen(local, race).runs[0].history
    assert equal_histories(cell) == equal_histories(cell)
    assert equal_histories(cell)[0] == history.step
    # Another process, one thread and denormals flushed: the last digits may differ.
    assert history.loss[1:] == pytest.approx(equal_histories(cell)[1][1:], rel=1e-4)


def test_the_learning_rate_can_be_changed_while_it_trains() -> None:
    letters: list[dict[str, Any]] = []

    def inbox() -> list[dict[str, Any]]:
        taken = letters.copy()
        letters.clear()
        return taken

    def losses(change: bool) -> list[float]:
        events = training({**experiment(steps=200), "every": 0.0}, inbox)
        found = [next(events), next(events)]
        if change:
            letters.append({"do": "set", "lr": 0.3})
        found += list(events)
        return [
            row["loss"]
            for event in found
            if event["event"] == "progress"
            for row in event["points"]
        ]

    plain, changed = losses(False), losses(True)
    assert plain[:2] == changed[:2], "a change must not reach back"
    assert plain[2:] != changed[2:]


def scripted(work: Work, inbox: Inbox) -> Iterator[Event | None]:
    """A job that ends, or listens to controls, as its work says."""
    yield {"event": "ready", "pid": 0, "heard": []}
    for _ in range(work["turns"]):
        for control in inbox():
            yield {"event": "ready", "pid": 0, "heard": dict(control)}
            if control["do"] == "stop":
                yield {"event": "end", "state": "stopped", "reason": None}
                return
            if control["do"] in ("pause", "resume"):
                state = "paused" if control["do"] == "pause" else "running"
                yield {"event": "state", "state": state}
        yield None


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def played(slots: int = 3, **options: Any) -> tuple[Service, Clock, InlineEngine]:
    clock, engine = Clock(), InlineEngine(slots, scripted)
    return Service(engine, clock=clock, **options), clock, engine


LONG: Work = {"turns": 10_000}
SHORT: Work = {"turns": 1}


def test_owners_are_served_in_turn_and_told_their_position() -> None:
    service, _, _ = played(slots=1)
    first = [service.submit("greedy", [SHORT]) for _ in range(3)]
    other = service.submit("modest", [SHORT])
    waiting = [first[0], other, first[1], first[2]]
    assert [seen(service, race).position for race in waiting] == [0, 1, 2, 3]
    ended: list[str] = []
    while len(ended) < 4:
        service.tick()
        ended += [
            race
            for race in waiting
            if race not in ended and seen(service, race).state == "finished"
        ]
    assert ended == waiting
    assert seen(service, other).position is None


def test_an_owner_has_one_race_running() -> None:
    service, _, _ = played(slots=3)
    race, second = service.submit("ann", [LONG]), service.submit("ann", [LONG])
    service.tick()
    assert (seen(service, race).state, seen(service, second).state) == ("running", "queued")
    service.control(race, {"do": "stop"})
    for _ in range(5):
        service.tick()
    assert (seen(service, race).state, seen(service, second).state) == ("stopped", "running")


def test_a_race_of_three_is_not_overtaken_by_small_ones() -> None:
    service, _, _ = played(slots=3)
    small = service.submit("ann", [LONG])
    service.tick()
    large = service.submit("ben", [LONG] * 3)
    late = service.submit("cid", [LONG])
    service.tick()
    assert [seen(service, race).state for race in (small, large, late)] == [
        "running", "queued", "queued",
    ]  # fmt: skip
    service.forget(small)
    for _ in range(5):
        service.tick()
    assert [run.state for run in seen(service, large).runs] == ["running"] * 3


def test_a_race_larger_than_the_engine_is_run_in_parts() -> None:
    service, _, _ = played(slots=2)
    race = service.submit("ann", [SHORT] * 5)
    for _ in range(20):
        service.tick()
    assert seen(service, race).state == "finished"


def test_what_a_queued_race_is_told_is_remembered() -> None:
    service, _, _ = played(slots=1)
    running = service.submit("ann", [LONG])
    service.tick()
    waiting = service.submit("ben", [LONG])
    gone = service.submit("cid", [LONG])
    service.control(waiting, {"do": "set", "lr": 0.5})
    service.control(waiting, {"do": "pause"})
    service.control(gone, {"do": "stop"})
    assert seen(service, gone).state == "stopped"
    service.forget(running)
    heard = []
    for _ in range(12):
        service.tick()
        heard.append(seen(service, waiting).runs[0].facts.get("heard"))
    assert {"do": "set", "lr": 0.5} in heard
    assert {"do": "pause"} in heard
    assert seen(service, waiting).runs[0].state == "paused"
    assert seen(service, gone).runs[0].attempt == 0


def test_a_silent_owner_loses_the_race_and_queued_races_of_the_gone_never_start() -> None:
    service, clock, _ = played(slots=1, lease=10.0, grace=2.0)
    race = service.submit("ann", [LONG])
    service.tick()
    waiting = service.submit("ben", [LONG])
    clock.now = 8.0
    service.renew("ann")
    service.leave("ben")
    clock.now = 11.0
    for _ in range(5):
        service.tick()
    assert seen(service, race).state == "running"
    assert (seen(service, waiting).state, seen(service, waiting).runs[0].attempt) == ("stopped", 0)
    clock.now = 18.5
    for _ in range(5):
        service.tick()
    assert seen(service, race).state == "stopped"
    assert seen(service, race).reason["template"] == LEFT


def test_a_race_that_is_no_longer_wanted_ends_at_once() -> None:
    service, _, _ = played()
    wanted = [True]
    race = service.submit("ann", [LONG], wanted=lambda: wanted[0])
    service.tick()
    wanted[0] = False
    for _ in range(3):
        service.tick()
    assert seen(service, race).state == "stopped"


def test_a_pause_ends_when_others_have_waited_long_enough() -> None:
    service, clock, _ = played(slots=1, patience=60.0, lease=1e9)
    race = service.submit("ann", [LONG])
    service.tick()
    service.control(race, {"do": "pause"})
    clock.now = 1000.0
    service.tick()
    assert seen(service, race).state == "paused", "nobody is waiting"
    service.submit("ben", [LONG])
    for _ in range(4):
        service.tick()
    assert seen(service, race).reason["template"] == PAUSED_TOO_LONG


def test_words_of_a_dead_attempt_are_dropped() -> None:
    service, _, engine = played()
    race = service.submit("ann", [LONG])
    service.tick()
    (run,) = seen(service, race).runs
    engine.kill(run.job)
    service.tick()
    service.tick()
    assert seen(service, race).runs[0].attempt == 2
    service._hear(run.job, 1, {"event": "end", "state": "finished", "reason": None})
    assert seen(service, race).runs[0].state == "running"


def test_records_of_an_owner_who_stays_silent_are_dropped() -> None:
    service, clock, _ = played(keep=3600.0)
    race = service.submit("ann", [SHORT])
    for _ in range(5):
        service.tick()
    clock.now = 3000.0
    service.submit("ben", [SHORT])
    assert service.view(race) is not None
    clock.now = 4000.0
    service.submit("ben", [SHORT])
    assert service.view(race) is None
