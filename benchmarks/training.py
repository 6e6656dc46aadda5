"""Training steps per second: our trainer, with its reporting on, against three peers.

"ours, silent" is the same trainer without reporting, which may cost 3 %.

    make benchmark-training

All four train the same kind of model on the same task (recall a symbol over T steps, batch 32,
one-hot inputs, one recurrent layer, a linear head, clipping at 1, Adam), one thread each, in one
process and in turns, so that other load on the machine affects them all. Ours is the body of the
app's worker with everything that it reports. The table shows the median over the rounds; a ratio
is the median of the ratios within each round, with the middle half of them. With a GPU there are
columns for it as well.
"""

import argparse
import gc
import os
import pickle
import random
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from unittest import mock

# One thread each; the libraries read this when they are imported.
os.environ.update(
    OMP_NUM_THREADS="1",
    KERAS_BACKEND="jax",
    JAX_PLATFORMS="cpu",
    XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
)

import torch

from benchmarks.peers import (
    MIN_STEPS,
    Batches,
    TrainingLoop,
    jax_loop,
    keras_fit,
    plain_loop,
    repeat,
)
from rnnviz.jobs.worker import run_training
from rnnviz.model import ModelSpec
from rnnviz.tasks import DelayedRecall
from rnnviz.training import Experiment, Optimiser, Trainer

BATCH = 32
STEPS = 2000
"""The length of our runs, on which the intervals of validation and of history rows depend."""


def experiment(cell: str, hidden: int, T: int, device: str = "cpu") -> Experiment:
    """The run that every loop repeats as well as it can."""
    model = ModelSpec(cell, hidden=hidden, embedding="one-hot")
    optimiser = Optimiser(lr=0.001, clip=1.0, batch=BATCH, steps=STEPS)
    return Experiment(DelayedRecall(T - 1), model, optimiser, 0, device)


def ours(experiment: Experiment) -> TrainingLoop:
    """The body of a worker; its events are pickled as they would be to be sent.

    Timed from the first event of a run, before its first step, to that of its last step: what is
    computed before and after is not training time.
    """

    def advance(trainer: Trainer) -> None:
        nonlocal count
        count += 1
        original(trainer)

    def intervals() -> Iterator[tuple[int, float]]:
        """Steps and seconds from one event to the next."""
        while True:
            last, step, start = count + experiment.optimiser.steps, count, None
            for event in run_training({"experiment": experiment.to_plain()}, list):
                pickle.dumps(event)
                now = time.perf_counter()
                if start is not None:
                    yield count - step, now - start
                # The time that the consumer of this generator takes is not training time either.
                step, start = count, time.perf_counter() if count < last else None

    count, original, measurements = 0, Trainer.advance, intervals()

    def loop(seconds: float) -> float:
        torch.set_flush_denormal(True)
        steps, spent = 0, 0.0
        # The history has rows of some steps only, and a round may be short: steps are counted here.
        with mock.patch.object(Trainer, "advance", advance):
            while spent < seconds or steps < MIN_STEPS:
                more_steps, more_seconds = next(measurements)
                steps, spent = steps + more_steps, spent + more_seconds
        torch.set_flush_denormal(False)
        return steps / spent

    return loop


def silent(experiment: Experiment) -> TrainingLoop:
    """Our trainer by itself: no snapshots, no validation, no checkpoints, no events."""
    endless = replace(experiment.optimiser, steps=3_000_000)  # the end of a run has a test
    trainer = Trainer(replace(experiment, optimiser=endless))
    trainer.schedule = replace(trainer.schedule, validation_interval=10**9)

    def step() -> None:
        trainer.advance()
        trainer.row()  # otherwise its means would be taken over ever more steps

    train = repeat(step)

    def loop(seconds: float) -> float:
        torch.set_flush_denormal(True)
        speed = train(seconds)
        torch.set_flush_denormal(False)
        return speed

    return loop


def all_loops(cell: str, hidden: int, T: int, peers: bool = True) -> dict[str, TrainingLoop]:
    """The loops by the heads of their columns; `peers`: those from outside PyTorch too."""
    run = experiment(cell, hidden, T)
    batches = Batches.of(run.task, BATCH)
    loops = {"ours": ours(run)}
    if peers:
        loops["ours, silent"] = silent(run)
    loops["plain PyTorch"] = plain_loop(run, batches)
    if peers:
        loops["JAX + optax"] = jax_loop(run, batches)
        loops["Keras on JAX"] = keras_fit(run, batches)
    if torch.cuda.is_available():
        loops["ours, GPU"] = ours(experiment(cell, hidden, T, "cuda"))
        loops["plain PyTorch, GPU"] = plain_loop(run, batches, "cuda")
    return loops


def measure(loops: dict[str, TrainingLoop], rounds: int, seconds: float) -> dict[str, list[float]]:
    """Steps per second of each loop in each round, after a first round that does not count.

    In another order each time: a loop inherits the state of the machine from the one before.
    """
    speeds: dict[str, list[float]] = {name: [] for name in loops}
    order, generator = list(loops), random.Random(0)
    gc.freeze()  # as the app's workers do: no loop pays for what the peers have loaded
    for turn in range(rounds + 1):
        generator.shuffle(order)
        for name in order:
            speed = loops[name](seconds if turn else seconds / 4)
            if turn:
                speeds[name].append(speed)
    return speeds


def ratio(ours: list[float], theirs: list[float]) -> str:
    """How much faster ours is: the median over the rounds, and the range of their middle half."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--cells", nargs="+", default=["rnn", "gru", "lstm"])
    parser.add_argument("--hidden", nargs="+", type=int, default=[16, 64, 128])
    parser.add_argument("--steps", nargs="+", type=int, default=[10, 50, 200])
    parser.add_argument("--torch-only", action="store_true", help="ours and the plain loop alone")
    options = parser.parse_args()
    torch.set_num_threads(1)
    heads: list[str] = []
    for cell in options.cells:
        for hidden in options.hidden:
            for T in options.steps:
                loops = all_loops(cell, hidden, T, peers=not options.torch_only)
                speeds = measure(loops, options.rounds, options.seconds)
                if not heads:
                    heads = list(speeds)
                    others = [name for name in heads[1:] if not name.endswith("GPU")]
                    peers = [f"ours : {name}" for name in others]
                    head = ["cell", "H", "T", *(f"{name}, steps/s" for name in heads), *peers]
                    print("| " + " | ".join(head) + " |")
                    print("|" + "---|" * len(head))
                medians = [f"{statistics.median(speeds[name]):.0f}" for name in heads]
                ratios = [ratio(speeds["ours"], speeds[name]) for name in others]
                print("| " + " | ".join([cell, str(hidden), str(T), *medians, *ratios]) + " |")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
