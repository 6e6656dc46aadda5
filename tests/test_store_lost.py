"""What happens to the database while a server runs is noticed, and costs the running runs nothing.

`beat` is what the store's own thread calls every second.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from rnnviz.messages import Problem
from rnnviz.store import Query, Store
from rnnviz.store.bundle import Upload
from rnnviz.store.heartbeat import HEARTBEAT_TIMEOUT
from rnnviz.store.location import FILE
from tests.stored import an_experiment, open_store, some_rows
from tests.test_store_faults import begin, child_until_killed, passes_integrity_check, read_line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    """A store that trains the run "a", besides a run that has finished."""
    store = Store(folder)
    begin(store, "old", "finished")
    begin(store, "a")
    store.append("a", some_rows(100))
    store.save_checkpoint("a", 297, b"c" * 5000)
    store.save_step("a", 297, b"w" * 5000, {})
    store.flush()
    store.beat()
    assert store.problem is None
    yield store
    store.close()


def check_running_run(store: Store, more_steps: int = 1) -> None:
    """The run "a" is whole, with the rows that came meanwhile and those that come now."""
    row = store.run("a")
    assert row is not None
    assert row.state == "running"
    assert row.experiment == an_experiment()
    steps = [*range(0, 300, 3), *range(1000, 1000 + more_steps)]
    assert store.history("a")["step"] == steps
    assert store.last_checkpoint("a") == (297, b"c" * 5000)
    store.append("a", [{"step": 5000}])
    store.flush()
    assert store.history("a")["step"] == [*steps, 5000]


def train_on(store: Store, step: int = 1000) -> None:
    """What the job service does, whatever has happened."""
    store.append("a", [{"step": step}])
    with suppress(Problem):
        store.flush()


def delete_file(folder: Path) -> None:
    (folder / FILE).unlink()


def delete_all_files(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def move_file(folder: Path) -> None:
    (folder / FILE).rename(folder.parent / "elsewhere")


def make_anew(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def empty_file(folder: Path) -> None:
    os.truncate(folder / FILE, 0)


def another_database(folder: Path) -> None:
    with open_store(folder.parent / "other") as other:
        begin(other, "other", "finished")
    (folder.parent / "other" / FILE).replace(folder / FILE)


def another_database_in_place(folder: Path) -> None:
    with open_store(folder.parent / "other") as other:
        begin(other, "other", "finished")
    shutil.copy(folder.parent / "other" / FILE, folder / FILE)


@pytest.mark.parametrize(
    "lose",
    [
        *(delete_file, delete_all_files, move_file, make_anew, empty_file),
        *(another_database, another_database_in_place),
    ],
)
def test_a_running_run_is_whole_in_whatever_database_there_is(
    store: Store, folder: Path, lose: Callable[[Path], None]
) -> None:
    store._database.checkpoint()
    lose(folder)
    train_on(store)
    store.beat()
    assert store.problem is None
    assert store.notice is not None, "the page says so"
    check_running_run(store)
    rows = {row.id for row in store.runs(Query()).rows}
    assert rows == {"a"} | ({"other"} if "another" in lose.__name__ else set())
    assert passes_integrity_check(folder)


def test_a_moved_folder_is_a_problem_until_it_is_back(store: Store, folder: Path) -> None:
    folder.rename(folder.parent / "moved")
    for step in range(1000, 1003):
        train_on(store, step)
        store.beat()
        assert "has disappeared" in str(store.problem)
        with pytest.raises(Problem, match="has disappeared"):
            store.runs(Query())
    assert not folder.exists(), "nothing is created meanwhile"
    (folder.parent / "moved").rename(folder)
    store.beat()
    assert (store.problem, store.notice) == (None, None)
    check_running_run(store, 3)
    assert store.run("old") is not None
    assert store.saved_steps("a") == [297]


def test_an_older_copy_is_completed(store: Store, folder: Path) -> None:
    store._database.checkpoint()
    copy = shutil.copy(folder / FILE, folder.parent / "copy")
    begin(store, "later", "running")
    store.append("a", [{"step": 900}])
    store.set_state("later", "finished")
    store.flush()
    shutil.copy(copy, folder / FILE)
    train_on(store)
    store.beat()
    row = store.run("a")
    assert row is not None
    assert (row.state, row.steps) == ("running", 1000)
    assert 900 in store.history("a")["step"]
    assert store.saved_steps("a") == [297]


def test_a_snapshot_of_the_folder_has_no_running_run_that_has_ended(
    store: Store, folder: Path
) -> None:
    """In the snapshot this very server is training it."""
    store._database.checkpoint()
    copy = shutil.copy(folder / FILE, folder.parent / "copy")
    store.set_state("a", "stopped")
    store.flush()
    Path(copy).replace(folder / FILE)
    store.beat()
    store.beat()
    row = store.run("a")
    assert row is not None
    assert row.state == "interrupted"


@pytest.mark.parametrize("content", ["garbage", "truncated", "middle"])
def test_a_damaged_file_is_a_problem_and_is_never_written_to(
    store: Store, folder: Path, content: str
) -> None:
    file = folder / FILE
    store.append("old", some_rows(3000))
    store.flush()
    store._database.checkpoint()
    match content:
        case "garbage":
            file.write_bytes(b"no database" * 1000)
        case "truncated":
            os.truncate(file, 40_000)
        case "middle":
            with file.open("r+b") as stream:
                stream.seek(20_000)
                stream.write(b"\xff" * 100_000)
    damaged = file.read_bytes()
    for step in range(1000, 1003):
        train_on(store, step)
        store.beat()
        assert "is damaged" in str(store.problem)
        assert "Move it away" in str(store.problem)
    assert file.read_bytes() == damaged
    file.rename(folder / "damaged")  # as the message says
    store.beat()
    assert store.problem is None
    check_running_run(store, 3)
    assert (folder / "damaged").read_bytes() == damaged


def test_a_folder_in_place_of_the_file_is_a_problem(store: Store, folder: Path) -> None:
    (folder / FILE).unlink()
    (folder / FILE).mkdir()
    train_on(store)
    store.beat()
    assert "is a folder" in str(store.problem)
    (folder / FILE).rmdir()
    store.beat()
    check_running_run(store)


@pytest.mark.parametrize("endings", [("-wal",), ("-shm",), ("-wal", "-shm")])
def test_what_lies_in_a_deleted_log_is_not_lost(
    store: Store, folder: Path, endings: tuple[str, ...]
) -> None:
    for ending in endings:
        (folder / f"{FILE}{ending}").unlink()
    train_on(store)
    store.beat()
    assert (store.problem, store.notice) == (None, None)
    check_running_run(store)
    assert store.run("old") is not None
    copy = folder.parent / "copy"
    shutil.copytree(folder, copy)
    with open_store(copy) as other:  # what is on the disk, not only in this process
        assert other.history("a") == store.history("a")


def test_a_long_history_in_memory_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnviz.store.server.live_runs.MAX_ROWS", 150)
    store.append("a", some_rows(400))
    store.flush()
    assert len(dict(store._live.items())["a"].rows) <= 150
    assert len(store.history("a")["step"]) == 400


@pytest.mark.parametrize("endings", [("-wal",), ("-shm",), ("", "-wal", "-shm")])
def test_a_server_survives_that_its_files_are_emptied(
    tmp_path: Path, endings: tuple[str, ...]
) -> None:
    """In a process of its own: the system ends one that reads an index that is gone."""
    code = """
    begin(store, "a")
    store.append("a", [{"step": 1}])
    store.flush()
    store.runs(Query())
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        Store.runs(store, Query())
    except Exception as error:
        print(type(error).__name__, flush=True)
    else:
        print("Problem", flush=True)  # what can still be read
    store.append("a", [{"step": 2}])
    store.beat()
    print(store.problem, store.states(["a"]), store.history("a")["step"], flush=True)
    """
    with child_until_killed(code, tmp_path) as server:
        assert read_line(server) == "ready"
        for ending in endings:
            os.truncate(tmp_path / f"{FILE}{ending}", 0)
        assert server.stdin is not None
        server.stdin.write("\n")
        server.stdin.flush()
        assert read_line(server) == "Problem"
        assert read_line(server) == "None {'a': 'running'} [1, 2]"
    assert passes_integrity_check(tmp_path)


def test_a_new_database_gets_the_visitors_files_of_what_trains(store: Store, folder: Path) -> None:
    for run in ("begun", "resumed"):
        reading = {"task": {"name": "weather", "file": Upload("", run.encode()).key}}
        store.begin(run, race="race", experiment=reading, facts={})
        store.keep_file(run, run.encode())
    store.set_state("resumed", "stopped")
    store.flush()
    assert store.claim(["resumed"], ("stopped",)) is None
    make_anew(folder)
    store.beat()
    for run in ("begun", "resumed"):
        assert store.states([run]) != {}
        assert store.file(Upload("", run.encode()).key) == ("", run.encode())


# Not there when the server starts -----------------------------------------------------------------


def no_folder_at_all(folder: Path) -> Callable[[], object]:
    folder.parent.touch()
    return folder.parent.unlink


def another_program(folder: Path) -> Callable[[], object]:
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(b"no database" * 1000)
    return lambda: (folder / FILE).rename(folder / "other")


@pytest.mark.parametrize("spoil", [no_folder_at_all, another_program])
def test_what_trains_before_there_is_a_store_is_stored_once_there_is(
    tmp_path: Path, spoil: Callable[[Path], Callable[[], object]]
) -> None:
    folder = tmp_path / "disk" / "runs"
    mend = spoil(folder)
    with pytest.raises(Problem):
        Store(folder)
    store = Store(folder, patient=True)
    try:
        for run, state in (("a", "running"), ("done", "finished")):
            begin(store, run, state)
            store.append(run, some_rows(100))
            store.save_checkpoint(run, 297, b"c" * 5000)
            store.save_step(run, 297, b"w" * 5000, {})
        for step in range(1000, 1003):
            train_on(store, step)
            store.beat()
            assert not store.is_open
            assert store.problem is not None
            assert store.weights("a", 300) == b"w" * 5000
            assert store.weights("a", 200) is None
            with pytest.raises(Problem):
                store.runs(Query())
        mend()
        store.beat()
        assert store.is_open
        assert (store.problem, store.notice) == (None, None)
        check_running_run(store, 3)
        assert store.weights("a", 300) == b"w" * 5000
        assert store.states(["done"]) == {"done": "finished"}
    finally:
        store.close()


def test_a_folder_that_was_read_only_for_a_while_is_used_again(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file in it is the same as before."""
    store._database.checkpoint()
    moved = (folder / FILE).rename(folder.parent / "moved")
    shutil.copy(moved, folder / FILE)
    with monkeypatch.context() as read_only:  # as root, the tests can write everywhere
        read_only.setattr("rnnviz.store.location.os.access", lambda *_: False)
        for step in range(1000, 1003):
            train_on(store, step)
            store.beat()
            assert "cannot be used for the runs" in str(store.problem)
    store.beat()
    assert store.problem is None
    check_running_run(store, 3)


