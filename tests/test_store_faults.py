"""Nothing that was flushed is ever lost; whatever else goes wrong is said in a sentence."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rnnviz.messages import Message, Problem
from rnnviz.store import Query, Store, schema
from rnnviz.store.heartbeat import GONE, HEARTBEAT_TIMEOUT, Server
from tests.stored import an_experiment, open_store, some_rows

ROOT = Path(__file__).parents[1]
FILE = "runs.sqlite3"


def begin(store: Store, run: str, state: Any = "running") -> None:
    store.begin(run, race="race", experiment=an_experiment(), facts={})
    store.set_state(run, state)


def child(code: str, folder: Path) -> subprocess.Popen[str]:
    """A process that runs `code` with a store in `folder`, and prints lines."""
    source = f"""
import sys, time
from pathlib import Path
from rnnviz.store import Query, Store, schema
from tests.stored import FlushedStore, an_experiment
from tests.test_store_faults import begin
store = FlushedStore(Path(sys.argv[1]))
{textwrap.dedent(code)}
"""
    return subprocess.Popen(
        [sys.executable, "-c", source, str(folder)],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


@contextmanager
def child_until_killed(code: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A child that is killed at the end, if it still runs."""
    with child(code, folder) as process:
        try:
            yield process
        finally:
            process.kill()


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def passes_integrity_check(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / FILE)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


# Killed ------------------------------------------------------------------------------------------

WRITER = """
begin(store, "a")
step = 0
store.flush()
while True:
    flush_at = time.monotonic() + 0.4
    while time.monotonic() < flush_at:
        store.append("a", [{"step": step, "seconds": time.time(), "loss": 1.0}])
        if step % 10 == 0:
            store.save_step("a", step, b"w" * 20_000, {"norms": [0.5] * 50})
            store.save_checkpoint("a", step, b"c" * 20_000)
        step += 1
        time.sleep(0.002)
    store.flush()
    print(step, flush=True)
"""


@pytest.mark.parametrize("patience", [0.0, 0.17, 0.31])
def test_after_a_kill_everything_flushed_is_stored(tmp_path: Path, patience: float) -> None:
    with child_until_killed(WRITER, tmp_path) as writer:
        flushed = max(int(read_line(writer)) for _ in range(2))
        time.sleep(patience)
        writer.send_signal(signal.SIGKILL)
        killed = time.time()
        writer.wait()
        flushed = max([flushed, *(int(line) for line in writer.stdout or ())])
    with open_store(tmp_path) as store:
        history = store.history("a")
        steps = len(history["step"])
        assert history["step"] == list(range(steps))
        assert steps >= flushed
        assert killed - history["seconds"][-1] < 1.0
        last = (steps - 1) // 10 * 10
        assert store.saved_steps("a") == list(range(0, steps, 10))
        assert store.last_checkpoint("a") == (last, b"c" * 20_000)
        row = store.run("a")
        assert row is not None
        assert (row.state, row.steps) == ("interrupted", steps - 1)
        assert row.reason == Message(GONE)
    assert passes_integrity_check(tmp_path)


def test_a_kill_in_the_middle_of_a_flush_leaves_whole_transactions(tmp_path: Path) -> None:
    """A transaction is there whole or not at all."""
    code = """
    begin(store, "a")
    store.flush()
    print("ready", flush=True)
    for part in range(10**9):
        store.append("a", [{"step": 500 * part + k, "loss": 1.0} for k in range(500)])
        store.save_step("a", part, b"w" * 300_000, {})
        store.flush()
    """
    for wait in (0.02, 0.05, 0.08):
        folder = tmp_path / str(wait)
        with child_until_killed(code, folder) as writer:
            assert read_line(writer) == "ready"
            time.sleep(wait)
        with open_store(folder) as store:
            parts = len(store.saved_steps("a"))
            assert store.history("a")["step"] == list(range(500 * parts))
        assert passes_integrity_check(folder)


# Several servers ---------------------------------------------------------------------------------


