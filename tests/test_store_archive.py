"""An exported run is imported whole; a hostile file is refused with a message, and soon."""

import csv
import io
import json
import math
import time
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnviz.data import SERIES_LIMIT, TEXT_LIMIT
from rnnviz.messages import N_, Message, Problem
from rnnviz.store import (
    HISTORY_COLUMNS,
    Bundle,
    Checkpoint,
    Query,
    SavedStep,
    Store,
    Upload,
    read_archive,
    write_archive,
)
from rnnviz.store.archive_reader import MAX_ENTRIES, MAX_HEADER, MAX_SIZE, MAX_UPLOAD
from rnnviz.store.bundle import MAX_BYTES, MAX_ROWS, MAX_SNAPSHOTS
from rnnviz.store.entries import MAX_UNPACKED
from tests.stored import an_experiment, delete_for_good, open_store, some_rows, tensors


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as store:
        yield store


def accept(experiment: dict[str, Any], file: Upload | None) -> dict[str, Any]:
    return experiment


OWN = Upload("own.txt", "글 ".encode() * 500)

WHOLE = Bundle(
    experiment={**an_experiment(cell="lstm"), "task": {"name": "adding", "file": OWN.key}},
    facts={"parameters": 77, "versions": {"torch": "2"}},
    state="stopped",
    name="이름",
    note="a note",
    reason=Message("{count} were waiting.", {"count": 3}),
    result={"loss": 0.5, "shares": [0.1, 0.2]},
    history=tuple(some_rows(30)),
    saved_steps=tuple(SavedStep(step, tensors(step), {"norms": [step / 3]}) for step in (0, 5, 90)),
    checkpoint=Checkpoint(87, tensors(1)),
    file=OWN,
)

# Export and import ------------------------------------------------------------------------------


def test_a_run_is_exported_and_imported(store: Store) -> None:
    content = write_archive(WHOLE)
    assert content == write_archive(WHOLE)
    assert read_archive(content, accept) == WHOLE
    run = store.put(read_archive(content, accept))
    assert store.put(WHOLE) != run
    assert store.bundle(run) == WHOLE
    row = store.run(run)
    assert row is not None
    assert (row.task, row.cell, row.parameters, row.race) == ("adding", "lstm", 77, run)
    assert row.steps == 90  # its checkpoint; the latest row is of step 87
    assert store.runs(Query(search="이름 lstm")).total == 2
    store.mark_interrupted()
    assert store.run(run) == row


finite = st.floats(allow_nan=False, allow_infinity=False)
rows = st.lists(st.tuples(finite, *[st.none() | finite] * 5), max_size=5).map(
    lambda rows: tuple(
        dict(zip(HISTORY_COLUMNS, (k, *row), strict=True)) for k, row in enumerate(rows)
    )
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N"]), max_size=20),
    history=rows,
    saved_steps=st.sets(st.integers(0, 10**9), max_size=4),
    checkpoint=st.none() | st.integers(0, 10**9),
)
def test_any_run_is_exported_and_imported(
    name: str,
    history: tuple[dict[str, Any], ...],
    saved_steps: set[int],
    checkpoint: int | None,
    store: Store,
) -> None:
    bundle = replace(
        WHOLE,
        name=name,
        history=history,
        saved_steps=tuple(SavedStep(step, tensors(step), {}) for step in sorted(saved_steps)),
        checkpoint=None if checkpoint is None else Checkpoint(checkpoint, tensors(2)),
    )
    first = store.bundle(store.put(bundle))
    assert first is not None
    assert (first.history, first.saved_steps, first.checkpoint) == (
        bundle.history,
        bundle.saved_steps,
        bundle.checkpoint,
    )
    assert read_archive(write_archive(first), accept) == first