# Other servers, and earlier lives ----------------------------------------------------------------


def test_the_runs_of_a_server_that_dies_are_interrupted_while_another_one_lives(
    tmp_path: Path,
) -> None:
    code = """
    begin(store, "dying")
    store.flush()
    print("ready", flush=True)
    sys.stdin.readline()
    """
    with child_until_killed(code, tmp_path) as server, open_store(tmp_path) as store:
        assert read_line(server) == "ready"
        store.start()
        assert store.states(["dying"]) == {"dying": "running"}
        server.kill()
        server.wait()
        deadline = time.monotonic() + 10
        while Store.states(store, ["dying"]) == {"dying": "running"}:
            assert time.monotonic() < deadline, "nothing else is written or read meanwhile"
            time.sleep(0.05)
        assert store.states(["dying"]) == {"dying": "interrupted"}


EARLIER_LIFE = """
import sys
from pathlib import Path
from rnnviz.store import Store, heartbeat
heartbeat._host = lambda: "container"
heartbeat.process_start_time = lambda pid: "1"
heartbeat.os.getpid = lambda: 1
store = Store(Path(sys.argv[1]))
if sys.argv[2] == "dies":
    store.begin("a", race="r", experiment={}, facts={})
    store.set_state("a", "running")
    store.flush()
    heartbeat.os._exit(1)
print(store.run("a").state)
"""


