"""The experiments behind the pages that show a trained model at once."""

from rnnviz.model import CellName, ModelSpec
from rnnviz.tasks import Hello, Intents
from rnnviz.training.experiment import Experiment, Optimiser

SHORT = 40
"""Characters up to which a text is short."""


def intent_experiment(
    cell: CellName, hidden: int = 16, layers: int = 1, seed: int = 0
) -> Experiment:
    """Sentences to intents, word by word."""
    spec = ModelSpec(cell=cell, hidden=hidden, layers=layers)
    optimiser = Optimiser(lr=0.02, clip=1.0, batch=32, steps=500, stop_below=0.02)
    return Experiment(Intents(), spec, optimiser, seed)


def text_experiment(
    text: str, cell: CellName, hidden: int = 16, layers: int = 1, seed: int = 0
) -> Experiment:
    """One text learnt by heart, character by character.

    Raises:
        Problem: the text is empty or has one character only.
    """
    spec = ModelSpec(cell=cell, hidden=hidden, layers=layers, embedding="one-hot")
    task = Hello(text)
    # Few units need more steps, a long text makes each of them slow.
    steps = 1200 if len(task.example().tokens) <= SHORT else 400
    optimiser = Optimiser(lr=0.02, clip=1.0, batch=1, steps=steps, stop_below=0.02)
    return Experiment(task, spec, optimiser, seed)
