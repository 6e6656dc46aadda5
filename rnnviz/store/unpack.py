"""A run from the content of a .zip that may come from anywhere."""

import csv
import io
import json
import string
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, TypeVar

import safetensors

from rnnviz.messages import N_, Problem, excerpt
from rnnviz.store.archive import CHECKPOINT, FORMAT, HISTORY, LOOKS, SETTINGS, weights_entry
from rnnviz.store.bundle import COLUMNS, ROWS, Bundle, Checkpoint, Moment
from rnnviz.store.plain import number, step_of, text, to_json, whole
from rnnviz.store.rows import STATES

NOT_A_RUN = N_("The file is not a run; allowed is a .zip of a run as it was exported here.")
TOO_LARGE = N_("The file has {size} MB; allowed is up to {limit} MB.")
UNPACKS_TOO_LARGE = N_(
    "In the file, {entry} is too large once unpacked; allowed is up to {limit} MB."
)
TOO_MANY = N_("The file holds {count} entries; allowed is up to {limit}.")
MISSING = N_("The file lacks {entry}; allowed is a .zip of a run as it was exported here.")
GARBLED = N_(
    "In the file, {entry} is not as it should be ({reason}); allowed is a .zip of a run as it was "
    "exported here."
)
UNKNOWN_FORMAT = N_("The run was exported in the format {value}; allowed is {allowed}.")

MB = 2**20
LARGEST = 64 * MB
"""Bytes that a file may have."""
UNPACKED = 128 * MB
"""Bytes to which it may unpack."""
TEXT = 8 * MB
"""Bytes of a JSON or CSV in it: what they stand for takes up to fifty times as much memory."""
ENTRIES = 4000
"""Entries that it may hold."""

T = TypeVar("T")

_HOSTILE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, safetensors.SafetensorError, csv.Error),
    *(OSError, EOFError, ValueError, TypeError, RuntimeError, LookupError, OverflowError),
    *(AttributeError, MemoryError),
)
"""What the readers of zip, JSON, CSV and safetensors raise when they are given just anything."""

_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others may ask for gigabytes before they give the first byte."""

_FILLED = 3
"""How deeply a reason may lie in the values of another."""


def read_archive(content: bytes, validate: Callable[[Any], dict[str, Any]]) -> Bundle:
    """The run in `content`.

    Nothing is written to disk, and entries that do not belong to a run are not looked at.
    `validate` is given the experiment and returns it as it is to be stored, or raises a `Problem`;
    facts and result are plain data, but may be anything.

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
    except _HOSTILE as error:
        raise Problem(NOT_A_RUN) from error
    with archive:
        entries = _Entries(archive)
        settings = entries.read(SETTINGS, _settings, TEXT)
        history = entries.read(HISTORY, _history, TEXT)
        moments = tuple(
            Moment(step, entries.read(weights_entry(step), _tensors), look)
            for step, look in entries.read(LOOKS, _looks, TEXT)
        )
        step = settings.pop("checkpoint")
        checkpoint = None if step is None else Checkpoint(step, entries.read(CHECKPOINT, _tensors))
    experiment = validate(settings.pop("experiment"))
    return Bundle(experiment, history=history, moments=moments, checkpoint=checkpoint, **settings)


class _Entries:
    """The entries of a zip; together they may not unpack to more than `UNPACKED` bytes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._room = UNPACKED

    def read(self, name: str, parse: Callable[[bytes], T], most: int = UNPACKED) -> T:
        """What `parse` makes of the entry `name`, which has up to `most` bytes."""
        try:
            _demand(self._archive.getinfo(name).compress_type in _PACKINGS, "not deflated")
            # Not what the zip says about itself, but what really comes out.
            with self._archive.open(name) as file:
                content = file.read(min(most, self._room) + 1)
            if len(content) <= min(most, self._room):
                self._room -= len(content)
                return parse(content)
        except Problem:
            raise
        except KeyError as error:
            raise Problem(MISSING, entry=name) from error
        except _HOSTILE as error:
            raise Problem(GARBLED, entry=name, reason=excerpt(str(error))) from error
        raise Problem(UNPACKS_TOO_LARGE, entry=name, limit=most // MB)


def _settings(content: bytes) -> dict[str, Any]:
    given = _json(content)
    _demand(isinstance(given, dict), "a table of settings is needed")
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
    }
    for name, kind in kinds.items():
        _demand(isinstance(given.get(name), kind), f"{name}: {given.get(name)!r}")
    _demand(given["state"] in STATES, f"state: {given['state']!r}")
    if given["reason"] is not None:
        _reason(given["reason"], _FILLED)
    step = None if given["checkpoint"] is None else step_of(given["checkpoint"])
    return {**{name: given[name] for name in kinds}, "checkpoint": step}


def _looks(content: bytes) -> list[tuple[int, dict[str, Any]]]:
    looks = [(step_of(step), look) for step, look in _json(content)]
    _demand(len(looks) == len(dict(looks)), "a step comes twice")
    for _, look in looks:
        if not isinstance(look, dict):
            raise ValueError("a look is a table")
        norms = look.get("norms", [])
        # One that overflowed was kept as null.
        sound = isinstance(norms, list) and all(
            norm is None or number(norm) is not None for norm in norms
        )
        _demand(sound, "the norms of a look are a list of numbers")
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
    _demand(0 < len(template) <= 1000, f"reason: {len(template)} characters")
    for _, field, style, how in string.Formatter().parse(template):
        named = field is None or (field in values and field.isidentifier())
        _demand(named and not style and not how, f"reason: {template!r}")
    # Those who fill it in give the template and themselves by these names.
    _demand(not {"template", "self"} & set(values), f"reason: {values!r}")
    for value in values.values():
        if isinstance(value, dict):
            _demand(depth > 1, "reason: nested too deeply")
            _reason(value, depth - 1)
        else:
            _demand(isinstance(value, int | float | str | None), f"reason: {value!r}")


def _history(content: bytes) -> tuple[dict[str, Any], ...]:
    lines = csv.reader(io.StringIO(content.decode("utf-8")), strict=True)
    _demand(tuple(next(lines, ())) == COLUMNS, f"the headings are needed: {','.join(COLUMNS)}")
    rows = []
    for step, *others in lines:
        values = [number(float(each)) if each else None for each in others]
        row = dict(zip(COLUMNS, [step_of(int(step)), *values], strict=True))
        _demand(row["seconds"] is not None, f"step {step} has no seconds")
        rows.append(row)
        _demand(len(rows) <= ROWS, f"more than {ROWS} rows")
    return tuple(rows)


def _tensors(content: bytes) -> bytes:
    safetensors.deserialize(content)  # type: ignore[no-untyped-call]
    return content


def _demand(right: bool, complaint: str) -> None:
    if not right:
        raise ValueError(text(complaint))
