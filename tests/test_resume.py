"""No run is lost: whatever is killed, it goes on, number for number, as if nothing had been."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rnnviz.jobs import ProcessEngine, RunView, Service
from rnnviz.jobs.worker import run_training
from rnnviz.store import HISTORY_COLUMNS, Query, RunRow, Store
from tests.races import ENDLESS, PATIENCE, alive, experiment, seen, until

COUNTED = [name for name in HISTORY_COLUMNS if name != "seconds"]
"""What decides itself, whatever the machine does meanwhile."""


@contextmanager
def serving(store: Store | None = None) -> Iterator[Service]:
    service = Service(ProcessEngine(), store)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield service
    finally:
        service.close()
        thread.join(PATIENCE)


def rows(events: list[Any]) -> list[dict[str, Any]]:
    found = [row for event in events if event["event"] == "progress" for row in event["rows"]]
    return [{name: row[name] for name in COUNTED} for row in found]


def final_weights(events: list[Any]) -> bytes:
    moments = [event for event in events if event["event"] == "saved_step"]
    weights: bytes = max(moments, key=lambda event: event["step"])["weights"]
    return weights


def counted(run: RunView) -> list[Any]:
    return [getattr(run.history, name) for name in COUNTED]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_every_checkpoint_leads_to_the_same_end(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from rnnviz.jobs import report

    monkeypatch.setattr(report, "CHECKPOINT_INTERVAL", 0.0)
    monkeypatch.setattr(report, "CHECKPOINT_SHARE", float("inf"))
    whole = list(run_training(experiment(cell), list))
    told = rows(whole)
    saved = [event for event in whole if event["event"] == "checkpoint"]
    assert len(saved) == 40
    weights = final_weights(whole)
    for each in saved[::9]:
        # Whoever holds the checkpoint has heard every row up to it.
        before = rows(whole[: whole.index(each)])
        assert before[-1]["step"] == each["step"]
        after = list(run_training({**experiment(cell), "checkpoint": each["content"]}, list))
        assert before + rows(after) == told
        assert final_weights(after) == weights


def test_a_killed_worker_is_replaced_and_nothing_shows_it() -> None:
    with serving() as service:
        race = service.submit("ann", [experiment("gru", 1_000) for _ in range(2)])
        until(lambda: service._races[race].runs[0].checkpoint is not None)
        os.kill(seen(service, race).runs[0].facts["pid"], signal.SIGKILL)
        until(lambda: seen(service, race).state == "finished")
        revived, untouched = seen(service, race).runs
        assert (revived.attempt, untouched.attempt) == (2, 1)
        assert revived.history.seconds == sorted(revived.history.seconds)
        assert counted(revived) == counted(untouched)
        assert revived.saved_steps == untouched.saved_steps
        for step in (0, 500, 1_000):
            assert service.weights(revived.run_id, step) == service.weights(untouched.run_id, step)


SERVER = """
import sys, threading, time
from pathlib import Path
from rnnviz.jobs import ProcessEngine, Service
from rnnviz.store import Store
from tests.races import experiment, pids, seen, until

if __name__ == "__main__":
    service = Service(ProcessEngine(), Store(Path(sys.argv[1])))
    threading.Thread(target=service.run, daemon=True).start()
    long = service.submit("ann", [experiment("lstm", 10_000)])
    short = service.submit("ben", [experiment("gru", 1_000)])
    steps = lambda race: (seen(service, race).runs[0].history.step or [0])[-1]
    until(lambda: steps(short) > 0)
    service.send_command(short, {"command": "pause"})
    until(lambda: seen(service, short).runs[0].state == "paused" and steps(long) > 0)
    print(*pids(service, long), *pids(service, short), flush=True)
    paused_until = time.time() + 1.5  # until then, what was told before has long been stored
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
    said = []
    for line in server.stdout:
        said.append([float(word) for word in line.split()])
        if said[-1][2] > 0:  # the short run has just gone on
            break
    server.kill()
    died = time.time()
    server.wait()
    server.stdout.close()
    until(lambda: not any(alive(pid) for pid in workers), 5)
    store = Store(folder)
    try:
        short, long = sorted(store.runs(Query()).rows, key=lambda row: str(row.cell))
        assert (short.state, long.state) == ("interrupted", "interrupted")
        assert 0 < short.steps < 1_000
        a_second_before = [step for moment, step, _ in said if moment < died - 1.0][-1]
        assert long.steps >= a_second_before > 0
        with serving(store) as service:
            race = service.resume("ann", [short.id])
            whole = service.submit("ben", [experiment("gru", 1_000)])
            until(lambda: {seen(service, each).state for each in (race, whole)} == {"finished"})
            (resumed,), (other,) = seen(service, race).runs, seen(service, whole).runs
            assert resumed.run_id == short.id
            assert counted(resumed) == counted(other)
            assert service.weights(short.id, 1_000) == service.weights(other.run_id, 1_000)
            race = service.resume("ann", [long.id])
            until(lambda: seen(service, race).runs[0].history.step[-1] > long.steps)
        kept, uninterrupted = store.history(short.id), store.history(other.run_id)
        assert [kept[name] for name in COUNTED] == [uninterrupted[name] for name in COUNTED]
        states = {row.id: row.state for row in store.runs(Query()).rows}
        assert states[short.id] == "finished"
        assert states[long.id] == "interrupted", "its server was shut down"
    finally:
        store.close()


def test_a_run_may_be_resumed_as_soon_as_it_has_stopped(tmp_path: Path) -> None:
    store = Store(tmp_path)
    try:
        with serving(store) as service:
            race = service.submit("ann", [experiment("rnn", ENDLESS)])
            reached = 0
            for _ in range(4):
                until(lambda race=race, reached=reached: step_of(service, race) > reached)
                service.send_command(race, {"command": "stop"})
                until(lambda race=race: seen(service, race).state == "stopped")
                (run,) = seen(service, race).runs
                reached = run.history.step[-1]
                # The process of the attempt before may still be closing its files.
                race = service.resume("ann", [run.run_id])
            until(lambda: step_of(service, race) > reached)
            service.forget(race)
            row = until_stored(store, run.run_id, "stopped")
            assert row.steps >= reached
        steps = store.history(run.run_id)["step"]
        assert steps == list(range(0, steps[-1] + 1, steps[1])), "no row is missing, none is double"
    finally:
        store.close()


def step_of(service: Service, race: str) -> int:
    steps = seen(service, race).runs[0].history.step
    return steps[-1] if steps else 0


def until_stored(store: Store, run: str, state: str) -> RunRow:
    until(lambda: (row := store.run(run)) is not None and row.state == state)
    row = store.run(run)
    assert row is not None
    return row
