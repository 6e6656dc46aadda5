"""A stored column is declared once: everything else follows from its declaration."""

import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from rnnviz.jobs import History
from rnnviz.store.columns import HISTORY_COLUMNS

ROOT = Path(__file__).parents[1]

DECLARATIONS = {
    "RunFields": (
        '    result: Annotated[dict[str, Any] | None, _json("TEXT", "NULL")] = None\n',
        '    grade: Annotated[str, Column("TEXT", N_("Grade"), from_sql=lambda x: x or "")] = ""\n',
    ),
    "RunRow": (
        "    tested_step: Annotated[",
        '    batch: Annotated[int | None, Column("INTEGER", N_("Batch size"), '
        'source=_integer_setting("optimiser", "batch"))]\n',
    ),
    "HISTORY": ('    "norm": "REAL",\n', '    "entropy": "REAL",\n'),
}
"""A line of the module, and the declaration of a new column that is added there."""

USE = """
import sys
from dataclasses import replace
from pathlib import Path
from rnnviz.store import SORTS, Bundle, Query, Store, read_archive, write_archive

store = Store(Path(sys.argv[1]))
for batch, grade in ((8, "b"), (32, "a"), (16, "")):
    experiment = {"optimiser": {"batch": batch}}
    rows = ({"step": 0, "seconds": 0.0, "entropy": batch / 2},)
    store.put(Bundle(experiment, grade=grade, history=rows))
assert (SORTS["batch"], SORTS["grade"]) == ("Batch size", "Grade")
for sort, order in (("batch", [8, 16, 32]), ("grade", [16, 32, 8])):
    page = store.runs(Query(sort=sort, descending=False)).rows
    assert [row.batch for row in page] == order, sort
row = store.runs(Query(sort="batch")).rows[0]
assert (row.batch, row.grade, store.history(row.id)["entropy"]) == (32, "a", [16.0])
bundle = store.bundle(row.id)
again = read_archive(write_archive(bundle), lambda experiment, file: experiment)
assert again == bundle and again.grade == "a" and again.history[0]["entropy"] == 16.0
imported = store.run(store.put(replace(again, name="imported")))
assert (imported.batch, imported.grade) == (32, "a")
store.begin("a", race="r", experiment={"optimiser": {"batch": 4}}, facts={})
store.append("a", [{"step": 1, "entropy": 0.25}])
store.flush()
assert (store.run("a").batch, store.history("a")["entropy"]) == (4, [0.25])
store.close()
"""


def test_a_column_that_is_declared_is_stored_read_sorted_exported_and_imported(
    tmp_path: Path,
) -> None:
    """In a copy of the package with three more declarations."""
    package = tmp_path / "rnnviz"
    shutil.copytree(ROOT / "rnnviz" / "store", package / "store")
    for module in ("__init__", "messages", "names", "settings"):
        shutil.copy(ROOT / "rnnviz" / f"{module}.py", package)
    columns = package / "store" / "columns.py"
    source = columns.read_text(encoding="utf-8")
    for line, declaration in DECLARATIONS.values():
        assert source.count(line) == 1
        source = source.replace(line, declaration + line)
    columns.write_text(source, encoding="utf-8")
    command = [sys.executable, "-c", USE, str(tmp_path / "runs")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_history_of_the_jobs_has_the_stored_columns() -> None:
    assert {field.name for field in fields(History)} == set(HISTORY_COLUMNS)
