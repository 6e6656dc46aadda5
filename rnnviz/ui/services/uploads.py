"""The visitor's files that stored runs read: from the store to where the tasks look for them."""

from typing import Any

from rnnviz.jobs.resume import visitor_files
from rnnviz.store import RunRow, Store


def restore_upload(store: Store, plain: Any) -> None:
    """Restore the file that the task of the experiment `plain` names, if the store has it."""
    from rnnviz.data import UPLOADS

    for content in visitor_files(store, plain if isinstance(plain, dict) else {}).values():
        UPLOADS.add(content)


def stored_experiment(store: Store, row: RunRow) -> Any:
    """The experiment of a stored run.

    Raises:
        Problem: a setting that is no longer allowed, or a file that is no longer available.
    """
    from rnnviz.training import Experiment

    restore_upload(store, row.experiment)
    return Experiment.from_plain(row.experiment)
