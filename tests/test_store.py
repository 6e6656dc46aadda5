"""What was written to a store is what its queries return."""

import json
import math
import random
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnviz.messages import Message, Problem
from rnnviz.store import (
    HISTORY_COLUMNS,
    SORTS,
    STATES,
    Meaning,
    Query,
    RunRow,
    Store,
    folder,
)
from tests.stored import an_experiment, as_columns, delete_for_good, open_store, some_rows

SHARED = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as store:
        yield store


def begin(store: Store, run: str, race: str = "race", **experiment: Any) -> None:
    store.begin(run, race=race, experiment=an_experiment(**experiment), facts={"parameters": 99})


# Writes and queries -------------------------------------------------------------------------------

steps = st.integers(0, 60)
numbers = st.none() | st.floats(width=64) | st.integers(-(10**20), 10**20)
rows = st.lists(
    st.fixed_dictionaries({"step": steps}, optional=dict.fromkeys(HISTORY_COLUMNS[1:], numbers)),
    max_size=6,
)
snapshots = st.dictionaries(
    st.text(max_size=5),
    st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=3),
    max_size=2,
)
calls = st.one_of(
    st.tuples(st.just("append"), rows),
    st.tuples(st.just("save_step"), steps, st.binary(max_size=20), snapshots),
    st.tuples(st.just("save_checkpoint"), steps, st.binary(max_size=20)),
    st.tuples(st.just("rewind"), steps),
    st.tuples(st.just("flush")),
)


