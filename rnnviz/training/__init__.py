"""Training: what decides a run, the loop that runs it, and the experiments of the lessons."""

from rnnviz.training.experiment import Experiment, Optimiser
from rnnviz.training.lessons import intent_experiment, text_experiment
from rnnviz.training.trainer import Control, Snapshot, Trainer, fit, train

__all__ = [
    "Control",
    "Experiment",
    "Optimiser",
    "Snapshot",
    "Trainer",
    "fit",
    "intent_experiment",
    "text_experiment",
    "train",
]
