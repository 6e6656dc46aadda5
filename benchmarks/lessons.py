"""How long the lessons train, and how well.

    python -m benchmarks.lessons

One line per lesson, layers, units and cell: seconds (median and slowest of the seeds), the test
metric (on the text itself for texts by character), and how often the example of the page is
answered without a mistake. Then how long a visitor waits for all three cells. The long texts have
two letters in random order, which takes every training step that a lesson may have.
"""

import random
import statistics
import time
from collections.abc import Iterator

import torch

from rnnviz.names import FIRST_CELLS
from rnnviz.training import Experiment, Trainer, intent_experiment, text_experiment


def two_letter_text(length: int) -> str:
    """The same random text every time."""
    return "".join(random.Random(0).choices("ab", k=length))


TEXTS = {"hello": "hello", "40 letters": two_letter_text(40), "200 letters": two_letter_text(200)}


def run(experiment: Experiment) -> tuple[float, float, bool]:
    """Train; return seconds, the test metric, and whether the example is answered correctly."""
    start = time.perf_counter()
    trainer = Trainer(experiment)
    while not trainer.done:
        trainer.advance()
    seconds = time.perf_counter() - start
    task, model = experiment.task, trainer.model
    test = task.batch(1000, torch.Generator().manual_seed(1), "test")
    example = task.example().batch
    with torch.no_grad():
        metric = task.metric(model(test.inputs, test.lengths), test)
        correct = task.metric(model(example.inputs, example.lengths), example) == 1
    return seconds, metric, correct


def lessons() -> Iterator[tuple[str, int, int, range]]:
    """Name, layers, hidden units, seeds."""
    for hidden in (2, 4, 8, 16, 64):
        yield "intents", 1, hidden, range(5)
        yield "hello", 1, hidden, range(5)
    yield "intents", 2, 64, range(2)
    yield "hello", 2, 64, range(2)
    for name in ("40 letters", "200 letters"):
        for layers in (1, 2):
            for hidden in (16, 64):
                yield name, layers, hidden, range(2)


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    print("lesson       L  H   cell  median s  slowest s  metric  example correct")
    for name, layers, hidden, seeds in lessons():
        waits = [0.0] * len(seeds)
        for cell in FIRST_CELLS:
            results = [
                run(
                    intent_experiment(cell, hidden, layers, seed)
                    if name == "intents"
                    else text_experiment(TEXTS[name], cell, hidden, layers, seed)
                )
                for seed in seeds
            ]
            seconds, metrics, correct = zip(*results, strict=True)
            waits = [sum(pair) for pair in zip(waits, seconds, strict=True)]
            print(
                f"{name:12} {layers}  {hidden:<3} {cell:5} {statistics.median(seconds):8.2f}"
                f"  {max(seconds):9.2f}  {statistics.mean(metrics):6.3f}"
                f"  {sum(correct)} of {len(correct)}",
                flush=True,
            )
        print(f"{name:12} {layers}  {hidden:<3} all   {statistics.median(waits):8.2f}", end="")
        print(f"  {max(waits):9.2f}", flush=True)


if __name__ == "__main__":
    main()
