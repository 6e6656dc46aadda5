"""How long the lessons train and how well.

    python -m benchmarks.lessons

One line per lesson, layers, units and cell: seconds (median and slowest of the seeds), the metric
on held-out examples (on the text itself for texts by character), and how often the page's own
example is answered wholly right. Then what a visitor waits for all three cells. The long texts are
of two letters in random order, which takes every step that a lesson may have.
"""

import random
import statistics
import time
from collections.abc import Iterator

import torch

from rnnviz.model import LAYERS
from rnnviz.training import Experiment, Trainer, intent_experiment, text_experiment


def of_two_letters(length: int) -> str:
    """The same random text every time."""
    return "".join(random.Random(0).choices("ab", k=length))


TEXTS = {"hello": "hello", "40 letters": of_two_letters(40), "200 letters": of_two_letters(200)}


def run(experiment: Experiment) -> tuple[float, float, bool]:
    """Seconds, metric on the test split, and whether the example is answered rightly."""
    began = time.perf_counter()
    trainer = Trainer(experiment)
    while not trainer.done:
        trainer.advance()
    seconds = time.perf_counter() - began
    task, model = experiment.task, trainer.model
    held_out = task.batch(1000, torch.Generator().manual_seed(1), "test")
    example = task.example().batch
    with torch.no_grad():
        metric = task.metric(model(held_out.inputs, held_out.lengths), held_out)
        right = task.metric(model(example.inputs, example.lengths), example) == 1
    return seconds, metric, right


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
    print("lesson       L  H   cell  median s  slowest s  metric  example right")
    for name, layers, hidden, seeds in lessons():
        waited = [0.0] * len(seeds)
        for cell in LAYERS:
            found = [
                run(
                    intent_experiment(cell, hidden, layers, seed)
                    if name == "intents"
                    else text_experiment(TEXTS[name], cell, hidden, layers, seed)
                )
                for seed in seeds
            ]
            seconds, metrics, right = zip(*found, strict=True)
            waited = [sum(both) for both in zip(waited, seconds, strict=True)]
            print(
                f"{name:12} {layers}  {hidden:<3} {cell:5} {statistics.median(seconds):8.2f}"
                f"  {max(seconds):9.2f}  {statistics.mean(metrics):6.3f}"
                f"  {sum(right)} of {len(right)}",
                flush=True,
            )
        print(f"{name:12} {layers}  {hidden:<3} all   {statistics.median(waited):8.2f}", end="")
        print(f"  {max(waited):9.2f}", flush=True)


if __name__ == "__main__":
    main()
