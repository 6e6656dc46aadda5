"""How much longer a page of runs takes with 10,000 runs in the store than with 100.

    python -m benchmarks.store

Two stores, about 40 history rows per run, queried in turn, so that other load affects both. For
each query: the runs on the page (50 where there are as many), the median time in milliseconds, and
the median of the ratios; only queries that fill both pages compare like with like. Then what it
costs to queue what six trainers report in 0.4 s, and to make it durable.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rnnviz.store import SORTS, Bundle, Query, Store

FEW, MANY, ROWS, TIMES = 100, 10_000, 40, 15
TASKS = ("intents", "hello", "delayed_recall", "adding", "surnames", "weather")
CELLS = ("rnn", "gru", "lstm")
NOTES = ("", "", "", "too slow", "the one for the lecture", "기울기 소실 예시")


def random_run(generator: random.Random, number: int) -> Bundle:
    """A finished run as training leaves it, about 2 kB of settings and results included."""
    experiment = {
        "task": {"name": generator.choice(TASKS), "lag": 20, "symbols": 4},
        "model": {
            "cell": generator.choice(CELLS),
            "hidden": generator.choice((8, 16, 64)),
            "layers": 1,
        },
        "optimiser": {
            "lr": generator.choice((0.01, 0.001)),
            "clip": None,
            "batch": 32,
            "steps": 1000,
        },
        "seed": generator.randrange(10),
        "device": "cpu",
    }
    history = tuple(row(generator, step) for step in range(0, 25 * ROWS, 25))
    result = {"step": 1000, "shares": [generator.random() for _ in range(100)]}
    facts = {"parameters": generator.randrange(100, 50_000), "versions": {"torch": "2.13.0"}}
    return Bundle(
        experiment,
        facts,
        "finished",
        f"run {number}",
        generator.choice(NOTES),
        None,
        result,
        history,
    )


def row(generator: random.Random, step: int) -> dict[str, Any]:
    """A history row."""
    values = {name: generator.random() for name in ("loss", "train_metric", "norm")}
    validation = generator.random() if step % 125 == 0 else None
    values |= {"seconds": step / 300, "lr": 0.01}
    return {"step": step, **values, "validation_metric": validation}


def store_with_runs(folder: Path, runs: int) -> Store:
    """A store with this many runs."""
    store, generator = Store(folder), random.Random(0)
    for number in range(runs):
        store.put(random_run(generator, number))
    return store


def queries() -> Iterator[tuple[str, Query]]:
    """The queries of the page, each with its name in the table."""
    for sort in SORTS:
        yield f"sorted by {sort}", Query(sort=sort)
    yield "sorted by loss, ascending", Query(sort="loss", descending=False)
    yield "searched, all match", Query(search="run")
    yield "searched by name", Query(search="run 7")
    yield "searched by task", Query(search="weather")
    yield "searched by note", Query(search="lecture", sort="validation_metric")
    yield "searched, two words", Query(search="lstm 소실", sort="name")
    yield "searched, none matches", Query(search="nowhere")
    yield "one task", Query(task="adding")


def query_time(store: Store, query: Query) -> float:
    """Milliseconds for one page of runs."""
    start = time.perf_counter()
    store.runs(query)
    return 1e3 * (time.perf_counter() - start)


def write_times(
    store: Store, runs: list[str], generator: random.Random, step: int
) -> tuple[float, float]:
    """Milliseconds to queue what six trainers report in 0.4 s, and to make it durable."""
    start = time.perf_counter()
    for run in runs:
        store.append(run, [row(generator, step + offset) for offset in range(4)])
        store.save_step(run, step, bytes(20_000), {"norms": [0.5] * 50})
        store.save_checkpoint(run, step, bytes(60_000))
    queued = time.perf_counter()
    store.flush()
    return 1e3 * (queued - start), 1e3 * (time.perf_counter() - queued)


def main() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        few, many = (store_with_runs(Path(folder) / str(runs), runs) for runs in (FEW, MANY))
        print(f"{FEW + MANY} runs stored one by one in {time.perf_counter() - start:.0f} s")
        print(f"{'a page of runs':28} {FEW:>17} {MANY:>17}   ratio")
        for name, query in queries():
            query_time(few, query), query_time(many, query)
            pairs = [(query_time(few, query), query_time(many, query)) for _ in range(TIMES)]
            small, large = (statistics.median(times) for times in zip(*pairs, strict=True))
            ratio = statistics.median(large / small for small, large in pairs)
            counts = [len(store.runs(query).rows) for store in (few, many)]
            print(
                f"{name:28} {counts[0]:3} in {small:5.2f} ms   {counts[1]:3} in {large:5.2f} ms"
                f" {ratio:7.2f}"
            )
        generator, runs = random.Random(1), [f"live {number}" for number in range(6)]
        for run in runs:
            many.begin(run, race="live", experiment=random_run(generator, 0).experiment, facts={})
        costs = [write_times(many, runs, generator, 4 * turn) for turn in range(50)]
        queueing, flushing = (statistics.median(times) for times in zip(*costs, strict=True))
        print(f"six trainers, 0.4 s: {queueing:.2f} ms to queue, {flushing:.2f} ms to flush")
        few.close()
        many.close()


if __name__ == "__main__":
    main()
