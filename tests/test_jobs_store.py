"""The service tells the store everything, and trains on whatever becomes of it."""

import json
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rnnviz.data.uploads import UPLOADS
from rnnviz.jobs import Event, InlineEngine, RunView, Service
from rnnviz.jobs.engine import ReadCommands, Work
from rnnviz.jobs.recorder import NO_STORE, SHUT_DOWN
from rnnviz.jobs.resume import HAS_FINISHED, NOT_STORED, STILL_RUNNING
from rnnviz.jobs.service import PAGE_LEFT
from rnnviz.messages import N_, Message, Problem
from rnnviz.store import HISTORY_COLUMNS, Store
from rnnviz.training import Experiment, Trainer, weights_of
from tests.races import ENDLESS, LONG, PATIENCE, SHORT, experiment, scripted, seen
from tests.stored import opened


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path) as found:
        yield found


def turns(service: Service, race: str, done: Callable[[RunView], bool]) -> RunView:
    """Let the service work until `done` says so of the first run."""
    for _ in range(5000):
        service.tick()
        if done(run := seen(service, race).runs[0]):
            return run
    raise AssertionError("waited in vain")


def over(run: RunView) -> bool:
    return run.state in ("finished", "stopped", "failed")


def test_a_stored_run_is_what_was_seen(store: Store) -> None:
    service = Service(InlineEngine(), store)
    run = turns(service, service.submit("ann", [experiment("lstm")]), over)
    row = store.run(run.run_id)
    assert row is not None
    assert (row.state, row.reason) == ("finished", run.reason)
    assert row.result == json.loads(json.dumps(run.result))
    assert (row.experiment, row.task, row.cell) == (
        run.work["experiment"],
        "delayed_recall",
        "lstm",
    )
    assert row.parameters == run.facts["parameters"]
    known = {name: fact for name, fact in run.facts.items() if fact is not None and name != "pid"}
    assert row.facts == known
    assert {"step_multiply_adds", "device", "versions"} <= set(known)
    stored = store.history(run.run_id)
    assert stored == {name: getattr(run.history, name) for name in HISTORY_COLUMNS}
    assert tuple(store.saved_steps(run.run_id)) == run.saved_steps
    assert run.saved_steps[:5] == (0, 1, 2, 4, 6)
    assert run.saved_steps[-1] == 40
    looks = {step: tuple(look["norms"]) for step, look in store.snapshots(run.run_id)}
    assert tuple((step, norms) for step, norms in looks.items() if norms) == run.gradient_norms
    assert service.weights(run.run_id, 40) == store.weights(run.run_id, 40) is not None


def test_without_a_store_the_weights_stay_in_memory(store: Store) -> None:
    kept, memory = Service(InlineEngine(), store), Service(InlineEngine())
    stored = turns(kept, kept.submit("ann", [experiment()]), over)
    run = turns(memory, memory.submit("ann", [experiment()]), over)
    assert run.saved_steps == stored.saved_steps
    for step in (-1, 0, 20, 40, 10**6):
        assert memory.weights(run.run_id, step) == kept.weights(stored.run_id, step)
    assert memory.weights(run.run_id, -1) is None
    assert memory.weights("unknown", 0) is None
    with pytest.raises(Problem) as found:
        memory.resume("ann", [run.run_id])
    assert found.value.message.template == NO_STORE


def test_a_run_whose_page_was_left_says_why_and_is_resumed(store: Store) -> None:
    clock = [0.0]
    service = Service(InlineEngine(), store, reconnect_grace=1.0, clock=lambda: clock[0])
    race = service.submit("ann", [experiment("gru", 200)])
    turns(service, race, lambda run: len(run.history.step) > 5)
    service.leave("ann")
    clock[0] = 2.0
    stopped = turns(service, race, over)
    row = store.run(stopped.run_id)
    assert row is not None
    assert (row.state, row.reason) == ("stopped", Message(PAGE_LEFT))
    again = service.resume("ben", [stopped.run_id, stopped.run_id])
    assert len(seen(service, again).runs) == 1
    assert seen(service, again).runs[0].history.step == stopped.history.step
    resumed = turns(service, again, over)
    whole = turns(service, service.submit("cid", [experiment("gru", 200)]), over)
    for name in set(HISTORY_COLUMNS) - {"seconds"}:
        assert getattr(resumed.history, name) == getattr(whole.history, name)
    assert service.weights(resumed.run_id, 200) == service.weights(whole.run_id, 200)
    assert set(whole.saved_steps) <= set(resumed.saved_steps)