def test_other_programs_can_read_an_archive() -> None:
    with zipfile.ZipFile(io.BytesIO(write_archive(WHOLE))) as archive:
        assert archive.testzip() is None
        names = [
            "run.json",
            "history.csv",
            "snapshots.json",
            *(f"weights/{k}.safetensors" for k in (0, 5, 90)),
        ]
        assert archive.namelist() == [*names, "checkpoint.safetensors", f"uploads/{OWN.key}"]
        assert archive.read(f"uploads/{OWN.key}") == OWN.content
        table = list(csv.DictReader(io.StringIO(archive.read("history.csv").decode())))
        assert [float(row["norm"]) for row in table] == [row["norm"] for row in WHOLE.history]
        assert table[1]["validation_metric"] == ""
        assert archive.read("weights/90.safetensors") == tensors(90)
        assert json.loads(archive.read("run.json"))["experiment"] == WHOLE.experiment


def test_the_file_that_a_run_reads_is_stored_under_its_key(store: Store) -> None:
    run = store.put(read_archive(write_archive(WHOLE), accept))
    assert store.file(OWN.key) == (OWN.title, OWN.content)
    other = store.put(replace(WHOLE, file=replace(OWN, title="of another visitor")))
    assert store.file(OWN.key) == (OWN.title, OWN.content)
    delete_for_good(store, [run])
    assert store.file(OWN.key) is not None
    delete_for_good(store, [other])
    assert store.file(OWN.key) is None
    store.save_file(OWN.content, "x" * 500)
    bundle = store.bundle(store.put(replace(WHOLE, file=None)))
    assert bundle is not None
    assert bundle.file == Upload("x" * 120, OWN.content)


def test_an_archive_from_before_files_were_included_is_read() -> None:
    """It has neither a title of a file in its settings nor an entry for one."""
    with zipfile.ZipFile(io.BytesIO(write_archive(WHOLE))) as archive:
        plain = json.loads(archive.read("run.json"))
    del plain["file"]
    old = modify(**{"run__json": json.dumps(plain).encode(), f"uploads/{OWN.key}": None})
    assert read_archive(old, accept) == replace(WHOLE, file=None)


def test_the_validation_of_the_experiment_receives_the_file() -> None:
    seen = []

    def validate(experiment: dict[str, Any], file: Upload | None) -> dict[str, Any]:
        seen.append(file)
        return experiment

    read_archive(write_archive(WHOLE), validate)
    read_archive(write_archive(replace(WHOLE, file=None)), validate)
    assert seen == [OWN, None]


def test_a_file_in_an_archive_may_be_as_large_as_an_upload() -> None:
    assert max(SERIES_LIMIT, TEXT_LIMIT) * 2**20 == MAX_UPLOAD


def test_a_large_file_leaves_less_room_for_weights(store: Store) -> None:
    """What is exported must be accepted again; the last weights are exported in any case."""
    weights = tensors(0, 1000)
    saved_steps = tuple(SavedStep(step, weights, {}) for step in range(11))
    run = store.put(replace(WHOLE, saved_steps=saved_steps))
    bundle = store.bundle(run, 11 * len(weights))
    assert bundle is not None
    assert len(bundle.saved_steps) == 6
    bundle = store.bundle(run, 10)
    assert bundle is not None
    assert (len(bundle.saved_steps), bundle.file) == (1, OWN)


def test_many_saved_steps_are_thinned_evenly_and_keep_the_last(store: Store) -> None:
    weights = tensors(0, 1000)
    saved_steps = tuple(SavedStep(step, weights, {}) for step in range(11))
    run = store.put(replace(WHOLE, experiment=an_experiment(), saved_steps=saved_steps, file=None))
    for weight_bytes, steps in (
        (11 * len(weights), range(11)),
        (6 * len(weights), range(0, 11, 2)),
        (0, [10]),
    ):
        bundle = store.bundle(run, weight_bytes)
        assert bundle is not None
        assert [saved_step.step for saved_step in bundle.saved_steps] == list(steps)