def test_of_servers_in_one_folder_only_dead_ones_have_interrupted_runs(tmp_path: Path) -> None:
    code = """
    for state in ("queued", "running", "paused", "stopping", "finished", "stopped", "failed"):
        begin(store, f"{sys.stdin.readline().strip()} {state}", state)
    store.flush()
    print("ready", flush=True)
    sys.stdin.readline()
    """
    live = {"queued", "running", "paused", "stopping"}
    with (
        child_until_killed(code, tmp_path) as killed_server,
        child_until_killed(code, tmp_path) as live_server,
    ):
        for process, name in ((killed_server, "dying"), (live_server, "living")):
            assert process.stdin is not None
            process.stdin.write(f"{name}\n" * 7)
            process.stdin.flush()
            assert read_line(process) == "ready"
        with open_store(tmp_path) as store, open_store(tmp_path) as neighbour:
            begin(store, "own")
            store.flush()
            killed_server.kill()
            # Not waited for: it is dead though its parent has not asked about it yet.
            os.waitid(os.P_PID, killed_server.pid, os.WEXITED | os.WNOWAIT)
            neighbour.mark_interrupted()
            rows = {row.id: row for row in neighbour.runs(Query(limit=200)).rows}
            assert rows.pop("own").state == "running"
            assert len(rows) == 14
            for name, row in rows.items():
                server, state = name.split()
                interrupted = server == "dying" and state in live
                assert row.state == ("interrupted" if interrupted else state), name
                stored = neighbour.run(row.id)
                assert stored is not None
                assert (stored.reason is not None) == interrupted
            # Another server can resume it and is responsible for it then.
            neighbour.begin("dying running", race="r", experiment=an_experiment(), facts={})
            neighbour.set_state("dying running", "running")
            neighbour.flush()
            store.mark_interrupted()
            resumed = store.run("dying running")
            assert resumed is not None
            assert (resumed.state, resumed.reason) == ("running", None)


def test_only_one_of_two_servers_can_claim_a_run(tmp_path: Path) -> None:
    resumable = ("interrupted", "stopped")
    with open_store(tmp_path) as first, open_store(tmp_path) as second:
        begin(first, "a", "stopped")
        begin(first, "b", "stopped")
        begin(first, "c", "finished")
        first.flush()
        assert second.claim(["a", "c"], resumable) == "c"
        assert first.claim(["a"], resumable) is None
        assert second.claim(["b", "a"], resumable) == "a"
        first.mark_interrupted()
        assert {row.id: row.state for row in second.runs(Query()).rows} == {
            "a": "queued",
            "b": "stopped",
            "c": "finished",
        }
    with open_store(tmp_path) as store:
        row = store.run("a")
        assert row is not None
        assert row.state == "interrupted", "its server has ended"


