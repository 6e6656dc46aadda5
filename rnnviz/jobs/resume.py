"""A stored run as the record of one that goes on."""

import math
from collections.abc import Sequence
from typing import Any

from rnnviz.jobs.recorder import RunStore
from rnnviz.jobs.records import History, Run
from rnnviz.messages import N_, Problem, excerpt

NOT_STORED = N_("The run {run} is no longer stored, so it cannot be resumed.")
HAS_FINISHED = N_(
    "The run {run} has finished; allowed is one that was interrupted or stopped, or has failed."
)
STILL_RUNNING = N_(
    "The run {run} is still going on; allowed is one that was interrupted or stopped, or has "
    "failed."
)

RESUMABLE = ("interrupted", "stopped", "failed")


def load_for_resume(store: RunStore, names: Sequence[str], every: float) -> list[Run]:
    """The runs `names` as they go on with this server, and with no other one from now on.

    `every`: seconds between two of their reports.

    Raises:
        Problem: one is not stored, has finished, is still going on, or cannot be read.
    """
    found = [_load_run(store, name, every) for name in names]
    # Another server may have been quicker since they were looked at.
    lost = store.claim(names, RESUMABLE)
    if lost is not None:
        raise Problem(STILL_RUNNING, run=excerpt(lost))
    return found


def _load_run(store: RunStore, name: str, every: float) -> Run:
    """The run `name` with its checkpoint; its history may reach further."""
    row = store.run(name)
    if row is None:
        raise Problem(NOT_STORED, run=excerpt(name))
    if row.state not in RESUMABLE:
        why = HAS_FINISHED if row.state == "finished" else STILL_RUNNING
        raise Problem(why, run=excerpt(name))
    work = {
        "experiment": row.experiment,
        "report_interval": every,
        "files": visitor_files(store, row.experiment),
    }
    run = Run(name, work, checkpoint=store.last_checkpoint(name), is_ahead=True)
    run.history = History(**store.history(name))
    # A norm that overflowed was kept as null.
    run.gradient_norms = {
        step: tuple(math.nan if norm is None else norm for norm in look.get("norms", ()))
        for step, look in store.looks(name)
    }
    return run


def visitor_files(store: RunStore, experiment: dict[str, Any]) -> dict[str, bytes]:
    """The visitor's file that the task of `experiment` names, if it does and the store has it."""
    task = experiment.get("task")
    key = task.get("file") if isinstance(task, dict) else None
    kept = store.file(key) if isinstance(key, str) and key else None
    return {} if kept is None else {str(key): kept[1]}
