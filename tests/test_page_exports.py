"""Export and import on the page of runs: what is downloaded comes back, here or elsewhere."""

import hashlib
import io
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.data import UPLOADS
from rnnviz.export import script
from rnnviz.messages import Problem
from rnnviz.model import ModelSpec
from rnnviz.store import Bundle, Checkpoint, Query, Store, Upload, write_archive
from rnnviz.tasks import TASKS, DelayedRecall, Forecast, Hello, Task
from rnnviz.training import Experiment, weights_of
from rnnviz.ui.run_text import MetricFormat
from rnnviz.ui.runs.import_export import archive, history_csv, import_run, standalone_script
from rnnviz.ui.services.training import service
from tests.conftest import reset_server
from tests.runs_page import (
    APP,
    captions,
    figures,
    link_labels,
    names,
    open_page,
    press,
    row_of,
    run_id,
    train,
    wait_for,
)
from tests.stored import an_experiment

SENTENCE = "The quick brown fox jumps over the lazy dog. "
TEXT = 40 * SENTENCE.encode()
TABLE = "time,rh (%)\n" + "\n".join(
    f"2026-01-01 {minute // 60:02}:{minute % 60:02},{50 + minute % 7}" for minute in range(600)
)


def text_experiment(content: bytes) -> dict[str, Any]:
    """An experiment, as plain data, on a visitor's text."""
    key = hashlib.sha256(content).hexdigest()
    return {"task": {"name": "text", "source": "own", "file": key}}


def import_without_page(store: Store, content: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnviz.ui.runs.selection.open_run", lambda run: None)
        import_run(store, content)


def test_an_exported_run_is_complete(store: Store) -> None:
    trainer = train(store, 1, task=Hello(), spec=ModelSpec("rnn", 4))
    row, history = row_of(store, 1), store.history(run_id(1))
    labels = [button.proto.label for button in open_page(run=row.id).get("download_button")]
    assert {"PyTorch script", "Whole run (.zip)"} <= set(labels)
    lines = history_csv(store, row).splitlines()
    assert len(lines) == 14
    assert lines[0].startswith("step,")
    plain_script = standalone_script(store, row, trainer.experiment)
    assert plain_script == script(trainer.experiment, history)
    import_without_page(store, archive(store, row.id))
    [imported] = {other.id for other in store.runs(Query()).rows} - {row.id}
    assert store.history(imported) == history
    assert store.weights(imported, 12) == store.weights(row.id, 12)
    assert store.last_checkpoint(imported) == store.last_checkpoint(row.id)


def test_changes_during_the_run_are_in_its_script_and_among_its_settings(store: Store) -> None:
    trainer = train(store, 1, task=Hello(), spec=ModelSpec("rnn", 4))
    changes = [[3, {"lr": 0.5}], [7, {"clip": None}]]
    store.set_state(run_id(1), "finished", facts={"changes": changes})
    history = store.history(run_id(1))
    text = standalone_script(store, row_of(store, 1), trainer.experiment)
    assert text == script(trainer.experiment, history, changes)
    assert text != script(trainer.experiment, history)
    table = open_page(run=run_id(1)).dataframe[-1].value
    settings = dict(zip(table.iloc[:, 0], table.iloc[:, 1], strict=True))
    assert settings["From step 3"] == "Learning rate: 0.5"
    assert settings["From step 7"] == "Gradient clipping: —"
    assert [settings[name] for name in ("Task", "Cell", "Both directions")] == [
        "Next character",
        "RNN",
        "no",
    ]


class SmallArchives(Store):
    """A store whose archives have room for a checkpoint of ten bytes."""

    def omits_checkpoint(self, run: str, *_: Any) -> bool:
        return super().omits_checkpoint(run, total_bytes=10)


@pytest.mark.parametrize(
    ("state", "size", "is_mentioned"),
    [("interrupted", 11, True), ("interrupted", 9, False), ("finished", 11, False)],
)
def test_the_page_mentions_a_checkpoint_that_the_archive_of_an_unfinished_run_omits(
    tmp_path: Path, state: Any, size: int, is_mentioned: bool
) -> None:
    def page(store: object, row: object) -> None:
        from rnnviz.ui.runs.import_export import draw_exports

        draw_exports(store, row, None, None)

    store = SmallArchives(tmp_path)
    try:
        bundle = Bundle(an_experiment(), state=state, checkpoint=Checkpoint(1, bytes(size)))
        row = store.run(store.put(bundle))
        at = AppTest.from_function(page, default_timeout=60, kwargs={"store": store, "row": row})
        assert not at.run().exception
        assert bool(captions(at, "too large for the archive")) == is_mentioned
    finally:
        store.close()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (write_archive(Bundle({"task": {"name": "os.system"}})), "not a task"),
        (write_archive(Bundle({"model": {"hidden": 10**9}})), "1000000000; allowed is 1 to"),
        (write_archive(Bundle({}, {"changes": [[2, {"lr": -1}]]})), "lr is -1"),
        (
            write_archive(Bundle({"task": {"name": "text", "source": "own", "file": "x"}})),
            "no longer available",
        ),
    ],
)
def test_a_hostile_archive_is_refused_with_a_reason_and_stores_nothing(
    store: Store, content: bytes, message: str
) -> None:
    with pytest.raises(Problem, match=message):
        import_without_page(store, content)
    assert store.runs(Query()).total == 0


def zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("own.txt", bytes(10 * 2**20))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (80 * "기온 ".encode() + b"\xff\xfe\x81" + 80 * "기온 ".encode(), "byte 561 is 0xff"),
        (zip_bomb(), "zip archive; unpack it first"),
    ],
)
def test_a_file_in_an_archive_is_validated_like_an_upload(
    store: Store, content: bytes, message: str
) -> None:
    bundle = Bundle(text_experiment(content), file=Upload("", content))
    with pytest.raises(Problem, match=message):
        import_without_page(store, write_archive(bundle))
    assert store.runs(Query()).total == 0
    assert store.file(hashlib.sha256(content).hexdigest()) is None


def test_a_file_that_the_task_does_not_read_is_not_stored(store: Store) -> None:
    content = b"\0 no text"
    plain = text_experiment(content)
    plain["task"]["source"] = "alice"
    import_without_page(store, write_archive(Bundle(plain, file=Upload("", content))))
    assert store.runs(Query()).total == 1
    assert store.file(plain["task"]["file"]) is None


@contextmanager
def another_machine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store in a folder of its own, and nothing in memory that was read before."""
    monkeypatch.setenv("RNNVIZ_DATA", str(folder))
    monkeypatch.setattr(UPLOADS, "_contents", OrderedDict())
    modules = [module for name, module in sys.modules.items() if name.startswith("rnnviz")]
    for member in [member for module in modules for member in vars(module).values()]:
        if hasattr(member, "cache_clear") and not isinstance(member, type):
            member.cache_clear()
    reset_server()
    store = Store(folder)
    try:
        yield store
    finally:
        store.close()
        reset_server()


@pytest.mark.parametrize(
    ("content", "task"),
    [
        (TEXT, {"name": "text", "source": "own"}),
        (
            TABLE.encode(),
            {"name": "weather", "source": "own", "lookback": 12, "step": 6, "delay": 6},
        ),
    ],
)
def test_a_run_is_resumed_on_another_machine_with_the_file_from_its_archive(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    task: dict[str, Any],
) -> None:
    own_task = Experiment.from_plain({"task": {**task, "file": UPLOADS.add(content)}}).task
    train(store, 1, own_task, until=5)
    uninterrupted = train(store, 2, own_task)
    store.save_file(content, "mine")
    exported = archive(store, run_id(1))
    with another_machine(tmp_path / "elsewhere", monkeypatch) as there:
        import_without_page(there, exported)
        [row] = there.runs(Query()).rows
        assert there.file(own_task.files[0]) == ("mine", content)
        at = open_page(run=row.id)
        assert not at.warning
        try:
            at = press(at, "resume")
            wait_for(at, lambda: there.runs(Query()).rows[0].state == "finished")
        finally:
            service().close()
        assert there.weights(row.id, 12) == weights_of(uninterrupted.model)
        step = AppTest.from_file(APP, default_timeout=60)
        step.query_params["run"] = row.id
        step.switch_page("pages/learn/step.py").run()
        assert not step.exception
        assert not step.warning


def test_an_archive_of_an_earlier_version_needs_an_upload_of_its_file(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_file = write_archive(Bundle(text_experiment(TEXT)))
    with another_machine(tmp_path / "elsewhere", monkeypatch) as there:
        with pytest.raises(Problem, match="upload it again"):
            import_without_page(there, without_file)
        assert there.runs(Query()).total == 0
        key = UPLOADS.add(TEXT)
        import_without_page(there, without_file)
        assert there.file(key) == ("", TEXT)


def test_an_uploaded_archive_opens_and_a_broken_one_is_explained_beside_the_uploader(
    store: Store,
) -> None:
    def uploader(at: AppTest) -> Any:
        return next(expander for expander in at.expander if expander.label == "Import a run")

    def upload(at: AppTest, content: bytes) -> AppTest:
        at.file_uploader[0].set_value(("run.zip", content, "application/zip")).run()
        assert not at.exception
        return at

    train(store, 1)
    content = archive(store, run_id(1))
    at = upload(open_page(), content)
    assert store.runs(Query()).total == 2
    assert at.query_params["run"] != run_id(1)
    assert len(figures(at)) == 2
    at = upload(press(at, "all"), content[:-30])
    assert store.runs(Query()).total == 2
    assert len(names(at)) == 2
    [warning] = at.warning
    assert "not a run" in warning.value
    assert uploader(at).proto.expanded
    assert [box.value for box in uploader(at).warning] == [warning.value]
    at = press(upload(at, content), "all")
    assert not at.warning
    assert not uploader(at).proto.expanded


@pytest.mark.parametrize(
    ("task", "spec", "reason"),
    [
        (DelayedRecall(lag=3), ModelSpec("gru", 4), ""),
        (DelayedRecall(lag=3), ModelSpec("rnn", 4, spectral_radius=1.0), "no control there"),
        (None, ModelSpec("gru", 4), ""),
    ],
)
def test_the_settings_open_in_side_by_side_or_a_reason_explains_why_not(
    store: Store, task: Task | None, spec: ModelSpec, reason: str
) -> None:
    if task is None:
        UPLOADS.add(TEXT)
        store.save_file(TEXT, "")
        task = Experiment.from_plain(text_experiment(TEXT)).task
    train(store, 1, task, spec, steps=2)
    at = open_page(run=run_id(1))
    reasons = captions(at, "in Side by side:")
    assert bool(reasons) == bool(reason)
    assert reason in "".join(reasons)
    assert bool(reason) != any("Side by side" in label for label in link_labels(at))


def test_an_error_measured_in_percent_is_no_share(store: Store) -> None:
    content = TABLE.encode()
    task = Forecast(source="own", file=UPLOADS.add(content), lookback=12, step=6, delay=6)
    assert (task.metric_unit, MetricFormat.of(task).text(8.3)) == ("%", "8.3 %")
    assert MetricFormat.of(DelayedRecall()).text(0.083) == "8.3 %"
    assert MetricFormat.of(TASKS["wave"]()).text(0.083) == "0.083"
    train(store, 1, task)
    store.save_file(content, "station.csv")
    metric = row_of(store, 1).validation_metric
    assert metric is not None
    assert list(open_page().dataframe[0].value["Score"]) == [f"{metric:.3g} % (validation)"]
    figure = figures(open_page(run=run_id(1)))[0]
    assert metric in [y for trace in figure["data"] for y in (trace.get("y") or [])[-1:]]
    assert figure["layout"]["yaxis"]["title"]["text"].endswith("(%)")
