"""Queued writes: none is dropped while the disk works; on a full disk the least valuable first."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rnnviz.jobs.recorder import FLUSH_BYTES, RunRecorder
from rnnviz.jobs.records import Run
from rnnviz.messages import Problem
from rnnviz.store import Store, heartbeat
from rnnviz.store.write_queue import Kind, Write, WriteQueue
from tests.stored import an_experiment, open_store, some_rows


def make_write(kind: Kind, step: int, size: int = 0, run: str = "a") -> Write:
    return Write(kind, run, kind, [(step, b"w" * size)])


def steps(writes: list[Write], kind: Kind, run: str = "a") -> list[int]:
    return [write.rows[0][0] for write in writes if (write.kind, write.run) == (kind, run)]


def test_nothing_is_dropped_before_the_disk_has_refused_it_whatever_its_size() -> None:
    queue = WriteQueue(max_bytes=2000, checkpoint_bytes=2000)
    writes = [
        make_write(kind, k, 900)
        for k in range(9)
        for kind in ("history", "saved_step", "checkpoint")
    ]
    queue.add(*writes)
    assert queue.take_all() == writes


def test_a_full_queue_drops_weights_before_history_and_never_updates() -> None:
    queue = WriteQueue(max_bytes=2000)
    queue.add(Write("update", "a", "begin", [("a",)]))
    for step in range(20):
        queue.add(make_write("history", step))
        queue.add(make_write("saved_step", step, 400))
        queue.add(make_write("checkpoint", step, 200))
    queue.requeue([Write("update", "a", "first", [("x" * 100,)])])
    remaining = queue.take_all()
    assert remaining[0].statement == "first"
    assert sum(write.size for write in remaining if write.kind != "checkpoint") <= 2000
    assert steps(remaining, "history") == list(range(20))
    assert steps(remaining, "checkpoint") == [19]
    assert steps(remaining, "saved_step") == [18, 19]
    assert queue.take_all() == []
    queue.requeue([make_write("history", step, 400) for step in range(9)])
    assert steps(queue.take_all(), "history") == [5, 6, 7, 8]
    queue.requeue([Write("update", "a", "x" * 9, [("y" * 1000,)]) for _ in range(5)])
    assert len(queue.take_all()) == 5


def test_every_run_keeps_its_latest_checkpoint_at_no_cost_to_other_runs() -> None:
    queue = WriteQueue(max_bytes=2000, checkpoint_bytes=20_000)
    queue.add(*(make_write("history", step, run="small") for step in range(20)))
    for step in range(3):
        queue.add(*(make_write("checkpoint", step, 5000, run) for run in "abc"))
    queue.requeue([])
    remaining = queue.take_all()
    assert steps(remaining, "history", "small") == list(range(20))
    assert [steps(remaining, "checkpoint", run) for run in "abc"] == [[2], [2], [2]]
    queue.requeue([make_write("checkpoint", 0, 5000, run) for run in "abcdefgh"])
    assert [write.run for write in queue.take_all()] == list("fgh"), "memory has an end as well"


class Disk:
    """A disk that refuses writes while it is `full`."""

    full = False


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    from rnnviz.store import statements

    disk, execute = Disk(), statements.execute

    def execute_or_refuse(connection: sqlite3.Connection, *others: Any) -> None:
        if disk.full:
            raise sqlite3.OperationalError("database or disk is full")
        execute(connection, *others)

    monkeypatch.setattr(statements, "execute", execute_or_refuse)
    return disk


def write_race(store: Store) -> None:
    """The writes of a race of a large and a small model in one second."""
    for run in ("large", "small"):
        store.begin(run, race="race", experiment=an_experiment(), facts={})
        store.append(run, some_rows(10))
    store.save_step("large", 5, b"w" * 4000, {})
    store.save_checkpoint("large", 9, b"c" * 9000)


def test_a_model_larger_than_the_bounds_is_stored_whole(tmp_path: Path, disk: Disk) -> None:
    with open_store(tmp_path) as store:
        store._queue = WriteQueue(max_bytes=3000, checkpoint_bytes=20_000)
        write_race(store)
        assert store.saved_steps("large") == [5]
        assert store.last_checkpoint("large") == (9, b"c" * 9000)
        disk.full = True
        store.append("small", [{"step": 99}])
        store.save_step("large", 6, b"w" * 4000, {})
        store.save_checkpoint("large", 10, b"d" * 9000)
        with pytest.raises(Problem):
            store.flush()
        disk.full = False
        assert len(store.history("large")["step"]) == 10
        assert len(store.history("small")["step"]) == 11
        assert store.saved_steps("large") == [5], "the disk was full"
        assert store.last_checkpoint("large") == (10, b"d" * 9000)


def test_many_weights_are_flushed_at_once(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        recorder, run = RunRecorder(store, clock=lambda: 0.0), Run("a", {})
        recorder.begin(run, "race")
        recorder.flush()
        assert store._queue.take_all() == [], "a new run is durable at once"
        recorder.save_checkpoint(run, 1, bytes(FLUSH_BYTES // 2))
        recorder.flush()
        written = store._queue.take_all()
        assert [write.kind for write in written] == ["checkpoint"], "it is not time yet"
        store._queue.requeue(written)
        recorder.save_step(run, 1, bytes(FLUSH_BYTES // 2), ())
        recorder.flush()
        assert store._queue.take_all() == []


def test_weights_can_be_read_before_and_while_and_after_they_become_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise those of an earlier step would pass for them; steps come in any order."""

    def read() -> list[bytes | None]:
        return [store.weights("a", step) for step in (0, 2, 4, 6, 9)]

    in_flight: list[list[bytes | None]] = []
    with closing(Store(tmp_path)) as store:
        store.begin("a", race="r", experiment=an_experiment(), facts={})
        for step in (1, 7, 9):
            store.save_step("a", step, b"%d" % step, {})
        store.flush()
        store.rewind("a", 7)
        store.save_step("a", 5, b"5", {})
        store.save_step("a", 3, b"3", {})
        beat = heartbeat.beat

        def read_in_flight(*values: Any) -> bool:
            in_flight.append(read())
            return beat(*values)

        monkeypatch.setattr(heartbeat, "beat", read_in_flight)
        waiting = read()
        store.flush()
        assert store.saved_steps("a") == [1, 3, 5, 7]
        assert waiting == read() == [None, b"1", b"3", b"5", b"7"]
    assert in_flight == [waiting]
