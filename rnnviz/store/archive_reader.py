"""A run from the content of a .zip that may come from anywhere."""

import csv
import io
import json
import re
import string
import zipfile
from collections.abc import Callable
from typing import Any

import safetensors

from rnnviz.messages import N_, Message, Problem, excerpt
from rnnviz.store.archive_writer import (
    CHECKPOINT,
    FORMAT,
    HISTORY,
    LOOKS,
    SETTINGS,
    upload_entry,
    weights_entry,
)
from rnnviz.store.bundle import (
    HISTORY_COLUMNS,
    ROWS,
    Bundle,
    Checkpoint,
    SavedStep,
    Upload,
    named_file,
)
from rnnviz.store.entries import HOSTILE, MB, Entries, demand
from rnnviz.store.rows import STATES
from rnnviz.store.sanitise import number, step_of, text, to_json, whole

NOT_A_RUN = N_("The file is not a run; allowed is a .zip of a run as it was exported here.")
TOO_LARGE = N_("The file has {size} MB; allowed is up to {limit} MB.")
TOO_MANY = N_("The file holds {count} entries; allowed is up to {limit}.")
ANOTHER_FILE = N_(
    "In the file, {entry} is not what the run has read: its SHA-256 begins with {found}; allowed "
    "is a .zip of a run as it was exported here."
)
UNKNOWN_FORMAT = N_("The run was exported in the format {value}; allowed is {allowed}.")

LARGEST = 64 * MB
"""Bytes that a file may have."""
TEXT = 8 * MB
"""Bytes of a JSON or CSV in it: what they stand for takes up to fifty times as much memory."""
ENTRIES = 4000
"""Entries that it may hold."""
FILE = 60 * MB
"""Bytes of a visitor's file in it: as many as the largest that can be uploaded."""

HEADER = MB
"""Bytes of the header of weights or of a checkpoint, and of the numbers that stand in it."""
HEADERS = 4 * MB
"""And of all headers together: the names in them take up to thirty times as much memory."""

Validate = Callable[[dict[str, Any], Upload | None], dict[str, Any]]

_KEY = re.compile("[0-9a-f]{64}")

_PLURAL = re.compile(r"[^{}|]*\|[^{}|]*")
"""Both forms of the words that follow a number."""

HEADINGS = {"metric": "train_metric", "validation": "validation_metric"}
"""Headings of a history that earlier versions wrote, and those of today."""

_FILLED = 3
"""How deeply a reason may lie in the values of another."""