def test_a_checkpoint_is_omitted_if_the_archive_would_be_too_large_to_import(
    store: Store,
) -> None:
    weights, file = 100, 2 * 30
    saved_steps = tuple(SavedStep(step, bytes(weights), {}) for step in range(3))
    run = store.put(
        replace(
            WHOLE,
            experiment=an_experiment() | {"task": {"file": Upload("", bytes(file)).key}},
            saved_steps=saved_steps,
            checkpoint=Checkpoint(2, bytes(3 * weights)),
            file=Upload("", bytes(file)),
        )
    )
    everything = 3 * weights + 3 * weights + 30
    for whole, steps, goes in (
        (everything, [0, 1, 2], True),
        (everything - 1, [0, 2], True),
        (4 * weights + 30, [2], True),
        (4 * weights + 29, [0, 1, 2], False),
    ):
        bundle = store.bundle(run, total_bytes=whole)
        assert bundle is not None
        assert [saved_step.step for saved_step in bundle.saved_steps] == steps
        assert (bundle.checkpoint is not None) == goes
        assert store.omits_checkpoint(run, total_bytes=whole) != goes
    assert not store.omits_checkpoint("unknown")


def test_the_largest_export_can_be_imported() -> None:
    history, half = MAX_ROWS * 100, 2  # a table or a file takes half of its bytes in the archive
    assert MAX_BYTES + (history + MAX_SNAPSHOTS) // half <= MAX_SIZE
    assert MAX_BYTES - MAX_UPLOAD // half + MAX_UPLOAD + history + MAX_SNAPSHOTS <= MAX_UNPACKED


@pytest.mark.parametrize(
    "reason",
    [
        Message("{n} {n:time|times}.", {"n": 1}),
        Message("{n} times: {last}", {"n": 3, "last": Message("{signal}.", {"signal": None})}),
    ],
)
def test_a_reason_may_have_a_plural_and_contain_a_message(reason: Message) -> None:
    bundle = replace(WHOLE, state="failed", reason=reason)
    assert read_archive(write_archive(bundle), accept) == bundle


def test_a_norm_that_overflowed_is_imported_as_a_gap() -> None:
    saved_steps = (SavedStep(0, tensors(0), {"norms": [0.5, float("inf")]}),)
    (saved_step,) = read_archive(
        write_archive(replace(WHOLE, saved_steps=saved_steps)), accept
    ).saved_steps
    assert saved_step.snapshot == {"norms": [0.5, None]}


@pytest.mark.parametrize("state", ["queued", "running", "paused", "stopping"])
def test_a_run_that_was_live_is_interrupted(store: Store, state: Any) -> None:
    row = store.run(store.put(replace(WHOLE, state=state)))
    assert row is not None
    assert row.state == "interrupted"
    assert row.reason == Message("This run was exported before it had ended.")


def test_the_experiment_is_validated(store: Store) -> None:
    content = write_archive(WHOLE)
    assert read_archive(content, lambda experiment, file: {"was": experiment}).experiment == {
        "was": WHOLE.experiment
    }

    def refuse(experiment: dict[str, Any], file: Upload | None) -> dict[str, Any]:
        raise Problem(N_("No."))

    with pytest.raises(Problem, match=r"^No\.$"):
        read_archive(content, refuse)


def test_a_run_is_stored_whole_or_not_at_all(store: Store) -> None:
    with pytest.raises(Problem, match="characters"):
        store.put(replace(WHOLE, name="x" * 200))
    with pytest.raises(ValueError, match="whole number"):
        store.put(replace(WHOLE, saved_steps=(SavedStep(-1, b"", {}),)))
    assert store.runs(Query()).total == 0


# Hostile files -----------------------------------------------------------------------------------


