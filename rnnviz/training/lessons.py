"""The experiments behind the pages that show a trained model at once."""

from rnnviz.model import ModelSpec
from rnnviz.tasks import Hello, Intents
from rnnviz.training.experiment import Experiment, Optimiser

MAX_STEPS = 1200
"""Steps of training that any text may have: few units need so many even for "hello"."""

MAX_WORK = 36_000
"""Characters times layers that are walked in all, over the steps of one training.

A step takes as long as its text and its stack of layers; so three cells are trained in about five
seconds at most, on one thread, whatever was asked for. A count and not a clock, so that equal
experiments stay equal. benchmarks/lessons.py measures it.
"""


def intent_experiment(cell: str, hidden: int = 16, layers: int = 1, seed: int = 0) -> Experiment:
    """Sentences to intents, word by word."""
    spec = ModelSpec(cell=cell, hidden=hidden, layers=layers)
    optimiser = Optimiser(lr=0.02, clip=1.0, batch=32, steps=500, stop_below=0.02)
    return Experiment(Intents(), spec, optimiser, seed)


def text_experiment(
    text: str, cell: str, hidden: int = 16, layers: int = 1, seed: int = 0
) -> Experiment:
    """One text learnt by heart, character by character; a long one gets fewer steps.

    Raises:
        Problem: the text is empty or has one character only.
    """
    spec = ModelSpec(cell=cell, hidden=hidden, layers=layers, embedding="one-hot")
    task = Hello(text)
    steps = min(MAX_STEPS, MAX_WORK // (len(task.example().tokens) * layers))
    optimiser = Optimiser(lr=0.02, clip=1.0, batch=1, steps=steps, stop_below=0.02)
    return Experiment(task, spec, optimiser, seed)
