"""Steps of training per second: our trainer, with its reporting on, against three peers.

"ours, silent" is the same trainer without reporting: what is told to the page may cost 3 %.

    make benchmark-training

All four train the same kind of model on the same task (recall a symbol over T steps, batch 32,
one-hot inputs, one recurrent layer, a linear head, clipping at 1, Adam), one thread each, in one
process and in turns, so that whatever else the machine does meets them all. Ours is the body of the
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
from collections.abc import Callable, Iterator
from dataclasses import replace
from unittest import mock

# One thread each, said before any of them is imported.
os.environ.update(
    OMP_NUM_THREADS="1",
    KERAS_BACKEND="jax",
    JAX_PLATFORMS="cpu",
    XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
)

import torch

from benchmarks.peers import LEAST, Batches, jax_loop, keras_fit, plain_loop, timed
from rnnviz.jobs.worker import run_training
from rnnviz.model import ModelSpec
from rnnviz.tasks import DelayedRecall
from rnnviz.training import Experiment, Optimiser, Trainer

BATCH = 32
STEPS = 2000
"""The length of our runs: it decides how often they are tested and write a row of history."""

Side = Callable[[float], float]
"""Trains for about so many seconds; answers with steps per second."""


def experiment(cell: str, hidden: int, T: int, device: str = "cpu") -> Experiment:
    """The run that every side repeats as well as it can."""
    model = ModelSpec(cell, hidden=hidden, embedding="one-hot")
    optimiser = Optimiser(lr=0.001, clip=1.0, batch=BATCH, steps=STEPS)
    return Experiment(DelayedRecall(T - 1), model, optimiser, 0, device)


def ours(asked: Experiment) -> Side:
    """The body of a worker; its words are put into the form in which they would be sent.

    From the first words of a run, before its first step, to those of its last step: what is worked
    out before and after is no time of training.
    """

    def advance(trainer: Trainer) -> None:
        nonlocal done
        done += 1
        real(trainer)

    def words() -> Iterator[tuple[int, float]]:
        while True:
            last, step, began = done + asked.optimiser.steps, done, None
            for event in run_training({"experiment": asked.to_plain()}, list):
                pickle.dumps(event)
                now = time.perf_counter()
                if began is not None:
                    yield done - step, now - began
                # What the reader of these words does is no time of training either.
                step, began = done, time.perf_counter() if done < last else None

    done, real, told = 0, Trainer.advance, words()

    def side(seconds: float) -> float:
        torch.set_flush_denormal(True)
        steps, spent = 0, 0.0
        # The history tells of some steps only, and a round may have few: they are counted here.
        with mock.patch.object(Trainer, "advance", advance):
            while spent < seconds or steps < LEAST:
                more, took = next(told)
                steps, spent = steps + more, spent + took
        torch.set_flush_denormal(False)
        return steps / spent

    return side


def silent(asked: Experiment) -> Side:
    """Our trainer by itself: nobody looks, nothing is tested, kept or told."""
    endless = replace(asked.optimiser, steps=3_000_000)  # at the end of a run there is a test
    trainer = Trainer(replace(asked, optimiser=endless))
    trainer.schedule = replace(trainer.schedule, validation_interval=10**9)

    def step() -> None:
        trainer.advance()
        trainer.row()  # or its means would be over ever more steps

    trained = timed(step)

    def side(seconds: float) -> float:
        torch.set_flush_denormal(True)
        speed = trained(seconds)
        torch.set_flush_denormal(False)
        return speed

    return side


def sides(cell: str, hidden: int, T: int, peers: bool = True) -> dict[str, Side]:
    """Everyone who races, by the head of the column; `peers`: those from outside PyTorch too."""
    asked = experiment(cell, hidden, T)
    batches = Batches.of(asked.task, BATCH)
    racing = {"ours": ours(asked)}
    if peers:
        racing["ours, silent"] = silent(asked)
    racing["plain PyTorch"] = plain_loop(asked, batches)
    if peers:
        racing["JAX + optax"] = jax_loop(asked, batches)
        racing["Keras on JAX"] = keras_fit(asked, batches)
    if torch.cuda.is_available():
        racing["ours, GPU"] = ours(experiment(cell, hidden, T, "cuda"))
        racing["plain PyTorch, GPU"] = plain_loop(asked, batches, "cuda")
    return racing


def measured(racing: dict[str, Side], rounds: int, seconds: float) -> dict[str, list[float]]:
    """Steps per second of each side in each round, after a first round that does not count.

    In another order each time: whoever comes behind a peer finds the machine as that has left it.
    """
    found: dict[str, list[float]] = {name: [] for name in racing}
    order, draw = list(racing), random.Random(0)
    gc.freeze()  # as the app's workers do: nobody pays for clearing up what the peers have loaded
    for turn in range(rounds + 1):
        draw.shuffle(order)
        for name in order:
            speed = racing[name](seconds if turn else seconds / 4)
            if turn:
                found[name].append(speed)
    return found


def ratio(ours: list[float], theirs: list[float]) -> str:
    """How much faster ours is: the median over the rounds, and where the middle half of them is."""
    each = [a / b for a, b in zip(ours, theirs, strict=True)]
    low, middle, high = statistics.quantiles(each, n=4, method="inclusive")
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
    given = parser.parse_args()
    torch.set_num_threads(1)
    heads: list[str] = []
    for cell in given.cells:
        for hidden in given.hidden:
            for T in given.steps:
                racing = sides(cell, hidden, T, peers=not given.torch_only)
                found = measured(racing, given.rounds, given.seconds)
                if not heads:
                    heads = list(found)
                    others = [name for name in heads[1:] if not name.endswith("GPU")]
                    peers = [f"ours : {name}" for name in others]
                    head = ["cell", "H", "T", *(f"{name}, steps/s" for name in heads), *peers]
                    print("| " + " | ".join(head) + " |")
                    print("|" + "---|" * len(head))
                speeds = [f"{statistics.median(found[name]):.0f}" for name in heads]
                ratios = [ratio(found["ours"], found[name]) for name in others]
                print("| " + " | ".join([cell, str(hidden), str(T), *speeds, *ratios]) + " |")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