def test_a_server_marks_the_runs_of_its_earlier_life_with_the_same_process_id(
    tmp_path: Path,
) -> None:
    """In a container each server is the process 1, with the same start where time is hidden."""
    for life in ("dies", "lives"):
        command = [sys.executable, "-c", EARLIER_LIFE, str(tmp_path), life]
        done = subprocess.run(
            command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False
        )
    assert done.stdout.strip() == "interrupted", done.stderr


def test_a_server_that_was_asleep_takes_back_what_nobody_has_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    with open_store(tmp_path, clock=lambda: now[0]) as here:
        monkeypatch.setattr("rnnviz.store.heartbeat._host", lambda: "another machine")
        with open_store(tmp_path, clock=lambda: now[0]) as asleep:
            monkeypatch.undo()
            for run in ("unclaimed", "claimed", "deleted"):
                begin(asleep, run)
                asleep.append(run, some_rows(3))
            asleep.flush()
            now[0] += HEARTBEAT_TIMEOUT + 1
            here.beat()
            assert {row.state for row in here.runs(Query()).rows} == {"interrupted"}
            assert here.claim(["claimed"], ("interrupted",)) is None
            here.set_state("claimed", "running")
            here.append("claimed", [{"step": 100, "loss": 1.0}])
            here.delete(["deleted"])
            here.flush()
            for run in ("unclaimed", "claimed", "deleted"):
                asleep.append(run, [{"step": 100, "loss": 2.0}])
            asleep.set_state("claimed", "stopped")
            with pytest.raises(Problem, match="resumed elsewhere"):
                asleep.flush()
            assert here.states(["unclaimed", "claimed", "deleted"]) == {
                "unclaimed": "running",
                "claimed": "running",
            }
            assert here.history("claimed")["loss"][-1] == 1.0
            assert here.history("unclaimed")["loss"][-1] == 2.0
            here.restore(["deleted"])
            assert len(here.history("deleted")["step"]) == 3


