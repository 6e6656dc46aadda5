"""What our trainer spends on everything but training: the share of its time, part by part.

    python -m benchmarks.reporting

One whole run of the worker's body for each kind of model; its words are put into the form in which
they would be sent. Each part is timed where it happens, so a busy machine, which slows all parts
alike, changes little. Tests on the validation examples, rows of history, looks inside, weights and
checkpoints, and the words that carry them; all else is training.
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
    "tests": [(Trainer, "_test")],
    "rows": [(Trainer, "row")],
    "looks": [(Reporter, "_snapshot")],
    "weights": [(WeightsPacker, "__call__"), (report, "checkpoint")],
}


@contextmanager
def timed(spent: dict[str, float]) -> Iterator[None]:
    """Within it, `spent` hears of every second that a part takes."""
    kept = [(owner, name, getattr(owner, name)) for each in PARTS.values() for owner, name in each]

    def watched(part: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def acted(*given: Any, **more: Any) -> Any:
            began = time.perf_counter()
            try:
                return act(*given, **more)
            finally:
                spent[part] += time.perf_counter() - began

        return acted

    for part, places in PARTS.items():
        for owner, name in places:
            setattr(owner, name, watched(part, getattr(owner, name)))
    try:
        yield
    finally:
        for owner, name, act in kept:
            setattr(owner, name, act)


def shares(asked: Experiment) -> dict[str, float]:
    """The share of each part from the first words of a run, before its first step, to its last."""
    spent = dict.fromkeys([*PARTS, "words"], 0.0)
    began, last = 0.0, 0.0
    with timed(spent):
        for event in run_training({"experiment": asked.to_plain()}, list):
            spoke = time.perf_counter()
            pickle.dumps(event)
            spent["words"] += time.perf_counter() - spoke
            if (event or {}).get("rows"):
                last = time.perf_counter()
                if not began:
                    began, spent = last, _emptied(spent)
                upto = dict(spent)
    return {part: seconds / (last - began) for part, seconds in upto.items()}


def _emptied(spent: dict[str, float]) -> dict[str, float]:
    for part in spent:
        spent[part] = 0.0
    return spent


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=int, default=1000, help="steps of each run")
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    heads = [*PARTS, "words", "together"]
    print("| cell | H | T | " + " | ".join(heads) + " |")
    print("|" + "---|" * (3 + len(heads)))
    for cell in ("rnn", "gru", "lstm"):
        for hidden in (16, 64, 128):
            for T in (10, 50, 200):
                asked = experiment(cell, hidden, T)
                asked = replace(asked, optimiser=replace(asked.optimiser, steps=given.run))
                found = shares(asked)
                values = [*found.values(), sum(found.values())]
                told = " | ".join(f"{100 * value:.1f} %" for value in values)
                print(f"| {cell} | {hidden} | {T} | {told} |", flush=True)


if __name__ == "__main__":
    main()