def test_a_change_on_the_way_is_repeated_at_its_step_whatever_dies(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnviz.jobs.report.CHECKPOINT_INTERVAL", 1e9)
    monkeypatch.setattr("rnnviz.jobs.worker.COMMAND_INTERVAL", 0.0)
    engine = InlineEngine()
    service = Service(engine, store)
    work = {**experiment("gru", 200, clip=1.0), "report_interval": 0.0}
    race = service.submit("ann", [work])

    def reaches(step: int) -> Callable[[RunView], bool]:
        return lambda run: run.state == "running" and (run.history.step or [0])[-1] >= step

    turns(service, race, reaches(60))
    service.send_command(race, {"command": "set", "lr": 0.05, "clip": None})
    turns(service, race, reaches(90))
    service.send_command(race, {"command": "set", "lr": 0.002, "temperature": 1.5})
    told = turns(service, race, reaches(130)).facts["changes"]
    assert [values for _, values in told] == [
        {"lr": 0.05, "clip": None},
        {"lr": 0.002, "temperature": 1.5},
    ]
    assert [step > low for (step, _), low in zip(told, (60, 90), strict=True)] == [True, True]
    engine.kill(seen(service, race).runs[0].run_id)
    run = turns(service, race, reaches(150))
    assert run.attempt == 2
    service.send_command(race, {"command": "stop"})
    stopped = turns(service, race, over)
    again = service.resume("ben", [stopped.run_id])
    ended = turns(service, again, over)
    assert ended.facts["changes"] == told
    row = store.run(stopped.run_id)
    assert row is not None
    assert row.facts["changes"] == json.loads(json.dumps(told))
    whole = Trainer(Experiment.from_plain(work["experiment"]))
    rows = [whole.row()]
    while not whole.done:
        whole.set(**dict(told).get(whole.step + 1, {}))
        whole.advance()
        rows.append(whole.row())
    wanted = [row for row in rows if row is not None]
    for name in set(HISTORY_COLUMNS) - {"seconds"}:
        assert getattr(ended.history, name) == [row[name] for row in wanted], name
    assert service.weights(ended.run_id, 200) == weights_of(whole.model)


def refused(service: Service, run: str) -> str:
    with pytest.raises(Problem) as found:
        service.resume("ann", [run])
    return found.value.message.template


def test_only_what_was_cut_short_is_resumed(store: Store) -> None:
    service = Service(InlineEngine(), store)
    assert refused(service, "<b>\0") == NOT_STORED
    finished = turns(service, service.submit("ann", [experiment()]), over)
    assert refused(service, finished.run_id) == HAS_FINISHED
    race = service.submit("ann", [experiment("rnn", ENDLESS)])
    (run,) = seen(service, race).runs
    assert refused(service, run.run_id) == STILL_RUNNING
    turns(service, race, lambda run: run.state == "running")
    assert refused(service, run.run_id) == STILL_RUNNING
    service.close()
    row = store.run(run.run_id)
    assert row is not None
    assert (row.state, row.reason) == ("interrupted", Message(SHUT_DOWN))


def test_two_servers_never_resume_the_same_run(store: Store, tmp_path: Path) -> None:
    first = Service(InlineEngine(), store)
    race = first.submit("ann", [experiment("gru", ENDLESS)])
    (run,) = seen(first, race).runs
    turns(first, race, lambda run: run.state == "running")
    first.send_command(race, {"command": "stop"})
    turns(first, race, over)
    with opened(tmp_path) as other:
        second = Service(InlineEngine(), other)
        assert first.resume("ann", [run.run_id])  # nothing has been flushed since
        assert refused(second, run.run_id) == STILL_RUNNING


def a_long_story(store: Store) -> None:
    """A run "a" of 300 rows whose last checkpoint lies far behind."""
    store.begin("a", race="a", experiment=experiment("gru", ENDLESS)["experiment"], facts={})
    point = dict.fromkeys(HISTORY_COLUMNS, 1.0)
    store.append("a", [point | {"step": step} for step in range(300)])
    store.save_step("a", 256, b"", {"norms": [1.0]})
    store.save_checkpoint("a", 50, b"")
    store.set_state("a", "interrupted")


def test_a_resumed_run_loses_nothing_before_it_goes_on(store: Store) -> None:
    a_long_story(store)
    service = Service(InlineEngine(1, scripted), store)
    service.submit("ben", [LONG])
    service.tick()
    race = service.resume("ann", ["a"])
    for _ in range(3):
        service.tick()
    assert seen(service, race).state == "queued"
    assert len(seen(service, race).runs[0].history.step) == 300
    service.send_command(race, {"command": "stop"})
    assert seen(service, race).state == "stopped"
    assert len(seen(service, race).runs[0].history.step) == 300
    assert len(store.history("a")["step"]) == 300
    assert store.saved_steps("a") == [256]


def test_a_run_goes_back_to_its_checkpoint_when_another_worker_is_there(store: Store) -> None:
    a_long_story(store)
    engine = InlineEngine(1, scripted)
    service = Service(engine, store)
    race = service.resume("ann", ["a"])
    turns(service, race, lambda run: run.facts != {})
    assert len(seen(service, race).runs[0].history.step) == 51
    assert len(store.history("a")["step"]) == 51
    assert store.saved_steps("a") == []
    point = dict.fromkeys(HISTORY_COLUMNS, 1.0)
    run = service._races[race].runs[0]
    service._attempts.on_event("a", 1, {"event": "progress", "snapshot": None, "rows": [point]})
    engine.kill("a")
    turns(service, race, lambda run: run.state == "queued")
    assert len(run.history.step) == len(seen(service, race).runs[0].history.step) == 52
    service.send_command(race, {"command": "stop"})
    assert len(seen(service, race).runs[0].history.step) == 52, "no second worker has come"


def test_nobody_waits_for_the_disk_from_which_a_run_is_resumed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_long_story(store)
    asked, free = threading.Event(), threading.Event()
    claim = store.claim

    def slow(runs: Sequence[str], states: Sequence[str]) -> str | None:
        asked.set()
        assert free.wait(PATIENCE)
        return claim(runs, states)

    monkeypatch.setattr(store, "claim", slow)
    service = Service(InlineEngine(2, scripted), store)
    race = service.submit("ben", [SHORT])
    with ThreadPoolExecutor(3) as pages:
        first = pages.submit(service.resume, "ann", ["a"])
        assert asked.wait(PATIENCE)
        second = pages.submit(service.resume, "cid", ["a"])
        turns = pages.submit(lambda: [service.tick() for _ in range(3)])  # type: ignore[func-returns-value]
        try:
            turns.result(5.0)
            assert seen(service, race).state == "finished"
        finally:
            free.set()
        assert seen(service, first.result(PATIENCE)).runs[0].run_id == "a"
        error = second.exception(PATIENCE)
    assert isinstance(error, Problem)
    assert error.message.template == STILL_RUNNING


def test_norms_that_overflowed_are_still_numbers_in_a_resumed_run(store: Store) -> None:
    store.begin("a", race="a", experiment=json.loads(Experiment().to_json()), facts={})
    for step, norms in enumerate(([1.0, math.inf], [2.0, 0.5])):
        store.save_step("a", step, b"", {"norms": norms})
    store.save_checkpoint("a", 1, b"")
    store.set_state("a", "stopped")
    service = Service(InlineEngine(), store)
    (run,) = seen(service, service.resume("ann", ["a"])).runs
    assert str(run.gradient_norms) == "((0, (1.0, nan)), (1, (2.0, 0.5)))"


def test_a_run_that_never_started_is_resumed_from_its_beginning(store: Store) -> None:
    first = Service(InlineEngine(), store)
    race = first.submit("ann", [experiment()])
    (waiting,) = seen(first, race).runs
    first.close()
    service = Service(InlineEngine(), store)
    run = turns(service, service.resume("ann", [waiting.run_id]), over)
    assert run.history.step[0] == 0
    assert run.state == "finished"


def test_the_file_of_a_run_is_there_when_it_is_resumed(store: Store) -> None:
    content = b"Once upon a time " * 40
    told: list[Work] = []

    def reading(work: Work, inbox: ReadCommands) -> Iterator[Event | None]:
        told.append(work)
        yield from scripted(LONG, inbox)

    key = UPLOADS.add(content)
    plan = {"task": {"name": "text", "file": key}}
    first = Service(InlineEngine(job=reading), store)
    race = first.submit("ann", [{"experiment": plan, "files": {key: content}}])
    run = turns(first, race, lambda run: run.state == "running")
    first.send_command(race, {"command": "stop"})
    assert "files" not in turns(first, race, over).work, "no longer held in memory"
    service = Service(InlineEngine(job=reading), store)
    turns(service, service.resume("ann", [run.run_id]), lambda run: run.state == "running")
    assert [work["files"] for work in told] == [{key: content}] * 2


FULL = N_("The runs cannot be written to {file}: {reason}. Allowed is a disk with free space.")


class FullDisk(Store):
    """A store whose disk is full while a test says so."""

    full = True

    def flush(self) -> None:
        if self.full:
            raise Problem(FULL, file="runs", reason="disk full")
        super().flush()


def test_a_full_disk_is_told_and_stops_no_training(tmp_path: Path) -> None:
    store, now = FullDisk(tmp_path), [0.0]
    try:
        service = Service(InlineEngine(), store, clock=lambda: now[0])
        race = service.submit("ann", [experiment()])
        assert seen(service, race).store_problem is None
        run = turns(service, race, over)
        assert run.state == "finished"
        storage = seen(service, race).store_problem
        assert storage is not None
        assert storage.template == FULL
        store.full = False
        now[0] += 1.0
        service.submit("ann", [SHORT])
        for _ in range(5):
            service.tick()
        assert seen(service, race).store_problem is None
        assert store.history(run.run_id)["step"] == run.history.step
    finally:
        store.full = False
        store.close()


class Broken:
    """A store with a mistake in every method."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def test_no_fault_of_a_store_goes_further() -> None:
    service = Service(InlineEngine(), Broken())
    race = service.submit("ann", [{**experiment(), "files": {"key": b"content"}}])
    assert turns(service, race, over).state == "finished"
    assert seen(service, race).store_problem is not None
    service.close()
