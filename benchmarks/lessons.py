"""How long the lessons train and how well.

    python -m benchmarks.lessons

One line per lesson, cell and size: seconds (median and slowest of the seeds), the metric on
held-out examples (on the text itself for "hello"), and how often the page's own example is answered
rightly.
"""

import statistics
import time

import torch

from rnnviz.model import LAYERS
from rnnviz.training import Experiment, Trainer, intent_experiment, text_experiment

SEEDS = range(5)


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


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    print("lesson   cell  H   median s  slowest s  metric  example right")
    for hidden in (2, 4, 8, 16, 64):
        for cell in LAYERS:
            for lesson in ("intents", "hello"):
                found = [
                    run(
                        intent_experiment(cell, hidden, seed=seed)  # type: ignore[arg-type]
                        if lesson == "intents"
                        else text_experiment("hello", cell, hidden, seed=seed)  # type: ignore[arg-type]
                    )
                    for seed in SEEDS
                ]
                seconds, metrics, right = zip(*found, strict=True)
                print(
                    f"{lesson:8} {cell:5} {hidden:<3} {statistics.median(seconds):8.2f}"
                    f"  {max(seconds):9.2f}  {statistics.mean(metrics):6.3f}"
                    f"  {sum(right)} of {len(right)}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