def test_a_stopped_process_is_not_taken_for_dead(tmp_path: Path) -> None:
    code = """
    begin(store, "a")
    store.flush()
    print("ready", flush=True)
    sys.stdin.readline()
    """
    with child_until_killed(code, tmp_path) as server, open_store(tmp_path) as store:
        assert read_line(server) == "ready"
        server.send_signal(signal.SIGSTOP)
        store.beat()
        assert store.states(["a"]) == {"a": "running"}


# Foreign locks ------------------------------------------------------------------------------------


def test_nobody_waits_for_a_foreign_write_lock(store: Store, folder: Path) -> None:
    """While a visitor's own write does."""
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        train_on(store)
        blocked = threading.Thread(target=store.rename, args=("old", "new name"))
        blocked.start()  # a visitor's write, which waits
        began = time.monotonic()
        for _ in range(20):
            store.runs(Query())
            store.run("a")
            assert len(store.history("a")["step"]) == 100
            store.flush()  # is tried again
        assert time.monotonic() - began < 4.5
        other.execute("ROLLBACK")
        blocked.join()
    store.flush()
    check_running_run(store)
    row = store.run("old")
    assert row is not None
    assert row.name == "new name", "a page sees its own write at once"


def test_a_lock_that_lasts_is_a_problem(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        train_on(store)
        store.beat()
        assert store.problem is None
        assert store._locked_since is not None
        store._locked_since -= 5
        store.beat()
        assert "has locked the database" in str(store.problem)
        other.execute("ROLLBACK")
    store.beat()
    assert store.problem is None
    check_running_run(store)