def modify(**entries: bytes | None) -> bytes:
    """The archive with other entries; None takes one away. "__" stands for a full stop."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(write_archive(WHOLE))) as archive,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as other,
    ):
        contents = {name: archive.read(name) for name in archive.namelist()}
        for name, content in {
            **contents,
            **{name.replace("__", "."): content for name, content in entries.items()},
        }.items():
            if content is not None:
                other.writestr(name, content)
    return file.getvalue()


def settings_with(**changes: Any) -> bytes:
    with zipfile.ZipFile(io.BytesIO(write_archive(WHOLE))) as archive:
        plain = json.loads(archive.read("run.json"))
    return modify(run__json=json.dumps({**plain, **changes}).encode())


def file_of(experiment: Any = WHOLE.experiment, **others: bytes | None) -> bytes:
    """The archive with something else in place of the visitor's file."""
    with zipfile.ZipFile(io.BytesIO(write_archive(WHOLE))) as archive:
        plain = json.loads(archive.read("run.json"))
    settings = json.dumps({**plain, "experiment": experiment}).encode()
    return modify(run__json=settings, **others)


def snapshots_of(*snapshots: Any) -> bytes:
    return modify(snapshots__json=json.dumps(snapshots).encode())


def history_of(*lines: str) -> bytes:
    return modify(history__csv="\n".join([",".join(HISTORY_COLUMNS), *lines]).encode())


def encrypted_archive() -> bytes:
    """The flag "encrypted" set in every header."""
    content = bytearray(write_archive(WHOLE))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(sign)
        while start >= 0:
            content[start + place] |= 1
            start = content.find(sign, start + 1)
    return bytes(content)


def many_entries() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(MAX_ENTRIES + 1):
            archive.writestr(f"{number}", b"")
    return file.getvalue()


def bomb(entry: str) -> Callable[[], bytes]:
    return lambda: modify(**{entry: bytes(MAX_UNPACKED + 1)})


