"""No run is lost: after whatever is killed, it resumes to the very same numbers."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks import kills
from rnnviz.jobs import ProcessEngine, RunView, Service, report
from rnnviz.jobs.worker import run_training
from rnnviz.store import HISTORY_COLUMNS, Query, Store
from tests.races import MANY_STEPS, is_alive, serve_in_thread, small_work, view_of, wait_until

DETERMINISTIC = [name for name in HISTORY_COLUMNS if name != "seconds"]
"""The columns that do not depend on the machine."""


def history_rows(events: list[Any]) -> list[dict[str, Any]]:
    rows = [row for event in events if event["event"] == "progress" for row in event["rows"]]
    return [{name: row[name] for name in DETERMINISTIC} for row in rows]


def final_weights(events: list[Any]) -> bytes:
    saved_steps = [event for event in events if event["event"] == "saved_step"]
    weights: bytes = max(saved_steps, key=lambda event: event["step"])["weights"]
    return weights


def deterministic_columns(run: RunView) -> list[Any]:
    return [getattr(run.history, name) for name in DETERMINISTIC]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_every_checkpoint_leads_to_the_same_end(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "CHECKPOINT_INTERVAL", 0.0)
    monkeypatch.setattr(report, "CHECKPOINT_SHARE", float("inf"))
    whole = list(run_training(small_work(cell), list))
    checkpoints = [event for event in whole if event["event"] == "checkpoint"]
    assert len(checkpoints) == 40
    for checkpoint in checkpoints[::9]:
        before = history_rows(whole[: whole.index(checkpoint)])
        assert before[-1]["step"] == checkpoint["step"], "every row up to it has been sent"
        work = {**small_work(cell), "checkpoint": checkpoint["content"]}
        after = list(run_training(work, list))
        assert before + history_rows(after) == history_rows(whole)
        assert final_weights(after) == final_weights(whole)


def test_a_killed_worker_is_replaced_without_a_trace() -> None:
    with serve_in_thread(Service(ProcessEngine())) as service:
        race = service.submit("ann", [small_work("gru", 1_000) for _ in range(2)])
        wait_until(lambda: service._races[race].runs[0].checkpoint is not None)
        os.kill(view_of(service, race).runs[0].facts["pid"], signal.SIGKILL)
        wait_until(lambda: view_of(service, race).state == "finished")
        resumed, untouched = view_of(service, race).runs
        assert (resumed.attempt, untouched.attempt) == (2, 1)
        assert resumed.history.seconds == sorted(resumed.history.seconds)
        assert deterministic_columns(resumed) == deterministic_columns(untouched)
        assert resumed.saved_steps == untouched.saved_steps
        for step in (0, 500, 1_000):
            weights = [service.weights(run.run_id, step) for run in (resumed, untouched)]
            assert weights[0] == weights[1]


SERVER = """
import sys, threading, time
from pathlib import Path
from rnnviz.jobs import ProcessEngine, Service
from rnnviz.store import Store
from tests.races import small_work, view_of, wait_until, worker_pids

if __name__ == "__main__":
    service = Service(ProcessEngine(), Store(Path(sys.argv[1])))
    threading.Thread(target=service.run, daemon=True).start()
    long = service.submit("ann", [small_work("lstm", 10_000)])
    short = service.submit("ben", [small_work("gru", 1_000)])
    steps = lambda race: (view_of(service, race).runs[0].history.step or [0])[-1]
    wait_until(lambda: steps(short) > 0)
    service.send_command(short, {"command": "pause"})
    wait_until(lambda: view_of(service, short).runs[0].state == "paused" and steps(long) > 0)
    print(*worker_pids(service, long), *worker_pids(service, short), flush=True)
    paused_until = time.time() + 1.5  # by then all earlier events have long been stored
    while time.time() < paused_until:
        print(time.time(), steps(long), 0, flush=True)
        time.sleep(0.02)
    paused = steps(short)
    service.send_command(short, {"command": "resume"})
    while True:
        print(time.time(), steps(long), steps(short) - paused, flush=True)
        time.sleep(0.02)