class Reference:
    """The same writes in plain Python."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[str, Any]] = {}
        self.saved_steps: dict[int, tuple[bytes, Any]] = {}
        self.last: tuple[int, bytes] | None = None

    def write(self, method: str, *calls: Any) -> None:
        match method:
            case "append":
                for row in calls[0]:
                    clean = {name: self.number(row.get(name)) for name in HISTORY_COLUMNS[1:]}
                    self.rows[row["step"]] = {"step": row["step"], **clean}
            case "save_step":
                self.saved_steps[calls[0]] = calls[1:]
            case "save_checkpoint":
                self.last = calls
            case "rewind":
                self.rows = {k: v for k, v in self.rows.items() if k <= calls[0]}
                self.saved_steps = {k: v for k, v in self.saved_steps.items() if k <= calls[0]}
                if self.last and self.last[0] > calls[0]:
                    self.last = None

    @staticmethod
    def number(value: float | None) -> float | None:
        return float(value) if value is not None and math.isfinite(value) else None

    def latest(self, name: str) -> float | None:
        known = [row[name] for _, row in sorted(self.rows.items()) if row[name] is not None]
        return known[-1] if known else None


@SHARED
@given(writes=st.lists(calls, max_size=12))
def test_queries_return_whatever_was_written(writes: list[tuple[Any, ...]], store: Store) -> None:
    run = f"run {next(counter)}"
    begin(store, run)
    reference = Reference()
    for method, *rest in writes:
        getattr(store, method)(*(() if method == "flush" else (run, *rest)))
        reference.write(method, *rest)
    ordered = [row for _, row in sorted(reference.rows.items())]
    assert store.history(run) == as_columns(ordered)
    assert store.saved_steps(run) == sorted(reference.saved_steps)
    assert store.snapshots(run) == [
        (k, snapshot) for k, (_, snapshot) in sorted(reference.saved_steps.items())
    ]
    assert store.last_checkpoint(run) == reference.last
    for step in range(-1, 62, 7):
        before = [each for each in reference.saved_steps if each <= step]
        weights = reference.saved_steps[max(before)][0] if before else None
        assert store.weights(run, step) == weights
    row = store.run(run)
    assert row is not None
    last_step = reference.last[:1] if reference.last else ()
    assert row.steps == max([*reference.rows, *reference.saved_steps, *last_step], default=0)
    assert row.seconds == (ordered[-1]["seconds"] if ordered else None)
    assert (row.loss, row.validation_metric) == (
        reference.latest("loss"),
        reference.latest("validation_metric"),
    )
    tested = [each["step"] for each in ordered if each["validation_metric"] is not None]
    assert row.tested_step == (tested[-1] if tested else None)


counter = iter(range(10**9))


def test_a_run_from_begin_to_end(tmp_path: Path) -> None:
    now = [100.0]
    with open_store(tmp_path, clock=lambda: now[0]) as store:
        begin(store, "a", "r")
        assert store.run("a") == RunRow(
            id="a", name="", note="", race="r", created=100.0, changed=100.0, state="queued",
            task="hello", cell="gru", hidden=16, parameters=99, seed=3, device="cpu",
            steps=0, seconds=None, loss=None, validation_metric=None, tested_step=None,
            test_score=None,
            experiment=an_experiment(), facts={"parameters": 99}, reason=None, result=None,
        )  # fmt: skip
        now[0] = 101.0
        store.set_state("a", "running", facts={"pid": 5, "parameters": 100})
        store.set_state("a", "failed", reason=Message("It broke."))
        now[0] = 102.0
        store.append("a", [{"step": 4, "loss": 2.5}])
        failed = store.run("a")
        assert failed is not None
        assert (failed.state, failed.changed, failed.parameters) == ("failed", 102.0, 100)
        assert failed.reason == Message("It broke.")
        store.begin("a", race="r2", experiment=an_experiment(), facts={"pid": None})  # once more
        store.set_state("a", "finished", result={"loss": math.nan})
    with open_store(tmp_path) as store:
        done = store.run("a")
        assert done is not None
        assert (done.state, done.race, done.loss, done.created) == ("finished", "r2", 2.5, 100.0)
        assert (done.reason, done.result, done.facts) == (None, {"loss": None}, {"parameters": 100})


def test_a_run_that_stops_between_two_rows_has_the_step_of_its_checkpoint(
    store: Store,
) -> None:
    """Rows are every 250 steps here; the weights and the checkpoint are of the stop itself."""

    def steps_of(run: str) -> int:
        row = store.run(run)
        assert row is not None
        return row.steps

    begin(store, "a")
    store.append("a", [{"step": 2000, "seconds": 1.0}, {"step": 2250, "seconds": 2.0}])
    assert steps_of("a") == 2250
    store.save_checkpoint("a", 2256, b"c")
    assert steps_of("a") == 2256
    store.save_step("a", 2256, b"w", {})
    store.flush()
    store.rewind("a", 2256)  # resumed: it goes on from the checkpoint
    assert steps_of("a") == 2256
    bundle = store.bundle("a")
    assert bundle is not None
    assert steps_of(store.put(bundle)) == 2256
    store.save_step("a", 2300, b"w", {})
    assert steps_of("a") == 2300
    store.rewind("a", 2260)  # the worker died: what came after the checkpoint comes again
    assert steps_of("a") == 2256
    store.rewind("a", 0)
    assert steps_of("a") == 0


def test_a_network_without_cells_is_listed_by_its_family(store: Store) -> None:
    begin(store, "a", model={"family": "dense"})
    store.begin("b", race="r", experiment={"task": 5, "seed": 2**70, "device": None}, facts={})
    assert store.runs(Query(cell="dense")).rows[0].id == "a"
    odd = store.run("b")
    assert odd is not None
    assert (odd.task, odd.cell, odd.seed, odd.device) == (None, None, None, None)


def test_a_deleted_run_leaves_nothing_and_later_writes_are_dropped(store: Store) -> None:
    def write_everything() -> None:
        store.append("a", some_rows(3))
        store.save_step("a", 1, b"w", {})
        store.save_checkpoint("a", 1, b"c")

    begin(store, "a")
    store.set_state("a", "stopped")
    write_everything()
    delete_for_good(store, ["a", "b"])
    write_everything()
    store.rewind("a", 0)
    store.set_state("a", "finished")
    store.flush()
    assert store.run("a") is None
    assert store.history("a") == {name: [] for name in HISTORY_COLUMNS}
    assert (store.saved_steps("a"), store.weights("a", 9), store.snapshots("a")) == ([], None, [])
    assert (store.last_checkpoint("a"), store.bundle("a")) == (None, None)
    with pytest.raises(Problem, match="not stored"):
        store.rename("a", "gone")
    begin(store, "a")  # the same name again: nothing of the first one is left
    assert (store.history("a")["step"], store.saved_steps("a")) == ([], [])
    assert store.last_checkpoint("a") is None


@pytest.mark.parametrize("step", [-1, 1.5, "3", None, True, 2**63])
def test_a_step_is_a_whole_number(store: Store, step: Any) -> None:
    """A write that must fail is not queued: it would hold up all the others."""
    begin(store, "a")
    writes: list[Callable[[], None]] = [
        lambda: store.append("a", [{"step": step}]),
        lambda: store.save_step("a", step, b"", {}),
        lambda: store.save_checkpoint("a", step, b""),
        lambda: store.rewind("a", step),
    ]
    for write in writes:
        with pytest.raises(ValueError, match="whole number"):
            write()
    with pytest.raises(ValueError, match="not one of"):
        store.set_state("a", "lost")
    store.flush()


# Thinning ----------------------------------------------------------------------------------------


@SHARED
@given(count=st.integers(0, 300), most=st.integers(1, 120))
def test_a_thinned_history_has_stored_rows_and_both_ends(
    count: int, most: int, store: Store
) -> None:
    run = f"run {next(counter)}"
    all_rows = some_rows(count, seed=count)
    begin(store, run)
    store.append(run, all_rows)
    thin = store.history(run, most)
    steps = thin["step"]
    assert len(steps) <= max(most, 2) + 1
    by_step = {row["step"]: row for row in all_rows}
    assert thin == as_columns([by_step[step] for step in steps])
    if count:
        assert steps[-1] == all_rows[-1]["step"]
        assert steps[0] == 0
    if count <= most // 2:
        assert steps == [row["step"] for row in all_rows]
    if count > 20:
        # The rows with a validation are one in five; no thinning loses them all.
        assert sum(value is not None for value in thin["validation_metric"]) >= min(most // 4, 4)


def test_thinned_snapshots_keep_the_last(store: Store) -> None:
    begin(store, "a")
    for step in range(50):
        store.save_step("a", step, b"w", {"norms": [step]})
    assert store.snapshots("a", 10) == [(k, {"norms": [k]}) for k in [*range(0, 50, 5), 49]]


# Pages -------------------------------------------------------------------------------------------

TITLES = ["", "Zebra", "über allen", "ÜBER", "한국어 이름", "100 % sure", "a_b", "it's", "a%b"]


@pytest.fixture(scope="module")
def many_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, list[RunRow]]]:
    """A store with 120 different runs, and the runs one by one."""
    draw = random.Random(5)
    with open_store(tmp_path_factory.mktemp("runs")) as store:
        for number in range(120):
            run = f"run-{number}"
            begin(
                store,
                run,
                f"race-{number // 4}",
                task=draw.choice(["hello", "intents", "adding"]),
                cell=draw.choice(["rnn", "gru", "lstm"]),
                model={
                    "hidden": draw.choice([4, 16, 64]),
                    "front": draw.random() < 0.5,
                    "forget_bias": draw.choice([None, 0.0, 2.5]),
                },
                seed=draw.randrange(3),
            )
            store.append(run, some_rows(draw.randrange(12), number))
            store.set_state(run, draw.choice(STATES[4:]))
        store.flush()
        for number in range(120):
            store.rename(f"run-{number}", draw.choice(TITLES))
            store.annotate(f"run-{number}", draw.choice(["", "", "keep this one", "이것은 메모"]))
        runs = [store.run(f"run-{number}") for number in range(120)]
        yield store, [run for run in runs if run is not None]


def expected_page(runs: list[RunRow], query: Query) -> tuple[list[str], int]:
    """The names on the page and the total, in plain Python."""
    matching = [
        run
        for run in runs
        if all(
            term in f"{run.name}\n{run.note}\n{run.task}\n{run.cell}".casefold()
            or (term in query.meanings and matches(run, query.meanings[term]))
            for term in query.search.casefold().split()
        )
        and all(
            getattr(query, name) in (None, getattr(run, name))
            for name in ("state", "task", "cell", "race")
        )
    ]
    position = {run.id: number for number, run in enumerate(runs)}
    known = [run for run in matching if getattr(run, query.sort) not in (None, "")]
    empty = [run for run in matching if getattr(run, query.sort) in (None, "")]
    for part in (known, empty):
        part.sort(key=lambda run: position[run.id], reverse=query.descending)
    known.sort(key=lambda run: getattr(run, query.sort), reverse=query.descending)
    names = [run.id for run in known + empty]
    return names[query.offset : query.offset + query.limit], len(names)


def matches(run: RunRow, meaning: Meaning) -> bool:
    model = run.experiment["model"]
    return run.task in meaning.tasks or any(
        all(
            model.get(name) is not None if value is None else model.get(name) == value
            for name, value in each.items()
        )
        for each in meaning.models
    )


def as_listed(run: RunRow) -> RunRow:
    """The run without the details that a list does not show."""
    experiment = {name: run.experiment[name] for name in ("task", "model")}
    return replace(run, experiment=experiment, facts={}, reason=None, result=None)


MEANINGS = {
    "hello": Meaning(tasks=("adding", "'; DROP TABLE runs; --")),
    "gru": Meaning(("intents",), ({"cell": "lstm", "hidden": 64}, {"front": True, "hidden": 4})),
    "no": Meaning(models=({"family": "recurrent", "front": False}, {"of": "tomorrow"})),
    "keep": Meaning(models=({"forget_bias": None}, {"of": None, "hidden": 4})),
    "such": Meaning(models=({"hidden": 16},)),
}

queries = st.builds(
    Query,
    meanings=st.sampled_from([{}, MEANINGS]),
    search=st.sampled_from(
        ["", "", "ZEBRA", "über", "hello gru", "%", "_", "it's", "국어", "keep lstm", "no such"]
    ),
    sort=st.sampled_from(list(SORTS)),
    descending=st.booleans(),
    offset=st.sampled_from([0, 0, 7, 119, 10**9]),
    limit=st.sampled_from([1, 10, 50, 200]),
    state=st.sampled_from([None, None, "failed"]),
    task=st.sampled_from([None, None, "hello"]),
    cell=st.sampled_from([None, None, "lstm"]),
    race=st.sampled_from([None, None, "race-3"]),
)  # fmt: skip


def test_a_list_parses_no_more_than_it_shows(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the details of the runs that it shows, nor anything of the others."""
    much = {"much": list(range(50_000))}
    for number in range(30):
        begin(store, str(number))
        store.set_state(
            str(number),
            "finished",
            facts=much,
            result={**much, "test": number / 30},
            reason=Message("{much}", {"much": "x" * 50_000}),
        )
        store.append(str(number), some_rows(50))
        store.save_step(str(number), 1, b"w", much)
    store.flush()
    characters = 0
    loads = json.loads

    def count(content: str) -> Any:
        nonlocal characters
        characters += len(content)
        return loads(content)

    monkeypatch.setattr(json, "loads", count)
    rows = store.runs(Query(sort="created", descending=False, limit=10)).rows
    assert [row.test_score for row in rows] == [number / 30 for number in range(10)]
    assert 0 < characters < 10 * 1000


