"""The service records everything in its store, and training goes on whatever becomes of that."""

import json
import math
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rnnviz.data.uploads import UPLOADS
from rnnviz.jobs import Event, InlineEngine, RunView, Service
from rnnviz.jobs.engine import ReadCommands, Work
from rnnviz.jobs.recorder import NO_STORE, SHUT_DOWN
from rnnviz.jobs.resume import HAS_FINISHED, NOT_STORED, STILL_RUNNING
from rnnviz.jobs.service import NOBODY_THERE
from rnnviz.messages import N_, Message, Problem
from rnnviz.store import HISTORY_COLUMNS, Store
from rnnviz.training import Experiment, Trainer, weights_of
from tests.races import LONG, MANY_STEPS, SHORT, TIMEOUT, scripted_job, small_work, view_of
from tests.stored import open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as store:
        yield store


def tick_until(service: Service, race: str, condition: Callable[[RunView], bool]) -> RunView:
    """Let the service work until `condition` holds for the first run."""
    for _ in range(5000):
        service.tick()
        if condition(run := view_of(service, race).runs[0]):
            return run
    raise AssertionError("timed out")


def has_ended(run: RunView) -> bool:
    return run.state in ("finished", "stopped", "failed")


def test_a_stored_run_equals_the_run_in_memory(store: Store) -> None:
    service = Service(InlineEngine(), store)
    run = tick_until(service, service.submit("ann", [small_work("lstm")]), has_ended)
    row = store.run(run.run_id)
    assert (row.state, row.reason) == ("finished", run.reason)
    assert row.result == json.loads(json.dumps(run.result))
    assert row.experiment == run.work["experiment"]
    assert (row.task, row.cell) == ("delayed_recall", "lstm")
    assert row.parameters == run.facts["parameters"]
    facts = {name: fact for name, fact in run.facts.items() if fact is not None and name != "pid"}
    assert row.facts == facts
    assert {"step_multiply_adds", "device", "versions"} <= set(facts)
    stored = store.history(run.run_id)
    assert stored == {name: getattr(run.history, name) for name in HISTORY_COLUMNS}
    assert tuple(store.saved_steps(run.run_id)) == run.saved_steps
    assert run.saved_steps[:5] == (0, 1, 2, 4, 6)
    assert run.saved_steps[-1] == 40
    norms = [(step, tuple(each["norms"])) for step, each in store.snapshots(run.run_id)]
    assert tuple((step, each) for step, each in norms if each) == run.gradient_norms
    assert service.weights(run.run_id, 40) == store.weights(run.run_id, 40) is not None


def test_a_queued_race_is_durable_at_once(store: Store, tmp_path: Path) -> None:
    service = Service(InlineEngine(slots=1), store, clock=lambda: 0.0)
    race = service.submit("ann", [small_work(), small_work()])
    service.tick()  # no time has passed: the interval of other writes is not over
    with closing(sqlite3.connect(tmp_path / "runs.sqlite3")) as database:
        assert database.execute("SELECT race FROM runs").fetchall() == [(race,)] * 2


def test_without_a_store_the_weights_stay_in_memory(store: Store) -> None:
    storing, memory = Service(InlineEngine(), store), Service(InlineEngine())
    stored = tick_until(storing, storing.submit("ann", [small_work()]), has_ended)
    run = tick_until(memory, memory.submit("ann", [small_work()]), has_ended)
    assert run.saved_steps == stored.saved_steps
    for step in (-1, 0, 20, 40, 10**6):
        assert memory.weights(run.run_id, step) == storing.weights(stored.run_id, step)
    assert memory.weights(run.run_id, -1) is None
    assert memory.weights("unknown", 0) is None
    with pytest.raises(Problem) as caught:
        memory.resume("ann", [run.run_id])
    assert caught.value.message.template == NO_STORE


