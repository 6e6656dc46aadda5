"""A run as a .zip that other programs can read. `archive_reader` reads it back.

run.json                     format, the archived columns (`columns.RunFields`), the step of the
                             checkpoint, and the title of the visitor's file
history.csv                  one line per history row
snapshots.json               step and snapshot of each saved step
weights/<step>.safetensors   the weights of each saved step; the last one always
checkpoint.safetensors       all that is needed to resume the run, if it can be resumed
uploads/<key>                the visitor's file that the task reads, if it does; `key` is its name
                             in the experiment and its SHA-256
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any

from rnnviz.messages import Message
from rnnviz.store.bundle import Bundle
from rnnviz.store.columns import ARCHIVED, HISTORY_COLUMNS
from rnnviz.store.sanitise import to_json

FORMAT = 2
"""The format 1 called the snapshots "looks" and had other headings in history.csv."""

SETTINGS, HISTORY, SNAPSHOTS = "run.json", "history.csv", "snapshots.json"
CHECKPOINT = "checkpoint.safetensors"

_TIMESTAMP = (1980, 1, 1, 0, 0, 0)


def weights_entry(step: int) -> str:
    """The entry of the weights after `step` training steps."""
    return f"weights/{step}.safetensors"


def upload_entry(key: str) -> str:
    """The entry of the visitor's file with this key."""
    return f"uploads/{key}"


def to_csv(history: Iterable[dict[str, Any]], headings: Iterable[str] = HISTORY_COLUMNS) -> str:
    """History rows as CSV with a line of `headings`; unknown values are empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [*headings], lineterminator="\n")
    writer.writeheader()
    writer.writerows(history)
    return text.getvalue()


def write_archive(bundle: Bundle) -> bytes:
    """The run as the content of a .zip; equal runs give equal bytes."""
    settings = {
        "format": FORMAT,
        **{name: _plain(getattr(bundle, name)) for name in ARCHIVED},
        "checkpoint": bundle.checkpoint and bundle.checkpoint.step,
        "file": bundle.file and {"title": bundle.file.title},
    }
    snapshots = [[each.step, each.snapshot] for each in bundle.saved_steps]
    entries = {
        SETTINGS: json.dumps(json.loads(to_json(settings)), indent=1).encode(),
        HISTORY: to_csv(bundle.history).encode(),
        SNAPSHOTS: to_json(snapshots).encode(),
        **{weights_entry(each.step): each.weights for each in bundle.saved_steps},
    }
    if bundle.checkpoint is not None:
        entries[CHECKPOINT] = bundle.checkpoint.content
    if bundle.file is not None:
        entries[upload_entry(bundle.file.key)] = bundle.file.content
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, _TIMESTAMP), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _plain(value: Any) -> Any:
    return value.to_plain() if isinstance(value, Message) else value
