"""How much longer a page of runs takes with 10,000 runs in the store than with 100.

    python -m benchmarks.store

Two stores, about 40 rows of history per run, asked in turn, so that a busy machine troubles both:
for each kind of question the runs on the page (50 where there are as many), the median time in
milliseconds, and the median of the ratios; only questions that fill both pages compare like with
like. Then what it costs to tell what six trainers say in 0.4 s, and to make it durable.
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


def a_run(draw: random.Random, number: int) -> Bundle:
    """A finished run as training leaves it, about 2 kB of settings and results included."""
    experiment = {
        "task": {"name": draw.choice(TASKS), "lag": 20, "symbols": 4},
        "model": {"cell": draw.choice(CELLS), "hidden": draw.choice((8, 16, 64)), "layers": 1},
        "optimiser": {"lr": draw.choice((0.01, 0.001)), "clip": None, "batch": 32, "steps": 1000},
        "seed": draw.randrange(10),
        "device": "cpu",
    }
    history = tuple(row(draw, step) for step in range(0, 25 * ROWS, 25))
    result = {"step": 1000, "shares": [draw.random() for _ in range(100)]}
    facts = {"parameters": draw.randrange(100, 50_000), "versions": {"torch": "2.13.0"}}
    return Bundle(
        experiment, facts, "finished", f"run {number}", draw.choice(NOTES), None, result, history
    )


def row(draw: random.Random, step: int) -> dict[str, Any]:
    """A row of history."""
    values = {name: draw.random() for name in ("loss", "metric", "norm")}
    validation = draw.random() if step % 125 == 0 else None
    return {"step": step, "seconds": step / 300, **values, "validation": validation, "lr": 0.01}


def filled(folder: Path, runs: int) -> Store:
    """A store with that many runs."""
    store, draw = Store(folder), random.Random(0)
    for number in range(runs):
        store.put(a_run(draw, number))
    return store


def questions() -> Iterator[tuple[str, Query]]:
    """What a visitor asks, and how."""
    for sort in SORTS:
        yield f"sorted by {sort}", Query(sort=sort)
    yield "sorted by loss, upwards", Query(sort="loss", descending=False)
    yield "searched, all found", Query(search="run")
    yield "searched by name", Query(search="run 7")
    yield "searched by task", Query(search="weather")
    yield "searched by note", Query(search="lecture", sort="validation")
    yield "searched, two words", Query(search="lstm 소실", sort="name")
    yield "searched, nothing there", Query(search="nowhere")
    yield "one task", Query(task="adding")


def asked(store: Store, query: Query) -> float:
    """Milliseconds until the page is there."""
    began = time.perf_counter()
    store.runs(query)
    return 1e3 * (time.perf_counter() - began)


def told(store: Store, runs: list[str], draw: random.Random, step: int) -> tuple[float, float]:
    """Milliseconds to tell what six trainers say in 0.4 s, and to make it durable."""
    began = time.perf_counter()
    for run in runs:
        store.append(run, [row(draw, step + place) for place in range(4)])
        store.moment(run, step, bytes(20_000), {"norms": [0.5] * 50})
        store.checkpoint(run, step, bytes(60_000))
    middle = time.perf_counter()
    store.flush()
    return 1e3 * (middle - began), 1e3 * (time.perf_counter() - middle)


def main() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        few, many = (filled(Path(folder) / str(runs), runs) for runs in (FEW, MANY))
        print(f"{FEW + MANY} runs stored one by one in {time.perf_counter() - began:.0f} s")
        print(f"{'a page of runs':28} {FEW:>17} {MANY:>17}   ratio")
        for name, query in questions():
            asked(few, query), asked(many, query)
            pairs = [(asked(few, query), asked(many, query)) for _ in range(TIMES)]
            small, large = (statistics.median(times) for times in zip(*pairs, strict=True))
            ratio = statistics.median(large / small for small, large in pairs)
            found = [len(store.runs(query).rows) for store in (few, many)]
            print(
                f"{name:28} {found[0]:3} in {small:5.2f} ms   {found[1]:3} in {large:5.2f} ms"
                f" {ratio:7.2f}"
            )
        draw, runs = random.Random(1), [f"live {number}" for number in range(6)]
        for run in runs:
            many.begin(run, race="live", experiment=a_run(draw, 0).experiment, facts={})
        costs = [told(many, runs, draw, 4 * turn) for turn in range(50)]
        telling, flushing = (statistics.median(times) for times in zip(*costs, strict=True))
        print(f"six trainers, 0.4 s of news: {telling:.2f} ms to tell, {flushing:.2f} ms to flush")
        few.close()
        many.close()


if __name__ == "__main__":
    main()
