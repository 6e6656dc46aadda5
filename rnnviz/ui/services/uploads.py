"""The visitor's files: what is understood of them, and those that stored runs read."""

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rnnviz.data.reading.corrections import from_json
from rnnviz.jobs.resume import visitor_files
from rnnviz.store import RunRow, Store
from rnnviz.store.bundle import upload_key
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.data.visitor_text import TextReading
    from rnnviz.tasks import Task
    from rnnviz.training import Experiment


@lru_cache(maxsize=8)
def uploaded_text_reading(key: str, corrections: str = "") -> "TextReading":
    """What is understood of the text with this key in `UPLOADS`, with these corrections.

    Raises:
        Problem: the file is no longer available, or no text.
    """
    from rnnviz.data import UPLOADS
    from rnnviz.data.visitor_text import read_text

    return read_text(UPLOADS.get(key), from_json(corrections).get("encoding"))


def restore_upload(store: Store, plain: Any) -> None:
    """Restore the file that the task of the experiment `plain` names, if the store has it."""
    from rnnviz.data import UPLOADS

    experiment = plain if isinstance(plain, dict) else {}
    if upload_key(experiment) not in UPLOADS:  # the store reads it from the disk
        for content in visitor_files(store, experiment).values():
            UPLOADS.add(content)


def task_files(task: "Task") -> tuple[bytes, ...]:
    """The visitors' files that `task` reads, for a process that does not have them.

    Raises:
        Problem: one is no longer available.
    """
    from rnnviz.data import UPLOADS

    return tuple(UPLOADS.get(key) for key in task.files)


def stored_experiment(store: Store, row: RunRow) -> Any:
    """The experiment of a stored run.

    Raises:
        Problem: a setting that is no longer allowed, or a file that is no longer available.
    """
    restore_upload(store, row.experiment)
    return _experiment(json.dumps(row.experiment, sort_keys=True))


@shared(max_entries=300)
def _experiment(plain: str) -> "Experiment":
    from rnnviz.training import Experiment

    return Experiment.from_plain(json.loads(plain))
