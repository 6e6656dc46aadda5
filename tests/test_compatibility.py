"""What earlier versions wrote still opens: databases, checkpoints, archives and permalinks.

tests/fixtures/v<N> holds files that rnnviz wrote with the database version N, and what it knew of
them in expected.json and links.json. Rows and columns have the names of then.
"""

import hashlib
import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from rnnviz.messages import Message, Problem
from rnnviz.store import Query, RunRow, Store, read_archive, schema, write_archive
from rnnviz.store.heartbeat import Server, beat
from rnnviz.store.location import FILE
from rnnviz.training import load_checkpoint, weights_of
from rnnviz.ui import permalink
from rnnviz.ui.permalink_aliases import PARAMETER_ALIASES, VALUE_ALIASES
from rnnviz.ui.services.uploads import stored_experiment
from tests.conftest import reset_server
from tests.stored import open_store

ROOT = Path(__file__).parent
FIXTURES = {version: ROOT / "fixtures" / f"v{version}" for version in (1, 2)}
"""The files of each earlier version of the database."""

V1 = FIXTURES[1]
EXPECTED = json.loads((V1 / "expected.json").read_text(encoding="utf-8"))
LINKS = json.loads((V1 / "links.json").read_text(encoding="utf-8"))
FORMER_NAMES = {"train_metric": "metric", "validation_metric": "validation"}
RESUMABLE = [run for run, expected in EXPECTED["runs"].items() if expected["resumed"]]


def copy_database(folder: Path, version: int = 1) -> Path:
    return Path(shutil.copy(FIXTURES[version] / FILE, folder))


@pytest.fixture(scope="module", params=FIXTURES)
def migrated(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Store]:
    """A store of the database of each earlier version; all of them have the same runs."""
    folder = tmp_path_factory.mktemp("earlier")
    copy_database(folder, request.param)
    with open_store(folder) as store:
        yield store


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sha256_of_rows(rows: list[dict[str, Any]]) -> str:
    return sha256(json.dumps(rows, sort_keys=True).encode())