@settings(max_examples=300)
@given(query=queries)
def test_a_page_has_the_runs_that_plain_python_selects(
    query: Query, many_runs: tuple[Store, list[RunRow]]
) -> None:
    store, runs = many_runs
    page = store.runs(query)
    assert ([row.id for row in page.rows], page.total) == expected_page(runs, query)
    assert all(row in map(as_listed, runs) for row in page.rows)


@pytest.mark.parametrize(
    "hostile", ["%", "_", "'; DROP TABLE runs; --", "\0", "\ud800", "\\", "x" * 10**6, "( OR *"]
)
def test_hostile_searches_match_nothing_and_break_nothing(store: Store, hostile: str) -> None:
    begin(store, "a")
    for query in (Query(search=hostile), Query(state=hostile), Query(task=hostile)):
        assert store.runs(query).total == (1 if query.search == "\0" else 0)
    assert store.run(hostile) is None
    assert store.file(hostile) is None
    store.begin(hostile, race=hostile, experiment={hostile: hostile}, facts={hostile: hostile})
    store.append(hostile, some_rows(3))
    row = store.run(hostile)
    assert row is not None
    assert row.steps == 6
    store.rename("a", hostile[:50])
    assert store.runs(Query()).total == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"sort": "name; DROP TABLE runs"},
        {"sort": "key"},
        {"offset": -1},
        {"offset": 10**30},
        {"offset": math.nan},
        {"limit": 0},
        {"limit": 10**6},
    ],
)
def test_a_page_out_of_bounds_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Problem, match="allowed is"):
        replace(Query(), **wrong)