def read_archive(content: bytes, validate: Validate) -> Bundle:
    """The run in `content`.

    Nothing is written to disk, and entries that do not belong to a run are not looked at.
    `validate` is given the experiment and the visitor's file that came with it, the one that the
    experiment names; it returns the experiment as it is to be stored, or raises a `Problem`. Facts
    and result are plain data, but may be anything.

    Raises:
        Problem: too large, not a zip, or something in it is missing or not as it should be.
    """
    if len(content) > LARGEST:
        raise Problem(TOO_LARGE, size=-(-len(content) // MB), limit=LARGEST // MB)
    # Each entry has a line in the directory at the end: counted before anything is unpacked.
    count = content.count(b"PK\x01\x02")
    if count > ENTRIES:
        raise Problem(TOO_MANY, count=count, limit=ENTRIES)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except HOSTILE as error:
        raise Problem(NOT_A_RUN) from error
    with archive:
        entries = Entries(archive)
        settings = entries.read(SETTINGS, _settings, TEXT)
        history = entries.read(HISTORY, _history, TEXT)
        tensors = _Tensors()
        moments = tuple(
            SavedStep(step, entries.read(weights_entry(step), tensors), look)
            for step, look in entries.read(LOOKS, _looks, TEXT)
        )
        step = settings.pop("checkpoint")
        checkpoint = None if step is None else Checkpoint(step, entries.read(CHECKPOINT, tensors))
        plain, told = settings.pop("experiment"), settings.pop("file")
        file = None if told is None else _upload(entries, named_file(plain), text(told["title"]))
    return Bundle(
        validate(plain, file),
        history=history,
        saved_steps=moments,
        checkpoint=checkpoint,
        file=file,
        **settings,
    )


def _upload(entries: Entries, key: str, title: str) -> Upload:
    """The visitor's file that the experiment names by `key`."""
    name = upload_entry(key)
    found = entries.read(name, lambda content: Upload(title, content), FILE)
    if found.key != key:
        raise Problem(ANOTHER_FILE, entry=name, found=found.key[:8])
    return found


def _settings(content: bytes) -> dict[str, Any]:
    given = _json(content)
    demand(isinstance(given, dict), "a table of settings is needed")
    if given.get("format") != FORMAT:
        raise Problem(UNKNOWN_FORMAT, value=excerpt(repr(given.get("format"))), allowed=FORMAT)
    kinds: dict[str, type | tuple[type, ...]] = {
        "name": str,
        "note": str,
        "state": str,
        "reason": (dict, type(None)),
        "experiment": dict,
        "facts": dict,
        "result": (dict, type(None)),
        "checkpoint": (int, type(None)),
        "file": (dict, type(None)),
    }
    for name, kind in kinds.items():
        demand(isinstance(given.get(name), kind), f"{name}: {given.get(name)!r}")
    demand(given["state"] in STATES, f"state: {given['state']!r}")
    if given["reason"] is not None:
        _reason(given["reason"], _FILLED)
    if given.get("file") is not None:
        _told(given["file"], named_file(given["experiment"]))
    step = None if given["checkpoint"] is None else step_of(given["checkpoint"])
    return {
        **{name: given.get(name) for name in kinds},
        "reason": given["reason"] and Message.from_plain(given["reason"]),
        "checkpoint": step,
        "file": given.get("file"),
    }


def _told(file: dict[str, Any], key: str) -> None:
    """Refuse what is said about a visitor's file, unless it is a title of one that is named."""
    match file:
        case {"title": str(), **more} if not more:
            demand(_KEY.fullmatch(key) is not None, f"file: the experiment names {key!r}")
        case _:
            raise ValueError(f"file: {file!r}")


def _looks(content: bytes) -> list[tuple[int, dict[str, Any]]]:
    looks = [(step_of(step), look) for step, look in _json(content)]
    demand(len(looks) == len(dict(looks)), "a step comes twice")
    for _, look in looks:
        if not isinstance(look, dict):
            raise ValueError("a look is a table")
        norms = look.get("norms", [])
        # One that overflowed was kept as null.
        sound = isinstance(norms, list) and all(
            norm is None or number(norm) is not None for norm in norms
        )
        demand(sound, "the norms of a look are a list of numbers")
    return looks


def _json(content: bytes) -> Any:
    given = json.loads(content.decode("utf-8"), parse_int=_whole)
    to_json(given)  # refuses what is nested too deeply
    return given


def _whole(digits: str) -> int:
    found = whole(int(digits))
    if found is None:
        raise ValueError(f"the number {digits[:30]}")
    return found


def _reason(given: object, depth: int) -> None:
    """Refuse words that would do more than name values when they are filled in."""
    match given:
        case {"template": str(template), "values": dict(values), **more} if not more:
            pass
        case _:
            raise ValueError(f"reason: {given!r}")
    demand(0 < len(template) <= 1000, f"reason: {len(template)} characters")
    for _, field, style, how in string.Formatter().parse(template):
        named = field is None or (field in values and field.isidentifier())
        plain = not how and (not style or _PLURAL.fullmatch(style) is not None)
        demand(named and plain, f"reason: {template!r}")
    # Those who fill it in give the template and themselves by these names.
    demand(not {"template", "self"} & set(values), f"reason: {values!r}")
    for value in values.values():
        if isinstance(value, dict):
            demand(depth > 1, "reason: nested too deeply")
            _reason(value, depth - 1)
        else:
            demand(isinstance(value, int | float | str | None), f"reason: {value!r}")


def _history(content: bytes) -> tuple[dict[str, Any], ...]:
    lines = csv.reader(io.StringIO(content.decode("utf-8")), strict=True)
    headings = tuple(HEADINGS.get(each, each) for each in next(lines, ()))
    demand(headings == HISTORY_COLUMNS, f"the headings are needed: {','.join(HISTORY_COLUMNS)}")
    rows = []
    for step, *others in lines:
        values = [number(float(each)) if each else None for each in others]
        row = dict(zip(HISTORY_COLUMNS, [step_of(int(step)), *values], strict=True))
        demand(row["seconds"] is not None, f"step {step} has no seconds")
        rows.append(row)
        demand(len(rows) <= ROWS, f"more than {ROWS} rows")
    return tuple(rows)


class _Tensors:
    """Takes safetensors as they are, if they can be read and name no more than a model has."""

    def __init__(self) -> None:
        self._room = HEADERS

    def __call__(self, content: bytes) -> bytes:
        size = int.from_bytes(content[:8], "little")
        allowed = min(HEADER, self._room)
        demand(size <= allowed, f"its header has {size} bytes; allowed is up to {allowed}")
        self._room -= size
        safetensors.deserialize(content)  # type: ignore[no-untyped-call]
        return content
