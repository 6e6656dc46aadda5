"""Load stored runs as records of runs that can be resumed."""

import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from rnnviz.jobs.recorder import RunStore
from rnnviz.jobs.records import History, Run
from rnnviz.messages import N_, Problem, excerpt

NOT_STORED = N_("The run {run} is no longer stored, so it cannot be resumed.")
HAS_FINISHED = N_(
    "The run {run} has finished; only a run that was interrupted or stopped, or has failed, can be "
    "resumed."
)
STILL_RUNNING = N_(
    "The run {run} is still in progress; only a run that was interrupted or stopped, or has "
    "failed, can be resumed."
)

RESUMABLE = ("interrupted", "stopped", "failed")


def load_for_resume(store: RunStore, run_ids: Sequence[str], report_interval: float) -> list[Run]:
    """Load the runs and claim them for this server, so that no other one resumes them.

    `report_interval`: seconds between two of their reports.

    Raises:
        Problem: a run is not stored, has finished, is still in progress, or cannot be read.
    """
    with suppress(Problem):
        store.flush()  # a run may have stopped just now
    runs = [_load_run(store, run_id, report_interval) for run_id in run_ids]
    # Another server may have claimed one since it was loaded.
    conflict = store.claim(run_ids, RESUMABLE)
    if conflict is not None:
        raise Problem(STILL_RUNNING, run=excerpt(conflict))
    return runs


def _load_run(store: RunStore, run_id: str, report_interval: float) -> Run:
    """Load a run with its latest checkpoint; its history may reach beyond that."""
    row = store.run(run_id)
    if row is None:
        raise Problem(NOT_STORED, run=excerpt(run_id))
    if row.state not in RESUMABLE:
        template = HAS_FINISHED if row.state == "finished" else STILL_RUNNING
        raise Problem(template, run=excerpt(run_id))
    work = {
        "experiment": row.experiment,
        "report_interval": report_interval,
        "files": visitor_files(store, row.experiment),
    }
    run = Run(run_id, work, checkpoint=store.last_checkpoint(run_id), is_ahead=True)
    run.history = History(**store.history(run_id))
    # A norm that overflowed was stored as null.
    run.gradient_norms = {
        step: tuple(math.nan if norm is None else norm for norm in snapshot.get("norms", ()))
        for step, snapshot in store.snapshots(run_id)
    }
    return run


def visitor_files(store: RunStore, experiment: dict[str, Any]) -> dict[str, bytes]:
    """The visitor's file that the task of `experiment` reads, by its key, if the store has it."""
    task = experiment.get("task")
    key = task.get("file") if isinstance(task, dict) else None
    file = store.file(key) if isinstance(key, str) and key else None
    return {} if file is None else {str(key): file[1]}
