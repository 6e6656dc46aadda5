"""Deleting runs needs no disk space and returns theirs."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rnnviz.store import Query, Store, database
from rnnviz.store.files import writer
from rnnviz.store.location import FILE
from tests.stored import an_experiment, delete_for_good, open_store, some_rows

MB = 2**20


def fill(store: Store, runs: range) -> None:
    """Runs with three megabytes of weights each."""
    for run in map(str, runs):
        store.begin(run, race="race", experiment=an_experiment(), facts={})
        store.append(run, some_rows(10))
        for step in range(8):
            store.save_step(run, step, os.urandom(3 * MB // 8), {})
        store.set_state(run, "finished")
        store.flush()


def pages(store: Store) -> int:
    return store._database._pragma("page_count") * store._database._pragma("page_size")


def size(folder: Path, ending: str = "") -> int:
    return (folder / (FILE + ending)).stat().st_size


def test_deleting_runs_returns_their_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "MAX_FREE", MB)
    now = [0.0]
    with open_store(tmp_path, clock=lambda: now[0]) as store:
        fill(store, range(10))
        weights = store.weights("1", 7)
        delete_for_good(store, [str(run) for run in range(10) if run != 1])
        for _ in range(20):  # each heartbeat returns some of it
            now[0] += 10
            store.flush()
        assert size(tmp_path) < 8 * MB
        assert not store._database.shrink(), "there is nothing more to give"
        assert store.weights("1", 7) == weights
        assert len(store.history("1")["step"]) == 10
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_deleting_runs_does_not_write_them_once_more(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store, range(8))
        before = size(tmp_path, "-wal")
        delete_for_good(store, [str(run) for run in range(8)])
        assert size(tmp_path, "-wal") < before + MB


def test_space_is_returned_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "MAX_FREE", MB)
    monkeypatch.setattr("rnnviz.store.run_writer.SHRINK_SECONDS", -1.0)
    with open_store(tmp_path) as store:
        fill(store, range(4))
        before = pages(store)
        delete_for_good(store, ["0", "1", "2", "3"])
        assert before - pages(store) == pytest.approx(database.SHRINK_BYTES, abs=MB)


def test_the_log_shrinks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MAX_LOG", MB)
    with open_store(tmp_path) as store:
        store.begin("a", race="race", experiment=an_experiment(), facts={})
        store.save_checkpoint("a", 1, os.urandom(20 * MB))
        store.flush()
        for step in range(2):
            store.append("a", [{"step": step}])
            store.flush()
        assert size(tmp_path, "-wal") <= MB


def test_a_file_of_an_earlier_rnnviz_keeps_its_free_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "MAX_FREE", MB)
    with monkeypatch.context() as earlier:
        earlier.setattr(writer, "INCREMENTAL", 0)
        Store(tmp_path).close()
    with open_store(tmp_path) as store:
        fill(store, range(3))
        before = pages(store)
        delete_for_good(store, ["0", "1"])
        assert [row.id for row in store.runs(Query()).rows] == ["2"]
        fill(store, range(2))
        assert before <= pages(store) < before + MB, "the next runs fill them"