def test_what_a_server_leaves_when_it_closes_is_interrupted(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        begin(store, "a")
        begin(store, "b", "finished")
    with open_store(tmp_path) as store:
        rows = {row.id: row.state for row in store.runs(Query()).rows}
    assert rows == {"a": "interrupted", "b": "finished"}


def test_a_server_is_alive_while_its_process_runs_or_its_heartbeat_is_fresh() -> None:
    here = Server.this_process()
    assert here.is_alive(
        heartbeat=0, now=10**9
    )  # an idle server needs no heartbeat on its own machine
    again = Server(here.server, here.pid, "an earlier start", here.host)
    assert not again.is_alive(heartbeat=0, now=0)  # the number belongs to another process by now
    elsewhere = Server(here.server, here.pid, here.start_time, "another boot")
    assert elsewhere.is_alive(heartbeat=100, now=100 + HEARTBEAT_TIMEOUT)
    assert not elsewhere.is_alive(heartbeat=100, now=101 + HEARTBEAT_TIMEOUT)


def test_a_server_on_another_machine_is_dead_without_heartbeats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    with open_store(tmp_path, clock=lambda: now[0]) as here:
        monkeypatch.setattr("rnnviz.store.heartbeat._host", lambda: "another machine")
        there = Store(tmp_path, clock=lambda: now[0])
        monkeypatch.undo()
        begin(there, "a")
        there.flush()
        states = []
        for _ in range(4):
            now[0] += 0.7 * HEARTBEAT_TIMEOUT
            if len(states) < 2:
                there.flush()
            here.mark_interrupted()
            row = here.run("a")
            states.append(row and row.state)
        assert states == ["running", "running", "running", "interrupted"]
        there.set_state("a", "running")  # it had only been asleep
        there.flush()
        here.mark_interrupted()
        row = here.run("a")
        assert row is not None
        assert row.state == "running"
        there.close()


def test_many_open_a_new_folder_at_once(tmp_path: Path) -> None:
    servers = 6
    together = threading.Barrier(servers)
    errors: list[BaseException] = []

    def serve(number: int) -> None:
        try:
            for turn in range(4):
                together.wait()
                with open_store(tmp_path / str(turn)) as store:
                    begin(store, f"run {number}")
                    store.flush()
                    store.append(f"run {number}", some_rows(20))
        except BaseException as error:
            errors.append(error)
            together.abort()

    threads = [threading.Thread(target=serve, args=(number,)) for number in range(servers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    for turn in range(4):
        with open_store(tmp_path / str(turn)) as store:
            assert [row.steps for row in store.runs(Query()).rows] == [57] * servers


def test_a_server_waits_while_another_one_creates_the_file(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.2, other.rollback)
        release.start()
        with open_store(tmp_path) as store:
            begin(store, "a")
        release.join()


@pytest.mark.parametrize("query", [1, 2, 3])
def test_a_file_that_is_created_while_it_is_inspected_is_ours(tmp_path: Path, query: int) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:

        class Meddled:
            queries = 0

            def execute(self, statement: str) -> SimpleNamespace:
                row = connection.execute(statement).fetchone()
                self.queries += 1
                if self.queries == query:
                    Store(tmp_path).close()
                return SimpleNamespace(fetchone=lambda: row)

        assert schema.version_of(Meddled(), tmp_path / FILE, "") in (0, schema.VERSION)


# Files that cannot be used -----------------------------------------------------------------------


def test_a_database_of_the_future_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(Problem, match="has version 99, written by a newer rnnviz"):
        Store(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("CREATE TABLE cats (name)")
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(Problem, match="another program"):
        Store(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database_is_a_problem(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(Problem, match="is damaged"):
        Store(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


def test_damaged_pages_are_a_problem_only_for_what_they_hold(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        begin(store, "a")
        store.append("a", some_rows(3000))
    content = bytearray((tmp_path / FILE).read_bytes())
    page = 4096
    assert len(content) > 40 * page
    content[-20 * page :] = b"\xff" * (20 * page)
    (tmp_path / FILE).write_bytes(content)
    with open_store(tmp_path) as store:
        assert store.run("a") is not None
        with pytest.raises(Problem, match="is damaged"):
            store.history("a")


def test_a_folder_that_cannot_be_created_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(Problem, match="RNNVIZ_DATA"):
            Store(folder)
    (tmp_path / FILE).mkdir()
    with pytest.raises(Problem, match="RNNVIZ_DATA"):
        Store(tmp_path)


def test_a_read_only_folder_is_a_problem() -> None:
    """For another user than root, for whom nothing is read-only."""
    code = """
    import os, sys
    from pathlib import Path
    from rnnviz.messages import Problem
    from rnnviz.store import Store
    if os.getuid() == 0:
        os.setuid(65534)
    try:
        Store(Path(sys.argv[1]))
    except Problem as problem:
        print(problem)
    """
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are for its user only
        Path(folder).chmod(0o555)
        command = [sys.executable, "-c", textwrap.dedent(code), folder]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "cannot be used for the runs (Permission denied)" in done.stdout, done.stderr


# A full disk -------------------------------------------------------------------------------------


@contextmanager
def no_room(folder: Path) -> Iterator[None]:
    """No file of this process may grow beyond the largest that it has in `folder`."""
    size = max(path.stat().st_size for path in folder.iterdir())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_reported_and_loses_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        begin(store, "a")
        store.append("a", some_rows(5))
        store.flush()
        with no_room(tmp_path):
            store.append("a", some_rows(2000))
            store.save_step("a", 1, b"w" * 500_000, {})
            for _ in range(2):
                with pytest.raises(Problem, match="a disk with free space"):
                    store.flush()
            with pytest.raises(Problem, match="a disk with free space"):
                store.save_file(b"x" * 500_000, "large")
            # What was there before can still be read.
            assert store.history("a")["step"] == [0, 3, 6, 9, 12]
            store.append("a", [{"step": 9000}])
        store.flush()
        assert store.history("a")["step"] == [*range(0, 6000, 3), 9000]
        assert store.weights("a", 1) == b"w" * 500_000
    assert passes_integrity_check(tmp_path)
