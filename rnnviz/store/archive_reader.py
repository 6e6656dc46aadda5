"""Read a run from the content of a .zip that may come from anywhere."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import safetensors

from rnnviz.messages import N_, Problem, excerpt
from rnnviz.store.archive_schema import parse_settings
from rnnviz.store.archive_writer import (
    CHECKPOINT,
    FORMAT,
    HISTORY,
    SETTINGS,
    SNAPSHOTS,
    upload_entry,
    weights_entry,
)
from rnnviz.store.bundle import (
    MAX_ROWS,
    MAX_SNAPSHOTS,
    Bundle,
    Checkpoint,
    SavedStep,
    Upload,
    upload_key,
)
from rnnviz.store.columns import FORMER_HEADINGS, HISTORY_COLUMNS
from rnnviz.store.entries import HOSTILE, MB, Bounds, Entries, demand
from rnnviz.store.sanitise import integer, number, step_of, text, to_json

NOT_A_RUN = N_("The file is not a run; allowed is a .zip of a run as it was exported here.")
TOO_LARGE = N_("The file has {size} MB; allowed is up to {limit} MB.")
TOO_MANY = N_("The file holds {count} entries; allowed is up to {limit}.")
ANOTHER_FILE = N_(
    "In the file, {entry} is not the file that the run has read: its SHA-256 begins with "
    "{checksum}; allowed is a .zip of a run as it was exported here."
)
UNKNOWN_FORMAT = N_("The run was exported in the format {value}; allowed is {allowed}.")

MAX_SIZE = 64 * MB
"""Bytes that an archive may have."""
MAX_TEXT = 8 * MB
"""Bytes of a JSON or CSV entry: what they become takes up to fifty times as much memory."""
MAX_ENTRIES = 4000
"""Entries that an archive may have."""
MAX_DIRECTORY = MB
"""Bytes of the directory of the archive: the names of its entries may be as long as 64 kB."""
MAX_UPLOAD = 60 * MB
"""Bytes of a visitor's file in it: as many as the largest that can be uploaded."""

MAX_HEADER = MB
"""Bytes of the header of weights or of a checkpoint, and of the numbers in it."""
MAX_HEADERS = 4 * MB
"""And of all headers together: the names in them take up to thirty times as much memory."""