def test_a_run_whose_owner_has_gone_has_a_reason_and_is_resumed(store: Store) -> None:
    clock = [0.0]
    service = Service(InlineEngine(), store, lease=1.0, clock=lambda: clock[0])
    race = service.submit("ann", [small_work("gru", 200)])
    tick_until(service, race, lambda run: len(run.history.step) > 5)
    clock[0] = 2.0
    stopped = tick_until(service, race, has_ended)
    row = store.run(stopped.run_id)
    assert (row.state, row.reason) == ("stopped", Message(NOBODY_THERE))
    again = service.resume("ben", [stopped.run_id, stopped.run_id])
    assert len(view_of(service, again).runs) == 1
    assert view_of(service, again).runs[0].history.step == stopped.history.step
    resumed = tick_until(service, again, has_ended)
    whole = tick_until(service, service.submit("cid", [small_work("gru", 200)]), has_ended)
    for name in set(HISTORY_COLUMNS) - {"seconds"}:
        assert getattr(resumed.history, name) == getattr(whole.history, name)
    assert service.weights(resumed.run_id, 200) == service.weights(whole.run_id, 200)
    assert set(whole.saved_steps) <= set(resumed.saved_steps)


def test_a_change_of_settings_is_repeated_at_its_step_after_any_failure(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnviz.jobs.report.CHECKPOINT_INTERVAL", 1e9)
    monkeypatch.setattr("rnnviz.jobs.worker.COMMAND_INTERVAL", 0.0)
    engine = InlineEngine()
    service = Service(engine, store)
    work = {**small_work("gru", 200, clip=1.0), "report_interval": 0.0}
    race = service.submit("ann", [work])

    def reaches(step: int) -> Callable[[RunView], bool]:
        return lambda run: run.state == "running" and (run.history.step or [0])[-1] >= step

    tick_until(service, race, reaches(60))
    service.send_command(race, {"command": "set", "lr": 0.05, "clip": None})
    tick_until(service, race, reaches(90))
    service.send_command(race, {"command": "set", "lr": 0.002, "temperature": 1.5})
    changes = tick_until(service, race, reaches(130)).facts["changes"]
    assert [values for _, values in changes] == [
        {"lr": 0.05, "clip": None},
        {"lr": 0.002, "temperature": 1.5},
    ]
    assert [step > low for (step, _), low in zip(changes, (60, 90), strict=True)] == [True, True]
    engine.kill(view_of(service, race).runs[0].run_id)
    run = tick_until(service, race, reaches(150))
    assert run.attempt == 2
    service.send_command(race, {"command": "stop"})
    stopped = tick_until(service, race, has_ended)
    again = service.resume("ben", [stopped.run_id])
    ended = tick_until(service, again, has_ended)
    assert ended.facts["changes"] == changes
    row = store.run(stopped.run_id)
    assert row.facts["changes"] == json.loads(json.dumps(changes))
    whole = Trainer(Experiment.from_plain(work["experiment"]))
    rows = [whole.row()]
    while not whole.done:
        whole.set(**dict(changes).get(whole.step + 1, {}))
        whole.advance()
        rows.append(whole.row())
    expected = [row for row in rows if row is not None]
    for name in set(HISTORY_COLUMNS) - {"seconds"}:
        assert getattr(ended.history, name) == [row[name] for row in expected], name
    assert service.weights(ended.run_id, 200) == weights_of(whole.model)


def resume_problem(service: Service, run: str) -> str:
    with pytest.raises(Problem) as caught:
        service.resume("ann", [run])
    return caught.value.message.template


def test_only_a_run_that_was_cut_short_can_be_resumed(store: Store) -> None:
    service = Service(InlineEngine(), store)
    assert resume_problem(service, "<b>\0") == NOT_STORED
    finished = tick_until(service, service.submit("ann", [small_work()]), has_ended)
    assert resume_problem(service, finished.run_id) == HAS_FINISHED
    race = service.submit("ann", [small_work("rnn", MANY_STEPS)])
    (run,) = view_of(service, race).runs
    assert resume_problem(service, run.run_id) == STILL_RUNNING
    tick_until(service, race, lambda run: run.state == "running")
    assert resume_problem(service, run.run_id) == STILL_RUNNING
    service.close()
    row = store.run(run.run_id)
    assert (row.state, row.reason) == ("interrupted", Message(SHUT_DOWN))


def test_two_servers_never_resume_the_same_run(store: Store, tmp_path: Path) -> None:
    first = Service(InlineEngine(), store)
    race = first.submit("ann", [small_work("gru", MANY_STEPS)])
    (run,) = view_of(first, race).runs
    tick_until(first, race, lambda run: run.state == "running")
    first.send_command(race, {"command": "stop"})
    tick_until(first, race, has_ended)
    with open_store(tmp_path) as other:
        second = Service(InlineEngine(), other)
        assert first.resume("ann", [run.run_id])  # nothing has been flushed since
        assert resume_problem(second, run.run_id) == STILL_RUNNING


def store_long_run(store: Store) -> None:
    """A run "a" of 300 rows whose last checkpoint lies far behind."""
    store.begin("a", race="a", experiment=small_work("gru", MANY_STEPS)["experiment"], facts={})
    row = dict.fromkeys(HISTORY_COLUMNS, 1.0)
    store.append("a", [row | {"step": step} for step in range(300)])
    store.save_step("a", 256, b"", {"norms": [1.0]})
    store.save_checkpoint("a", 50, b"")
    store.set_state("a", "interrupted")


def test_a_resumed_run_loses_nothing_before_it_goes_on(store: Store) -> None:
    store_long_run(store)
    service = Service(InlineEngine(1, scripted_job), store)
    service.submit("ben", [LONG])
    service.tick()
    race = service.resume("ann", ["a"])
    for _ in range(3):
        service.tick()
    assert view_of(service, race).state == "queued"
    assert len(view_of(service, race).runs[0].history.step) == 300
    service.send_command(race, {"command": "stop"})
    assert view_of(service, race).state == "stopped"
    assert len(view_of(service, race).runs[0].history.step) == 300
    assert len(store.history("a")["step"]) == 300
    assert store.saved_steps("a") == [256]


def test_a_run_rewinds_to_its_checkpoint_when_a_new_worker_is_ready(store: Store) -> None:
    store_long_run(store)
    engine = InlineEngine(1, scripted_job)
    service = Service(engine, store)
    race = service.resume("ann", ["a"])
    tick_until(service, race, lambda run: run.facts != {})
    assert len(view_of(service, race).runs[0].history.step) == 51
    assert len(store.history("a")["step"]) == 51
    assert store.saved_steps("a") == []
    row = dict.fromkeys(HISTORY_COLUMNS, 1.0)
    run = service._races[race].runs[0]
    service._attempts.on_event("a", 1, {"event": "progress", "snapshot": None, "rows": [row]})
    engine.kill("a")
    tick_until(service, race, lambda run: run.state == "queued")
    assert len(run.history.step) == len(view_of(service, race).runs[0].history.step) == 52
    service.send_command(race, {"command": "stop"})
    assert len(view_of(service, race).runs[0].history.step) == 52, "no second worker has come"


def test_loading_a_run_for_resuming_blocks_nobody_else(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_long_run(store)
    claiming, unblock = threading.Event(), threading.Event()
    claim = store.claim

    def slow(runs: Sequence[str], states: Sequence[str]) -> str | None:
        claiming.set()
        assert unblock.wait(TIMEOUT)
        return claim(runs, states)

    monkeypatch.setattr(store, "claim", slow)
    service = Service(InlineEngine(2, scripted_job), store)
    race = service.submit("ben", [SHORT])
    with ThreadPoolExecutor(3) as pages:
        first = pages.submit(service.resume, "ann", ["a"])
        assert claiming.wait(TIMEOUT)
        second = pages.submit(service.resume, "cid", ["a"])
        turns = pages.submit(lambda: [service.tick() for _ in range(3)])  # type: ignore[func-returns-value]
        try:
            turns.result(5.0)
            assert view_of(service, race).state == "finished"
        finally:
            unblock.set()
        errors = [each.exception(TIMEOUT) for each in (first, second)]
    (error,) = (each for each in errors if each is not None)
    assert isinstance(error, Problem)
    assert error.message.template == STILL_RUNNING
    (resumed,) = (each.result() for each in (first, second) if each.exception() is None)
    assert view_of(service, resumed).runs[0].run_id == "a"


def test_norms_that_overflowed_are_still_numbers_in_a_resumed_run(store: Store) -> None:
    store.begin("a", race="a", experiment=json.loads(Experiment().to_json()), facts={})
    for step, norms in enumerate(([1.0, math.inf], [2.0, 0.5])):
        store.save_step("a", step, b"", {"norms": norms})
    store.save_checkpoint("a", 1, b"")
    store.set_state("a", "stopped")
    service = Service(InlineEngine(), store)
    (run,) = view_of(service, service.resume("ann", ["a"])).runs
    assert str(run.gradient_norms) == "((0, (1.0, nan)), (1, (2.0, 0.5)))"


def test_a_run_that_never_started_is_resumed_from_its_beginning(store: Store) -> None:
    first = Service(InlineEngine(), store)
    race = first.submit("ann", [small_work()])
    (waiting,) = view_of(first, race).runs
    first.close()
    service = Service(InlineEngine(), store)
    run = tick_until(service, service.resume("ann", [waiting.run_id]), has_ended)
    assert run.history.step[0] == 0
    assert run.state == "finished"


def test_a_resumed_run_has_the_visitors_file(store: Store) -> None:
    content = b"Once upon a time " * 40
    works: list[Work] = []

    def reading_job(work: Work, inbox: ReadCommands) -> Iterator[Event | None]:
        works.append(work)
        yield from scripted_job(LONG, inbox)

    key = UPLOADS.add(content)
    plan = {"task": {"name": "text", "file": key}}
    first = Service(InlineEngine(job=reading_job), store)
    race = first.submit("ann", [{"experiment": plan, "files": {key: content}}])
    run = tick_until(first, race, lambda run: run.state == "running")
    first.send_command(race, {"command": "stop"})
    assert "files" not in tick_until(first, race, has_ended).work, "released from memory"
    service = Service(InlineEngine(job=reading_job), store)
    tick_until(service, service.resume("ann", [run.run_id]), lambda run: run.state == "running")
    assert [work["files"] for work in works] == [{key: content}] * 2


FULL = N_("The runs cannot be written to {file}: {reason}. Allowed is a disk with free space.")


class FullDisk(Store):
    """A store whose disk is full while a test says so."""

    full = True

    def flush(self) -> None:
        if self.full:
            raise Problem(FULL, file="runs", reason="disk full")
        super().flush()


def test_a_full_disk_is_reported_and_stops_no_training(tmp_path: Path) -> None:
    store, now = FullDisk(tmp_path), [0.0]
    try:
        service = Service(InlineEngine(), store, clock=lambda: now[0])
        race = service.submit("ann", [small_work()])
        assert view_of(service, race).store_problem is None
        run = tick_until(service, race, has_ended)
        assert run.state == "finished"
        assert view_of(service, race).store_problem.template == FULL
        store.full = False
        now[0] += 1.0
        service.submit("ann", [SHORT])
        for _ in range(5):
            service.tick()
        assert view_of(service, race).store_problem is None
        assert store.history(run.run_id)["step"] == run.history.step
    finally:
        store.full = False
        store.close()


class BrokenStore:
    """A store with a mistake in every method."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def test_errors_of_a_store_never_reach_the_training() -> None:
    service = Service(InlineEngine(), BrokenStore())
    race = service.submit("ann", [{**small_work(), "files": {"key": b"content"}}])
    assert tick_until(service, race, has_ended).state == "finished"
    assert view_of(service, race).store_problem is not None
    service.close()