def archive_compressed_by(method: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("run.json", b"{}")
    return file.getvalue()


def crowded_header(size: int) -> bytes:
    """Safetensors with a header of about `size` bytes that names many tensors without a number."""
    named = (f'"{k}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}' for k in range(size // 57))
    header = f"{{{','.join(named)}}}".encode()
    return len(header).to_bytes(8, "little") + header


def crowded_headers(count: int) -> bytes:
    """Saved steps with many headers, each as long as is allowed."""
    crowd = crowded_header(MAX_HEADER)
    snapshots = json.dumps([[step, {}] for step in range(count)]).encode()
    weights = {f"weights/{step}__safetensors": crowd for step in range(count)}
    return modify(snapshots__json=snapshots, **weights)


def reason(template: str, values: Any) -> dict[str, Any]:
    return {"template": template, "values": values}


def nested_reason(depth: int) -> dict[str, Any]:
    return reason("{last}", {"last": nested_reason(depth - 1) if depth else 1})


def bomb_that_claims_to_be_small() -> bytes:
    """A bomb whose header claims that it is small."""
    content = bytearray(bomb("run__json")())
    size = (MAX_UNPACKED + 1).to_bytes(4, "little")
    assert size in content
    return bytes(content.replace(size, (100).to_bytes(4, "little")))


def long_names() -> bytes:
    """Entries without content, with names of 60 kB: a directory of 6 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(100):
            archive.writestr(f"{number:060000}", b"")
    return file.getvalue()


def an_entry_twice() -> bytes:
    file = io.BytesIO(write_archive(WHOLE))
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(file, "a") as archive:
        archive.writestr("run.json", b"{}")
    return file.getvalue()


def header_of(entry: str) -> bytes:
    header = f'{{"w":{{"dtype":"F32","shape":[{entry}],"data_offsets":[0,0]}}}}'.encode()
    return len(header).to_bytes(8, "little") + header


NESTED = b"[" * 100_000
DEEP: Any = []
for _ in range(100):
    DEEP = [DEEP]

OWN_ENTRY = f"uploads/{OWN.key}"

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "not a run"),
    "a text": (lambda: b"step,loss\n1,2\n", "not a run"),
    "half": (lambda: write_archive(WHOLE)[:2000], "not a run"),
    "large": (lambda: bytes(MAX_SIZE + 1), "65 MB; allowed is up to 64 MB"),
    "many entries": (many_entries, "4001 entries; allowed is up to 4000"),
    "bomb": (bomb("run__json"), "run.json is too large once unpacked; allowed is up to 8 MB"),
    "bomb in the history": (bomb("history__csv"), "history.csv is too large"),
    "bomb in the weights": (bomb("weights/5__safetensors"), "allowed is up to 128 MB"),
    "a bomb that lies": (bomb_that_claims_to_be_small, "run.json is invalid"),
    "LZMA": (lambda: archive_compressed_by(zipfile.ZIP_LZMA), "not deflated"),
    "bzip2": (lambda: archive_compressed_by(zipfile.ZIP_BZIP2), "not deflated"),
    "encrypted": (encrypted_archive, "run.json is invalid"),
    "long names": (long_names, "not a run"),
    "an entry twice": (an_entry_twice, "not a run"),
    **{
        f"{entry}: {name}": (
            lambda entry=entry, part=part: modify(
                **{entry: b"[" + part * (7_900_000 // len(part)) + b"0]"}
            ),
            f" {kind}; allowed is up to",
        )
        for entry in ("run__json", "snapshots__json", "history__csv")
        for name, part, kind in (
            ("lists", b"[],", "lists and tables"),
            ("tables", b"{},", "lists and tables"),
            ("keys", b'{"a":1},', "lists and tables"),
            ("texts", b'"ab",', "texts"),
            ("numbers", b"1e9,", "values" if entry != "history__csv" else "lists and tables"),
        )
        if entry != "history__csv" or name == "lists"
    },
    "history: one line of cells": (lambda: history_of("," * 8_000_000), " values; allowed is"),
    "history: many lines": (lambda: history_of(*[""] * 8_000_000), " values; allowed is"),
    "history: a long cell": (lambda: history_of("1" * 8_000_000), "history.csv is invalid"),
    "weights: a shape": (
        lambda: modify(**{"weights/5__safetensors": header_of("0," * 240_000 + "0")}),
        "values; allowed is",
    ),
    "no settings": (lambda: modify(run__json=None), "lacks run.json"),
    "no history": (lambda: modify(history__csv=None), "lacks history.csv"),
    "no weights": (lambda: modify(**{"weights/5__safetensors": None}), "lacks weights/5.s"),
    "no checkpoint": (lambda: modify(checkpoint__safetensors=None), "lacks checkpoint"),
    "settings: text": (lambda: modify(run__json=b"hello"), "run.json is invalid"),
    "settings: bytes": (lambda: modify(run__json=b"\xff\xfe"), "run.json is invalid"),
    "settings: a list": (lambda: modify(run__json=b"[]"), "a table of settings is needed"),
    "settings: nested": (lambda: modify(run__json=NESTED), "100000 lists and tables"),
    "settings: nested a little": (lambda: modify(run__json=NESTED[:9000]), "run.json is invalid"),
    "settings: a long number": (lambda: modify(run__json=b"9" * 10_000), "run.json is invalid"),
    "facts: nested": (lambda: settings_with(facts={"a": DEEP}), "nested deeper"),
    "format": (lambda: settings_with(format=3), "format 3; allowed is 1, 2"),
    "format: a text": (lambda: settings_with(format="1"), "format '1'; allowed is 1"),
    "facts: a wide number": (lambda: settings_with(facts={"size": 10**400}), "the number 1000"),
    "name": (lambda: settings_with(name=5), "name: 5"),
    "state": (lambda: settings_with(state="lost"), "state: 'lost'"),
    "experiment": (lambda: settings_with(experiment=[]), "experiment: "),
    "facts": (lambda: settings_with(facts=None), "facts: None"),
    "result": (lambda: settings_with(result=[]), "result: "),
    "snapshots": (lambda: snapshots_of([1]), "snapshots.json is invalid"),
    "snapshots: no table": (lambda: snapshots_of([1, 2]), "a snapshot is a table"),
    "snapshots: twice": (lambda: snapshots_of([5, {}], [5, {}]), "comes twice"),
    "snapshots: no list": (lambda: snapshots_of(5), "snapshots.json is invalid"),
    "snapshots: a path": (lambda: snapshots_of(["../../x", {}]), "whole number"),
    "snapshots: a number": (lambda: modify(snapshots__json=b"5"), "snapshots.json is invalid"),
    "snapshots: norms": (lambda: snapshots_of([5, {"norms": 5}]), "norms of a snapshot"),
    "snapshots: no numbers": (lambda: snapshots_of([5, {"norms": ["<b>"]}]), "norms of a snapshot"),
    "snapshots: nan": (lambda: snapshots_of([5, {"norms": [math.nan]}]), "norms of a snapshot"),
    "snapshots: nested": (lambda: snapshots_of([5, {"a": DEEP}]), "nested deeper"),
    "no snapshots": (lambda: modify(snapshots__json=None), "lacks snapshots.json"),
    "checkpoint": (lambda: settings_with(checkpoint=-1), "whole number"),
    **{
        f"reason: {name}": (lambda plain=plain: settings_with(reason=plain), complaint)
        for name, (plain, complaint) in {
            "attribute": (reason("{a.__class__}", {"a": 1}), "reason: "),
            "item": (reason("{a[0]}", {"a": "x"}), "reason: "),
            "width": (reason("{a:9999999999}", {"a": 1}), "reason: "),
            "a field inside a plural": (reason("{a:x|{a}}", {"a": 1}), "reason: "),
            "unknown field": (reason("{a}", {}), "reason: "),
            "empty": ({}, "run.json is invalid"),
            "half a field": (reason("{", {}), "run.json is invalid"),
            "another key": (reason("a", {}) | {"more": 1}, "run.json is invalid"),
            "a list": (reason("a", {"a": []}), "reason: "),
            "a list of values": (reason("a", ["a"]), "reason: "),
            "no template": (reason("", {}), "reason: 0"),
            "the name of a parameter": (reason("a", {"template": "b"}), "reason: "),
            "no message inside": (reason("a", {"a": {"b": 1}}), "reason: "),
            "deep": (nested_reason(3), "nested too deeply"),
        }.items()
    },
    "history: headings": (lambda: modify(history__csv=b"step,loss\n"), "headings are needed"),
    "history: empty": (lambda: modify(history__csv=b""), "headings are needed"),
    "history: short": (lambda: history_of("1,2"), "history.csv is invalid"),
    "history: long": (lambda: history_of("1,,,,,,,"), "history.csv is invalid"),
    "history: a letter": (lambda: history_of("1,a,,,,,"), "history.csv is invalid"),
    "history: no step": (lambda: history_of(",1,,,,,"), "history.csv is invalid"),
    "history: before the start": (lambda: history_of("-1,0,,,,,"), "whole number"),
    "history: gap": (lambda: history_of("", "1,0,,,,,"), "history.csv is invalid"),
    "history: bytes": (lambda: modify(history__csv=b"\xff\x00"), "history.csv is invalid"),
    "history: no seconds": (lambda: history_of("1,,,,,,"), "step 1 has no seconds"),
    "history: quote": (lambda: history_of('"1'), "history.csv is invalid"),
    "history: endless": (lambda: history_of(*["1,0,,,,,"] * 40_001), "more than 40000 rows"),
    "weights": (lambda: modify(**{"weights/5__safetensors": b"x" * 99}), "weights/5.safetensors"),
    "weights: crowded": (
        lambda: modify(**{"weights/5__safetensors": crowded_header(20 * MAX_HEADER)}),
        "its header has 2",
    ),
    "weights: crowds": (lambda: crowded_headers(6), "its header has 1"),
    "checkpoint: crowded": (
        lambda: modify(checkpoint__safetensors=crowded_header(2 * MAX_HEADER)),
        "its header has 2",
    ),
    "weights: none": (lambda: modify(**{"weights/5__safetensors": b""}), "weights/5.safetensors"),
    "file: another": (lambda: file_of(**{OWN_ENTRY: b"another"}), "SHA-256 begins with ae448ac8"),
    "file: cut": (lambda: file_of(**{OWN_ENTRY: OWN.content[:-1]}), "is not the file that"),
    "file: missing": (lambda: file_of(**{OWN_ENTRY: None}), f"lacks {OWN_ENTRY}"),
    "file: a bomb": (bomb(OWN_ENTRY), "too large once unpacked; allowed is up to 60 MB"),
    "file: of no experiment": (lambda: file_of(an_experiment()), "the experiment names ''"),
    "file: of no task": (lambda: file_of({"task": 5}), "the experiment names ''"),
    "file: a path": (lambda: file_of({"task": {"file": "../../x"}}), "the experiment names"),
    "file: a list": (lambda: settings_with(file=[]), "file: []"),
    "file: empty": (lambda: settings_with(file={}), "file: {}"),
    "file: another key": (lambda: settings_with(file={"title": "", "key": ""}), "file: {"),
    "file: no title": (lambda: settings_with(file={"title": 5}), "file: {'title': 5}"),
    "checkpoint: cut": (lambda: modify(checkpoint__safetensors=tensors(0)[:-1]), "checkpoint"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_a_message(name: str) -> None:
    make, complaint = HOSTILE[name]
    content = make()
    began = time.monotonic()
    with pytest.raises(Problem, match="allowed is") as caught:
        read_archive(content, accept)
    assert time.monotonic() - began < 5
    assert complaint in str(caught.value)
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


def test_a_bomb_is_not_unpacked() -> None:
    content = bomb("run__json")()
    tracemalloc.start()
    with pytest.raises(Problem, match="too large"):
        read_archive(content, accept)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < MAX_UNPACKED / 4


@pytest.mark.parametrize(
    ("entry", "content"),
    [
        ("snapshots__json", b'[[5,{"norms":[' + b"[]," * 15_900 + b"0]}]]"),
        ("snapshots__json", b'[[5,{"norms":[' + b'{"ab":1},' * 15_900 + b"0]}]]"),
        ("run__json", b"{" + b",".join(b'"%d":{}' % k for k in range(9990)) + b"}"),
        ("run__json", b'{"a":[' + b"1.5," * 59_900 + b"1]}"),
        ("history__csv", b"step,seconds\n" + b"1,2\n" * 40_000),
        ("weights/5__safetensors", crowded_header(MAX_HEADER)),
    ],
)
def test_what_is_just_within_the_bounds_takes_a_bounded_memory(entry: str, content: bytes) -> None:
    archive = modify(**{entry: content})
    tracemalloc.start()
    with suppress(Problem):
        read_archive(archive, accept)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < MAX_SIZE + 60 * 2**20


def test_the_largest_run_that_is_exported_is_within_the_bounds() -> None:
    norms = [0.25] * 200
    saved_steps = tuple(SavedStep(step, tensors(0), {"norms": norms}) for step in range(3000))
    history = tuple(dict.fromkeys(HISTORY_COLUMNS, step) for step in range(MAX_ROWS))
    whole = replace(WHOLE, saved_steps=saved_steps, history=history)
    assert len(read_archive(write_archive(whole), accept).saved_steps) == 3000


def test_entries_that_do_not_belong_to_a_run_are_ignored(tmp_path: Path) -> None:
    entries = {
        "../../evil": b"x",
        "/etc/evil": b"x",
        "weights/7__safetensors": bytes(MAX_UNPACKED + 1),
    }
    assert read_archive(modify(**entries), accept) == WHOLE


@settings(max_examples=300)
@given(data=st.data())
def test_a_damaged_archive_is_refused_or_read_as_a_storable_run(data: st.DataObject) -> None:
    """Bytes are changed or cut away anywhere."""
    content = bytearray(write_archive(WHOLE))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        bundle = read_archive(bytes(content), accept)
    except Problem:
        return
    assert read_archive(write_archive(bundle), accept) == bundle