# Titles and files --------------------------------------------------------------------------------


def test_names_and_notes_have_bounds(store: Store) -> None:
    begin(store, "a")
    store.rename("a", "  이름 ")
    store.annotate("a", "two\nlines")
    row = store.run("a")
    assert row is not None
    assert (row.name, row.note) == ("이름", "two\nlines")
    with pytest.raises(Problem, match="allowed is up to 120"):
        store.rename("a", "x" * 121)
    with pytest.raises(Problem, match="allowed is up to 4000"):
        store.annotate("a", "x" * 4001)
    assert store.run("a") == row
    in_parts = unicodedata.normalize("NFD", "이름")  # as some systems type it
    assert store.runs(Query(search=in_parts)).total == 1


def test_a_run_that_trains_is_not_deleted_and_neither_are_those_with_it(store: Store) -> None:
    for run, state in (("a", "stopped"), ("b", "paused")):
        begin(store, run)
        store.set_state(run, state)
    with pytest.raises(Problem, match="run b is still training"):
        delete_for_good(store, ["a", "b"])
    assert store.runs(Query()).total == 2
    store.set_state("b", "failed")
    delete_for_good(store, ["a", "b"])
    assert store.runs(Query()).total == 0


def test_a_file_is_stored_once_and_deleted_with_the_last_run_that_reads_it(store: Store) -> None:
    key = store.save_file(b"some text", "text.txt")
    assert key == store.save_file(b"some text", "again.txt")
    assert key != store.save_file(b"another", "text.txt")
    for run, file in (("a", key), ("b", key), ("c", "")):
        reading = {"task": {"name": "text", "file": file}}
        store.begin(run, race="race", experiment=reading, facts={})
        store.set_state(run, "finished")
    delete_for_good(store, ["a", "c"])
    assert store.file(key) == ("text.txt", b"some text")
    delete_for_good(store, ["b"])
    assert store.file(key) is None


def test_the_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path / "here"))
    assert folder() == tmp_path / "here"
    monkeypatch.setenv("RNNVIZ_DATA", "")
    assert folder().name == "rnnviz"


# Threads and the queue ---------------------------------------------------------------------------


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads take turns as often as they can, so that whatever can go wrong does."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("restless")
def test_threads_share_a_store(store: Store) -> None:
    errors: list[BaseException] = []

    def write(name: str) -> None:
        try:
            begin(store, name)
            for step in range(100):
                store.append(name, [{"step": step, "loss": 1.0}])
                if step % 10 == 0:
                    store.flush()
                # A thread sees what it has written, whichever thread has just flushed.
                assert store.history(name)["step"] == list(range(step + 1))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(f"run {k}",)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert store.runs(Query()).total == 4
