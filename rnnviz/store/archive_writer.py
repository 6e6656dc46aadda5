"""A run as a .zip that other programs can read. `unpack` reads it back.

run.json                     format, experiment, facts, state, name, note, reason, result, the step
                             of the checkpoint, and the title of the visitor's file
history.csv                  one line per row of history
looks.json                   step and look of each place in the timeline
weights/<step>.safetensors   the timeline; the last one always
checkpoint.safetensors       where the run can go on, if it can
uploads/<key>                the visitor's file that the task reads, if it does; `key` is its name
                             in the experiment and its SHA-256
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any

from rnnviz.store.bundle import HISTORY_COLUMNS, Bundle
from rnnviz.store.sanitise import to_json

FORMAT = 1
SETTINGS, HISTORY, LOOKS = "run.json", "history.csv", "looks.json"
CHECKPOINT = "checkpoint.safetensors"

_DAY = (1980, 1, 1, 0, 0, 0)


def weights_entry(step: int) -> str:
    """The name of the weights after `step` steps."""
    return f"weights/{step}.safetensors"


def upload_entry(key: str) -> str:
    """The name of the visitor's file with this key."""
    return f"uploads/{key}"


def to_csv(history: Iterable[dict[str, Any]]) -> str:
    """The rows of a history as CSV with a line of headings; what is not known is left empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HISTORY_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(history)
    return text.getvalue()


def write_archive(bundle: Bundle) -> bytes:
    """The run as the content of a .zip; equal runs give equal bytes."""
    settings = {
        "format": FORMAT,
        "name": bundle.name,
        "note": bundle.note,
        "state": bundle.state,
        "reason": bundle.reason and bundle.reason.to_plain(),
        "experiment": bundle.experiment,
        "facts": bundle.facts,
        "result": bundle.result,
        "checkpoint": bundle.checkpoint and bundle.checkpoint.step,
        "file": bundle.file and {"title": bundle.file.title},
    }
    entries = {
        SETTINGS: json.dumps(json.loads(to_json(settings)), indent=1).encode(),
        HISTORY: to_csv(bundle.history).encode(),
        LOOKS: to_json([[moment.step, moment.snapshot] for moment in bundle.saved_steps]).encode(),
        **{weights_entry(moment.step): moment.weights for moment in bundle.saved_steps},
    }
    if bundle.checkpoint is not None:
        entries[CHECKPOINT] = bundle.checkpoint.content
    if bundle.file is not None:
        entries[upload_entry(bundle.file.key)] = bundle.file.content
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, _DAY), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()
