"""What is stored and imported has limits: a clear sentence says which, and nothing is deleted."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, pairwise
from pathlib import Path

import pytest

from rnnviz.data.uploads import UPLOADS
from rnnviz.jobs import InlineEngine, Service
from rnnviz.messages import Problem
from rnnviz.store import Bundle, Query, SavedStep, Store
from rnnviz.store.files import time_limit
from rnnviz.store.server.limits import Limits
from rnnviz.ui.runs.allowance import IN_ALL, PER_MINUTE, ImportAllowance
from tests.races import LONG, scripted_job, view_of
from tests.stored import an_experiment, delete_for_good, open_store, some_rows
from tests.test_store_faults import begin

MB = 2**20
LIMITS = Limits(total_bytes=2 * MB, runs=4, run_bytes=MB // 4)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path, limits=LIMITS) as store:
        yield store


def fill(store: Store) -> None:
    begin(store, "old", "finished")
    for step in range(20):
        store.save_step("old", step, bytes(MB // 8), {})
    store._admission.limits = replace(LIMITS, run_bytes=4 * MB)
    store.flush()


def test_a_full_store_lets_runs_train_without_storing_them_and_deletes_none(store: Store) -> None:
    begin(store, "before")
    fill(store)
    begin(store, "new")
    for turn in range(3):
        store.append("new", [{"step": turn}])
        store.append("before", [{"step": turn}])
        store.save_step("before", turn, b"w", {})
        store.save_checkpoint("before", turn, b"c")
        with pytest.raises(Problem, match=r"3 of 2 MB .* delete runs .* RNNVIZ_STORE_MB"):
            store.flush()
    store.beat()
    assert "new runs are not stored" in str(store.problem)
    assert {row.id for row in store.runs(Query()).rows} == {"before", "old"}
    # A run that was stored before goes on, but without further weights.
    assert store.history("before")["step"] == [0, 1, 2]
    assert store.last_checkpoint("before") == (2, b"c")
    assert store.saved_steps("before") == []
    with pytest.raises(Problem, match="of 2 MB"):
        store.put(Bundle(an_experiment()))
    # Once there is room, the run that still trains is stored from its beginning.
    store._database.shrink = lambda: False  # type: ignore[method-assign]
    delete_for_good(store, ["old"])
    store.append("new", [{"step": 3}])
    store.flush()
    assert store.history("new")["step"] == [0, 1, 2, 3]
    assert store.states(["new"]) == {"new": "running"}


def test_once_there_is_room_a_run_is_stored_with_the_file_that_it_reads(store: Store) -> None:
    fill(store)
    key = UPLOADS.add(b"its own file")
    work = {"experiment": {"task": {"name": "text", "file": key}}, "files": {key: b"its own file"}}
    service = Service(InlineEngine(job=scripted_job), store, clock=count().__next__)
    race = service.submit("ann", [{**LONG, **work}])
    (run,) = view_of(service, race).runs
    for _ in range(3):
        service.tick()
    assert store.states([run.run_id]) == {}
    assert store.file(key) is None
    store._database.shrink = lambda: False  # type: ignore[method-assign]
    delete_for_good(store, ["old"])
    service.tick()
    assert store.states([run.run_id]) != {}
    assert store.file(key) == ("", b"its own file")
    service.close()
    again = Service(InlineEngine(job=scripted_job), store)
    (resumed,) = view_of(again, again.resume("ann", [run.run_id])).runs
    assert resumed.work["files"] == {key: b"its own file"}


def test_a_search_that_takes_too_long_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(store, "a")
    assert store.runs(Query(search="gru")).total == 1
    monkeypatch.setattr(time_limit, "_STEPS", 1)
    assert store.runs(Query(search="gru")).total == 1
    monkeypatch.setattr(time_limit, "SECONDS", -1)
    with pytest.raises(Problem, match="fewer or shorter words"):
        store.runs(Query(search="gru"))
    assert store.history("a")["step"] == [], "the same connection has no limit afterwards"


def test_the_number_of_runs_is_limited(store: Store) -> None:
    for number in range(4):
        begin(store, str(number), "finished")
    store.flush()
    begin(store, "new")
    with pytest.raises(Problem, match="4 runs are stored; allowed are up to 4"):
        store.flush()
    with pytest.raises(Problem, match="4 runs are stored"):
        store.put(Bundle(an_experiment()))
    begin(store, "2", "finished")  # one that is stored may be resumed
    store.set_state("new", "stopped")
    store.flush() if store._admission.problem is None else None
    assert store.runs(Query()).total == 4


def test_the_saved_steps_of_a_large_run_are_thinned_evenly(store: Store) -> None:
    begin(store, "a")
    for step in range(32):
        store.save_step("a", step, bytes(MB // 32), {})
        store.flush()
    steps = store.saved_steps("a")
    assert len(steps) * MB // 32 <= LIMITS.run_bytes
    assert steps[-1] == 31
    assert len(steps) >= 4
    gaps = {after - before for before, after in pairwise(steps)}
    assert max(gaps) <= 4 * min(gaps - {steps[-1] - steps[-2]})
    assert steps[0] == 0


def test_an_import_must_fit(store: Store) -> None:
    bundle = Bundle(an_experiment(), history=tuple(some_rows(3)))
    store.put(bundle)
    large = replace(bundle, saved_steps=(SavedStep(0, bytes(2 * MB), {}),))
    with pytest.raises(Problem, match="3 of 2 MB"):
        store.put(large)
    assert store.runs(Query()).total == 1


def test_the_limit_is_named_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for text, megabytes in (("17", 17), ("", 4000), ("-3", 4000), ("x", 4000), ("0", 4000)):
        monkeypatch.setenv("RNNVIZ_STORE_MB", text)
        assert Limits.of_environment().total_bytes == megabytes * MB


def test_each_visitor_has_an_allowance_of_imports() -> None:
    now = [0.0]
    allowance = ImportAllowance(lambda: now[0])

    def import_files(visitor: str | None, count: int, size: int) -> None:
        for _ in range(count):
            with allowance.use(visitor, size):
                pass

    import_files("a", PER_MINUTE[0], MB)
    now[0] = 20.0
    with pytest.raises(Problem, match=r"11 files with 11 MB .* Try again in 40 s"):
        import_files("a", 1, MB)
    import_files("b", 3, PER_MINUTE[1] // 3)
    with pytest.raises(Problem, match="4 files with 201 MB in a minute"):
        import_files("b", 1, MB)
    import_files(None, PER_MINUTE[0], 1)
    with pytest.raises(Problem, match="in a minute"):  # another one without a cookie
        import_files(None, 1, 1)
    for _ in range(IN_ALL[0] // PER_MINUTE[0] - 1):
        now[0] += 61.0
        import_files("a", PER_MINUTE[0], MB)
    now[0] += 61.0
    with pytest.raises(Problem, match="since the server was started"):
        import_files("a", 1, MB)
    import_files("b", 1, 1)
    now[0] += 61.0
    for number in range(60):  # each with a new cookie
        import_files(f"new {number}", 1, 1)
    with pytest.raises(Problem, match="61 files"):
        import_files("newer", 1, 1)
