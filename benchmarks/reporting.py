"""What our trainer spends on everything but training: the share of its time, part by part.

    python -m benchmarks.reporting

One whole run of the worker's body for each kind of model; its events are pickled as they would be
to be sent. Each part is timed where it happens, so a busy machine, which slows all parts alike,
changes little. The parts: evaluation on the validation examples, history rows, snapshots, saved
steps and checkpoints, and the events that carry them; everything else is training.
"""

import argparse
import pickle
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch

from benchmarks.training import experiment
from rnnviz.jobs import report
from rnnviz.jobs.report import Reporter
from rnnviz.jobs.worker import run_training
from rnnviz.training import Experiment, Trainer, WeightsPacker

PARTS: dict[str, list[tuple[Any, str]]] = {
    "evaluation": [(Trainer, "validate")],
    "rows": [(Trainer, "row")],
    "snapshots": [(Reporter, "_snapshot")],
    "checkpoints": [(WeightsPacker, "__call__"), (report, "checkpoint")],
}


@contextmanager
def time_parts(spent: dict[str, float]) -> Iterator[None]:
    """Inside this context, the seconds that each part takes are added to `spent`."""
    originals = [
        (owner, name, getattr(owner, name)) for part in PARTS.values() for owner, name in part
    ]

    def with_timer(part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                spent[part] += time.perf_counter() - start

        return wrapper

    for part, methods in PARTS.items():
        for owner, name in methods:
            setattr(owner, name, with_timer(part, getattr(owner, name)))
    try:
        yield
    finally:
        for owner, name, function in originals:
            setattr(owner, name, function)


def shares(run: Experiment) -> dict[str, float]:
    """The share of each part from the first event of a run, before its first step, to its last."""
    spent = dict.fromkeys([*PARTS, "events"], 0.0)
    start, end = 0.0, 0.0
    with time_parts(spent):
        for event in run_training({"experiment": run.to_plain()}, list):
            before = time.perf_counter()
            pickle.dumps(event)
            spent["events"] += time.perf_counter() - before
            if (event or {}).get("rows"):
                end = time.perf_counter()
                if not start:
                    start = end
                    spent.update(dict.fromkeys(spent, 0.0))
                until_row = dict(spent)
    return {part: seconds / (end - start) for part, seconds in until_row.items()}


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=int, default=1000, help="steps of each run")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    heads = [*PARTS, "events", "together"]
    print("| cell | H | T | " + " | ".join(heads) + " |")
    print("|" + "---|" * (3 + len(heads)))
    for cell in ("rnn", "gru", "lstm"):
        for hidden in (16, 64, 128):
            for T in (10, 50, 200):
                run = experiment(cell, hidden, T)
                run = replace(run, optimiser=replace(run.optimiser, steps=options.run))
                values = list(shares(run).values())
                columns = " | ".join(f"{100 * value:.1f} %" for value in [*values, sum(values)])
                print(f"| {cell} | {hidden} | {T} | {columns} |", flush=True)


if __name__ == "__main__":
    main()