SETTINGS_BOUNDS = Bounds(lists=10_000, values=60_000, texts=30_000)
SNAPSHOT_BOUNDS = Bounds(lists=4 * MAX_ENTRIES, values=MAX_SNAPSHOTS // 4, texts=4 * MAX_ENTRIES)
HISTORY_BOUNDS = Bounds(lists=0, values=8 * (MAX_ROWS + 1), texts=100)
HEADER_BOUNDS = Bounds(lists=60_000, values=200_000, texts=120_000)
"""A tensor has a table, two lists, four texts and some nine values."""

_SNAPSHOT_ENTRIES = {1: "looks.json", FORMAT: SNAPSHOTS}
"""The formats that can be read, and what each calls the entry of the snapshots."""

Validate = Callable[[dict[str, Any], Upload | None], dict[str, Any]]


def read_archive(content: bytes, validate: Validate) -> Bundle:
    """The run in `content`.

    Nothing is written to disk, and entries that do not belong to a run are ignored. `validate`
    receives the experiment and the visitor's file that it reads, if the archive contains it; it
    returns the experiment as it is to be stored, or raises a `Problem`. Facts and result are plain
    data of any content.

    Raises:
        Problem: it is too large or not a zip, or something in it is missing or invalid.
    """
    if len(content) > MAX_SIZE:
        raise Problem(TOO_LARGE, size=-(-len(content) // MB), limit=MAX_SIZE // MB)
    # Each entry has a line in the directory at the end: counted before anything is unpacked.
    count = content.count(b"PK\x01\x02")
    if count > MAX_ENTRIES:
        raise Problem(TOO_MANY, count=count, limit=MAX_ENTRIES)
    try:
        file = _Content(content)
        archive = zipfile.ZipFile(file)
        file.max_read = MAX_SIZE
        names = [entry.filename for entry in archive.infolist()]
        demand(len({*names}) == len(names), "an entry comes twice")
    except HOSTILE as error:
        raise Problem(NOT_A_RUN) from error
    with archive:
        entries = Entries(archive)
        version, settings = entries.read(SETTINGS, _settings, MAX_TEXT, SETTINGS_BOUNDS)
        history = entries.read(HISTORY, _history, MAX_TEXT, HISTORY_BOUNDS)
        tensors = _Tensors()
        saved_steps = tuple(
            SavedStep(step, entries.read(weights_entry(step), tensors), snapshot)
            for step, snapshot in entries.read(
                _SNAPSHOT_ENTRIES[version], _snapshots, MAX_TEXT, SNAPSHOT_BOUNDS
            )
        )
        step = settings.pop("checkpoint")
        checkpoint = None if step is None else Checkpoint(step, entries.read(CHECKPOINT, tensors))
        experiment, title = settings.pop("experiment"), settings.pop("file")
        upload = None if title is None else _upload(entries, upload_key(experiment), text(title))
    return Bundle(
        validate(experiment, upload),
        **settings,
        history=history,
        saved_steps=saved_steps,
        checkpoint=checkpoint,
        file=upload,
    )


class _Content(io.BytesIO):
    """The bytes of an archive; `max_read`: how many may be read at once, while it is opened."""

    max_read = MAX_DIRECTORY

    def read(self, size: int | None = -1) -> bytes:
        """Read `size` bytes, or what is left."""
        left = len(self.getbuffer()) - self.tell()
        count = left if size is None or size < 0 else min(size, left)
        demand(count <= self.max_read, f"a directory of {count} bytes")
        return super().read(size)


def _upload(entries: Entries, key: str, title: str) -> Upload:
    """The visitor's file that the experiment names by `key`."""
    entry = upload_entry(key)
    upload = entries.read(entry, lambda content: Upload(title, content), MAX_UPLOAD)
    if upload.key != key:
        raise Problem(ANOTHER_FILE, entry=entry, checksum=upload.key[:8])
    return upload


def _settings(content: bytes) -> tuple[int, dict[str, Any]]:
    """The format of the archive, and the values in run.json."""
    plain = _json(content)
    demand(isinstance(plain, dict), "a table of settings is needed")
    version = plain.get("format")
    if not isinstance(version, int) or version not in _SNAPSHOT_ENTRIES:
        allowed = ", ".join(map(str, _SNAPSHOT_ENTRIES))
        raise Problem(UNKNOWN_FORMAT, value=excerpt(repr(version)), allowed=allowed)
    return version, parse_settings(plain)


def _snapshots(content: bytes) -> list[tuple[int, dict[str, Any]]]:
    snapshots = [(step_of(step), snapshot) for step, snapshot in _json(content)]
    demand(len(snapshots) == len(dict(snapshots)), "a step comes twice")
    for _, snapshot in snapshots:
        if not isinstance(snapshot, dict):
            raise ValueError("a snapshot is a table")
        norms = snapshot.get("norms", [])
        # One that overflowed was stored as null.
        is_valid = isinstance(norms, list) and all(
            norm is None or number(norm) is not None for norm in norms
        )
        demand(is_valid, "the norms of a snapshot are a list of numbers")
    return snapshots


def _json(content: bytes) -> Any:
    value = json.loads(content.decode("utf-8"), parse_int=_integer)
    to_json(value)  # refuses what is nested too deeply
    return value


def _integer(digits: str) -> int:
    value = integer(int(digits))
    if value is None:
        raise ValueError(f"the number {digits[:30]}")
    return value


def _history(content: bytes) -> tuple[dict[str, Any], ...]:
    lines = csv.reader(io.StringIO(content.decode("utf-8")), strict=True)
    headings = tuple(FORMER_HEADINGS.get(each, each) for each in next(lines, ()))
    expected = ",".join(HISTORY_COLUMNS)
    is_known = len(headings) == len({*headings}) and {*headings} <= {*HISTORY_COLUMNS}
    demand(is_known and {"step", "seconds"} <= {*headings}, f"the headings are needed: {expected}")
    rows = []
    for line in lines:
        cells = dict(zip(headings, line, strict=True))
        step = step_of(int(cells.pop("step")))
        values = {name: number(float(cell)) if cell else None for name, cell in cells.items()}
        row = dict.fromkeys(HISTORY_COLUMNS) | {"step": step, **values}
        demand(row["seconds"] is not None, f"step {step} has no seconds")
        rows.append(row)
        demand(len(rows) <= MAX_ROWS, f"more than {MAX_ROWS} rows")
    return tuple(rows)


class _Tensors:
    """Accepts safetensors that can be read and name no more tensors than a model has."""

    def __init__(self) -> None:
        self._bytes_left = MAX_HEADERS

    def __call__(self, content: bytes) -> bytes:
        size = int.from_bytes(content[:8], "little")
        allowed = min(MAX_HEADER, self._bytes_left)
        demand(size <= allowed, f"its header has {size} bytes; allowed is up to {allowed}")
        self._bytes_left -= size
        HEADER_BOUNDS.check("the header", content[8 : 8 + size])
        safetensors.deserialize(content)  # type: ignore[no-untyped-call]
        return content