"""


def test_a_killed_server_costs_a_second_and_its_runs_are_resumed(tmp_path: Path) -> None:
    script, folder = tmp_path / "server.py", tmp_path / "runs"
    script.write_text(SERVER)
    server = subprocess.Popen(
        [sys.executable, script, folder],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        text=True,
    )
    assert server.stdout is not None
    workers = [int(pid) for pid in server.stdout.readline().split()]
    reports = []
    for line in server.stdout:
        reports.append([float(number) for number in line.split()])
        if reports[-1][2] > 0:  # the short run has just been resumed
            break
    server.kill()
    killed_at = time.time()
    server.wait()
    server.stdout.close()
    wait_until(lambda: not any(is_alive(pid) for pid in workers))
    store = Store(folder)
    try:
        short, long = sorted(store.runs(Query()).rows, key=lambda row: str(row.cell))
        assert (short.state, long.state) == ("interrupted", "interrupted")
        assert 0 < short.steps < 1_000
        a_second_before = [step for at, step, _ in reports if at < killed_at - 1.0][-1]
        assert long.steps >= a_second_before > 0
        with serve_in_thread(Service(ProcessEngine(), store)) as service:
            race = service.resume("ann", [short.id])
            whole = service.submit("ben", [small_work("gru", 1_000)])
            wait_until(
                lambda: {view_of(service, each).state for each in (race, whole)} == {"finished"}
            )
            (resumed,), (other,) = view_of(service, race).runs, view_of(service, whole).runs
            assert resumed.run_id == short.id
            assert deterministic_columns(resumed) == deterministic_columns(other)
            assert service.weights(short.id, 1_000) == service.weights(other.run_id, 1_000)
            race = service.resume("ann", [long.id])
            wait_until(lambda: current_step(service, race) > long.steps)
        stored, uninterrupted = store.history(short.id), store.history(other.run_id)
        assert [stored[name] for name in DETERMINISTIC] == [
            uninterrupted[name] for name in DETERMINISTIC
        ]
        states = {row.id: row.state for row in store.runs(Query()).rows}
        assert states[short.id] == "finished"
        assert states[long.id] == "interrupted", "its server was shut down"
    finally:
        store.close()


def current_step(service: Service, race: str) -> int:
    steps = view_of(service, race).runs[0].history.step
    return steps[-1] if steps else 0


def test_a_run_may_be_resumed_as_soon_as_it_has_stopped(tmp_path: Path) -> None:
    store = Store(tmp_path)
    try:
        with serve_in_thread(Service(ProcessEngine(), store)) as service:
            race, reached = service.submit("ann", [small_work("rnn", MANY_STEPS)]), 0
            for _ in range(4):
                wait_until(lambda race=race, reached=reached: current_step(service, race) > reached)
                service.send_command(race, {"command": "stop"})
                wait_until(lambda race=race: view_of(service, race).state == "stopped")
                (run,) = view_of(service, race).runs
                reached = run.history.step[-1]
                # The process of the previous attempt may still be closing its files.
                race = service.resume("ann", [run.run_id])
            wait_until(lambda: current_step(service, race) > reached)
            service.forget(race)
            wait_until(lambda: store.run(run.run_id).state == "stopped")
            assert store.run(run.run_id).steps >= reached
        steps = store.history(run.run_id)["step"]
        assert steps == list(range(0, steps[-1] + 1, steps[1])), "no row is missing, none is double"
    finally:
        store.close()


@pytest.mark.long
def test_random_kills_change_no_run() -> None:
    outcome = kills.soak(3, steps=1_000)
    assert sum(outcome.kills.values()) == 3
    assert outcome.survived == outcome.kills
    assert outcome.finished
    assert not outcome.different