def history_rows(store: Store, run: str) -> list[dict[str, Any]]:
    """The history of a run in the names of the version 1."""
    columns = {FORMER_NAMES.get(name, name): x for name, x in store.history(run).items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def former_row(row: RunRow, names: set[str]) -> dict[str, Any]:
    """A row in the names and types of the version 1."""
    values = {FORMER_NAMES.get(name, name): value for name, value in vars(row).items()}
    return json.loads(json.dumps({name: values[name] for name in names - {"reason"}}))


def message(plain: dict[str, Any] | None) -> Message | None:
    return None if plain is None else Message.from_plain(plain)


# The schema --------------------------------------------------------------------------------------


def tables(file: Path) -> dict[str, Any]:
    """The columns of each table, and the indices."""
    with closing(sqlite3.connect(file)) as connection:
        names = connection.execute("SELECT name, type FROM sqlite_schema ORDER BY name").fetchall()
        columns = {
            name: sorted(row[1:] for row in connection.execute(f"PRAGMA table_info({name})"))
            for name, kind in names
            if kind == "table"
        }
        foreign_keys = {
            name: connection.execute(f"PRAGMA foreign_key_list({name})").fetchall()
            for name in columns
        }
    return {"columns": columns, "foreign keys": foreign_keys, "names": names}


def test_every_earlier_version_has_a_fixture_and_a_migration() -> None:
    """A change of the schema needs a database of the version before it, written by that version."""
    assert FIXTURES.keys() == schema.MIGRATIONS.keys() == set(range(1, schema.VERSION))


@pytest.mark.parametrize("version", FIXTURES)
def test_a_migrated_database_has_the_schema_of_a_new_one(tmp_path: Path, version: int) -> None:
    (tmp_path / "old").mkdir()
    copy_database(tmp_path / "old", version)
    for name in ("old", "new"):
        Store(tmp_path / name).close()
    assert tables(tmp_path / "old" / FILE) == tables(tmp_path / "new" / FILE)


def test_a_migration_that_fails_leaves_the_old_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_database(tmp_path)
    before = tables(tmp_path / FILE)
    with monkeypatch.context() as broken:
        broken.setattr(schema, "MIGRATIONS", {1: (*schema.MIGRATIONS[1], "DROP TABLE nowhere")})
        with pytest.raises(Problem, match="nowhere"):
            Store(tmp_path)
    assert tables(tmp_path / FILE) == before
    with open_store(tmp_path) as store:
        assert store.runs(Query()).total == len(EXPECTED["runs"])


def test_a_database_that_a_server_of_an_earlier_version_uses_is_not_migrated(
    tmp_path: Path,
) -> None:
    """That server could not use it any more; its runs would be lost."""
    copy_database(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        server = Server.this_process()
        with connection:
            beat(connection, server, time.time())
        before = tables(tmp_path / FILE)
        with pytest.raises(Problem, match="in use by an older rnnviz"):
            Store(tmp_path)
        assert tables(tmp_path / FILE) == before
        with connection:
            connection.execute("DELETE FROM servers WHERE server = ?", (server.server,))
    Store(tmp_path).close()


@pytest.mark.parametrize("statements", [(), ("VACUUM",), ("PRAGMA journal_mode = WAL",)])
def test_an_empty_or_half_created_file_becomes_a_database(
    tmp_path: Path, statements: tuple[str, ...]
) -> None:
    (tmp_path / FILE).touch()
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        for statement in statements:
            connection.execute(statement)
    with open_store(tmp_path) as store:
        assert store.is_empty()


# Runs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", EXPECTED["runs"])
def test_a_stored_run_has_all_that_it_had(migrated: Store, run: str) -> None:
    expected = EXPECTED["runs"][run]
    row = migrated.run(run)
    assert row is not None
    names = set(expected["row"])
    former = former_row(row, names)
    # The version 2 has stored one more score of one of the runs.
    assert row.test_score == ((former["result"] or {}).pop("test", None))
    assert former == {name: expected["row"][name] for name in names - {"reason"}}
    assert row.reason == message(expected["row"]["reason"])
    history = history_rows(migrated, run)
    assert (history[:1], history[-1:]) == tuple(
        [each] if each else []
        for each in (expected["history"]["first"], expected["history"]["last"])
    )
    rows = [{name: x for name, x in each.items() if name != "seconds"} for each in history]
    assert sha256_of_rows(rows) == expected["history"]["sha256_without_seconds"]
    tested = [each["step"] for each in history if each["validation"] is not None]
    assert row.tested_step == (tested[-1] if tested else None)
    saved_steps = {
        str(step): {
            "weights": sha256(migrated.weights(run, step) or b""),
            "snapshot": sha256(json.dumps(snapshot, sort_keys=True).encode()),
        }
        for step, snapshot in migrated.snapshots(run)
    }
    assert saved_steps == expected["saved_steps"]
    last = migrated.last_checkpoint(run)
    assert (last and [last[0], sha256(last[1])]) == expected["checkpoint"]


@pytest.mark.parametrize("order", EXPECTED["orders"])
def test_stored_runs_are_sorted_as_before(migrated: Store, order: str) -> None:
    """But for the runs without a value, which the version 1 put first where names ascend."""
    sort, direction = order.split()
    rows = migrated.runs(Query(sort=sort, descending=direction == "down", limit=200)).rows
    unknown = {row.id for row in rows if getattr(row, sort) in (None, "")}
    expected = sorted(EXPECTED["orders"][order], key=unknown.__contains__)
    assert [row.id for row in rows] == expected


@pytest.mark.parametrize("run", RESUMABLE)
def test_a_stored_run_is_resumed_from_its_checkpoint(migrated: Store, run: str) -> None:
    """Twice to the bit; and to the weights of then, up to what another processor rounds."""
    expected = EXPECTED["runs"][run]["resumed"]
    row, last = migrated.run(run), migrated.last_checkpoint(run)
    assert row is not None
    assert last is not None
    weights, rows = [], []
    for _ in range(2):
        trainer = load_checkpoint(stored_experiment(migrated, row), last[1])
        assert trainer.step == last[0]
        if "fails" in expected:
            with pytest.raises(Problem):
                trainer.advance()
            return
        while trainer.step < expected["to_step"]:
            trainer.advance()
            rows.append(trainer.row() or {})
        assert json.loads(json.dumps(trainer.changes)) == expected["changes"]
        weights.append(weights_of(trainer.model))
    assert weights[0] == weights[1]
    for name, values in load((V1 / expected["weights"]).read_bytes()).items():
        np.testing.assert_allclose(load(weights[0])[name], values, rtol=1e-4, atol=1e-6)
    for name, value in expected["last_row"].items():
        modern = next((new for new, old in FORMER_NAMES.items() if old == name), name)
        assert rows[-1][modern] == (value if value is None else pytest.approx(value, rel=1e-4))


@pytest.mark.parametrize("name", EXPECTED["archives"])
def test_an_archive_is_imported_and_exported_again(tmp_path: Path, name: str) -> None:
    expected = EXPECTED["archives"][name]
    bundle = read_archive((V1 / name).read_bytes(), lambda experiment, file: experiment)
    with open_store(tmp_path) as store:
        run = store.put(bundle)
        row = store.run(run)
        assert row is not None
        names = set(expected["row"])
        plain = {name: expected["row"][name] for name in names - {"reason"}}
        assert former_row(row, names) == plain
        assert row.reason == message(expected["row"]["reason"])
        assert store.bundle(run) == bundle
    again = read_archive(write_archive(bundle), lambda experiment, file: experiment)
    assert again == bundle
    original = EXPECTED["runs"][expected["of_run"]]
    assert len(bundle.history) == original["history"]["rows"]
    assert {str(each.step): sha256(each.weights) for each in bundle.saved_steps} == {
        step: each["weights"] for step, each in original["saved_steps"].items()
    }
    assert (bundle.file and sha256(bundle.file.content)) == (
        expected["file"] and expected["file"]["sha256"]
    )


# Permalinks --------------------------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The value of each parameter on the pages, whose store is that of the version 1."""
    values: dict[str, Any] = {}
    setting = permalink.value

    def record(key: str, parameter: str, *args: Any, **options: Any) -> Any:
        values[parameter] = setting(key, parameter, *args, **options)
        return values[parameter]

    copy_database(tmp_path)
    monkeypatch.setattr(permalink, "value", record)
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path))
    reset_server()
    yield values
    reset_server()


def modern_value(parameter: str, value: Any) -> Any:
    return VALUE_ALIASES.get(parameter, {}).get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link["name"])
def test_a_permalink_opens_with_its_settings(link: dict[str, Any], settings: Any) -> None:
    at = AppTest.from_file(ROOT.parent / "app.py", default_timeout=120)
    if link["page"].endswith("side_by_side.py"):
        at.run()  # AppTest learns only here that its address is not the name of the file
        settings.clear()
    at.query_params.update(link["query"])
    at.switch_page(link["page"]).run()
    assert not at.exception
    assert len(at.session_state["_settings"].problems) == link["problems"]
    expected = {
        PARAMETER_ALIASES.get(name, name): modern_value(PARAMETER_ALIASES.get(name, name), value)
        for name, value in link["expected"].items()
    }
    assert {name: settings.get(name) for name in expected} == expected
