"""The experiments behind the pages that show a trained model immediately."""

from typing import Literal

from rnnviz.model import ModelSpec
from rnnviz.tasks import Hello, Intents
from rnnviz.training.experiment import Experiment, Optimiser

MAX_STEPS = 1200
"""The most training steps that a text gets: few units need so many even for "hello"."""

MAX_WORK = 36_000
"""The most characters times layers that are processed over all steps of one training.

A step takes time in proportion to the length of its text and the number of layers; so three cells
are trained in about five seconds at most, on one thread, whatever the visitor enters. A count and
not a clock, so that equal experiments stay equal. benchmarks/lessons.py measures it.
"""


def intent_experiment(
    cell: str,
    hidden: int = 16,
    layers: int = 1,
    seed: int = 0,
    language: Literal["en", "ko"] = "en",
) -> Experiment:
    """Classify sentences of one language by their intent, word by word."""
    spec = ModelSpec(cell=cell, hidden=hidden, layers=layers)
    optimiser = Optimiser(lr=0.02, clip=1.0, batch=32, steps=500, stop_below=0.02)
    return Experiment(Intents(language=language), spec, optimiser, seed)


def text_experiment(
    text: str, cell: str, hidden: int = 16, layers: int = 1, seed: int = 0
) -> Experiment:
    """Memorise one text, character by character; a long one gets fewer steps.

    Raises:
        Problem: the text is empty or has one character only.
    """
    spec = ModelSpec(cell=cell, hidden=hidden, layers=layers, embedding="one-hot")
    task = Hello(text)
    steps = min(MAX_STEPS, MAX_WORK // (len(task.example().tokens) * layers))
    optimiser = Optimiser(lr=0.02, clip=1.0, batch=1, steps=steps, stop_below=0.02)
    return Experiment(task, spec, optimiser, seed)
